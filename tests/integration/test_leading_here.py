# SPDX-License-Identifier: GPL-3.0-or-later
"""A destination that is this Orthanc: what is sent there comes in again, and must not go round for ever."""

import io
from collections.abc import Callable

import pytest
from pydicom import FileDataset, dcmread

from integration.conftest import StoreSettings
from samples import make_image, unique
from servers.orthanc import PASSWORD, USERNAME, OrthancServer
from servers.router import Json, RouterClient, patient
from servers.sender import send
from servers.waiting import wait_until

LOGIN = {"username": USERNAME, "password": PASSWORD}
CHANGED: Json = {"uids": "regenerate", "replace": {"SeriesDescription": "Changed"}}


@pytest.fixture(scope="module")
def store() -> StoreSettings:
    """What comes in again is the same on both."""
    return StoreSettings("sqlite")


def by_dicom(orthanc: OrthancServer) -> Json:
    return {"kind": "dicom", "settings": {"aet": "ORTHANC", "host": "localhost", "port": orthanc.dicom_port}}


def by_modality(orthanc: OrthancServer) -> Json:
    alias = unique("self")
    node = {"AET": "ORTHANC", "Host": "127.0.0.1", "Port": orthanc.dicom_port}
    orthanc.rest.request("PUT", f"/modalities/{alias}", json=node)
    return {"kind": "dicom", "settings": {"modality": alias}}


def by_url(orthanc: OrthancServer) -> Json:
    return {"kind": "peer", "settings": {"url": f"http://localhost:{orthanc.http_port}", **LOGIN}}


def by_peer(orthanc: OrthancServer) -> Json:
    alias = unique("self")
    peer = {"Url": f"{orthanc.url}/", "Username": USERNAME, "Password": PASSWORD}
    orthanc.rest.request("PUT", f"/peers/{alias}", json=peer)
    return {"kind": "peer", "settings": {"peer": alias}}


def by_dicomweb(orthanc: OrthancServer) -> Json:
    return {"kind": "dicomweb", "settings": {"url": f"{orthanc.url}/dicom-web", **LOGIN}}


def by_dicomweb_server(orthanc: OrthancServer) -> Json:
    alias = unique("self")
    server = {"Url": f"{orthanc.url}/dicom-web/", "Username": USERNAME, "Password": PASSWORD}
    orthanc.rest.request("PUT", f"/dicom-web/servers/{alias}", json=server)
    return {"kind": "dicomweb", "settings": {"server": alias}}


WAYS = [by_dicom, by_modality, by_url, by_peer, by_dicomweb, by_dicomweb_server]


def here(router: RouterClient, orthanc: OrthancServer, way: Callable[[OrthancServer], Json]) -> Json:
    """A destination that leads to where it is."""
    return router.post("/destinations", {"name": unique("Here "), **way(orthanc)})


def forwarding(router: RouterClient, rule: Json, destination: Json, transform: Json | None) -> Json:
    action = {"type": "forward", "destination": destination["id"], "transform": transform}
    return router.policy(unique("Policy "), rule, actions=[action])


def stored_of(orthanc: OrthancServer, someone: str) -> list[FileDataset]:
    found = orthanc.rest.post("/tools/find", {"Level": "Instance", "Query": {"PatientID": someone}})
    return [dcmread(io.BytesIO(orthanc.dicom(instance))) for instance in found]


def wait_until_quiet(orthanc: OrthancServer, router: RouterClient) -> None:
    """Wait until all that has come in has been looked at, and nothing is left to do."""

    def is_quiet() -> bool:
        before = orthanc.rest.get("/changes", last="")["Last"]
        router.wait_until_caught_up(before)
        open_ones = [one for state in ("waiting", "running") for one in router.deliveries(state=state)]
        return not open_ones and orthanc.rest.get("/changes", last="")["Last"] == before

    wait_until(is_quiet, 30, "it goes round and round")


@pytest.mark.parametrize("way", [way for way in WAYS if way is not by_dicomweb_server])
def test_what_comes_in_again_is_known_for_what_it_is(
    orthanc: OrthancServer, router: RouterClient, way: Callable[[OrthancServer], Json]
) -> None:
    someone = unique("PAT")
    policy = forwarding(router, patient(someone), here(router, orthanc, way), CHANGED)
    assert "leads_here" in [one["code"] for one in policy["warnings"]]
    image = make_image(PatientID=someone)
    send(orthanc.dicom_port, [image])
    router.wait_until_delivered(1, policy=policy["id"])
    wait_until_quiet(orthanc, router)
    [delivery] = router.deliveries(policy=policy["id"])
    [result] = [one for one in stored_of(orthanc, someone) if one.SOPInstanceUID != image.SOPInstanceUID]
    assert result.SeriesDescription == "Changed"
    [instance] = orthanc.rest.post(
        "/tools/find", {"Level": "Instance", "Query": {"SOPInstanceUID": result.SOPInstanceUID}}
    )
    [edge] = router.get(f"/lineage/instances/{instance}")["sources"]
    assert edge["delivery"] == delivery["id"]
    assert policy["id"] in orthanc.rest.text(f"/instances/{instance}/metadata/4801")


def test_policies_in_a_circle_come_to_an_end(orthanc: OrthancServer, router: RouterClient) -> None:
    someone = unique("PAT")
    destination = here(router, orthanc, by_dicom)
    rule = {"tag": "PatientID", "operator": "starts_with", "value": someone}
    policies = [
        forwarding(router, rule, destination, {"replace": {"PatientID": "{{ PatientID }}" + letter}})
        for letter in "ab"
    ]
    assert {"cycle", "leads_here"} == {one["code"] for one in policies[1]["warnings"]} - {"same_place"}
    send(orthanc.dicom_port, [make_image(PatientID=someone)])
    for policy in policies:
        router.wait_until_delivered(2, policy=policy["id"])
    wait_until_quiet(orthanc, router)
    made = sorted(one.PatientID.removeprefix(someone) for one in stored_of(orthanc, f"{someone}*"))
    assert made == ["", "a", "ab", "b", "ba"]


def test_a_change_that_would_take_the_place_of_its_original_is_refused(
    orthanc: OrthancServer, router: RouterClient
) -> None:
    someone = unique("PAT")
    keeping = {"uids": "keep", "replace": {"SeriesDescription": "Changed"}}
    policy = forwarding(router, patient(someone), here(router, orthanc, by_dicom), keeping)
    send(orthanc.dicom_port, [make_image(PatientID=someone)])
    [failed] = router.wait_for_deliveries(
        lambda found: [one["state"] for one in found] == ["failed"], policy=policy["id"]
    )
    [attempt] = failed["attempts"]
    assert "regenerate the UIDs" in attempt["error"]


@pytest.mark.parametrize("way", WAYS)
def test_what_is_here_already_is_not_new(
    orthanc: OrthancServer, router: RouterClient, way: Callable[[OrthancServer], Json]
) -> None:
    someone = unique("PAT")
    policy = forwarding(router, patient(someone), here(router, orthanc, way), None)
    [warning] = policy["warnings"]
    assert warning["code"] == "leads_here"
    assert "are here already" in warning["message"]
    send(orthanc.dicom_port, [make_image(PatientID=someone)])
    router.wait_until_delivered(1, policy=policy["id"])
    wait_until_quiet(orthanc, router)
    assert len(router.deliveries(policy=policy["id"])) == 1
    assert len(stored_of(orthanc, someone)) == 1


@pytest.mark.parametrize("way", [by_dicom, by_url])
def test_nor_where_orthanc_overwrites(
    own_orthanc: OrthancServer, way: Callable[[OrthancServer], Json]
) -> None:
    own_orthanc.configuration["OverwriteInstances"] = True
    router = RouterClient(own_orthanc.start().rest)
    policy = forwarding(router, patient("SOMEONE"), here(router, own_orthanc, way), None)
    send(own_orthanc.dicom_port, [make_image(PatientID="SOMEONE")])
    router.wait_until_delivered(1, policy=policy["id"])
    wait_until_quiet(own_orthanc, router)
    # Once more at the most, where Orthanc has written the file in its own way.
    assert len(router.deliveries(policy=policy["id"])) <= 2
