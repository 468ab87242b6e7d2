# SPDX-License-Identifier: GPL-3.0-or-later
"""One image to destinations of every kind that takes images, through the whole router."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from integration.conftest import StoreSettings
from samples import file_bytes, make_image, make_series, uids, unique
from servers.node import OUT_OF_RESOURCES, Node
from servers.orthanc import PASSWORD, USERNAME, OrthancServer
from servers.process import free_port
from servers.router import FINISHED, Json, RouterClient, patient
from servers.sshd import Sshd
from servers.storescp import StoreScp
from servers.tls_files import TlsFiles

EAGER = {"attempts": 100, "initial_seconds": 0.1, "max_seconds": 0.3}
LOGIN = {"username": USERNAME, "password": PASSWORD}


@pytest.fixture(scope="module")
def store() -> StoreSettings:
    """What destinations do does not depend on the store."""
    return StoreSettings("sqlite")


@pytest.fixture
def there(tmp_path: Path) -> Iterator[OrthancServer]:
    """Another Orthanc."""
    with OrthancServer(tmp_path / "there", plugin=False, aet="THERE") as server:
        yield server


@pytest.fixture(scope="module")
def sshd(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Sshd]:
    with Sshd(tmp_path_factory.mktemp("sshd")) as server:
        yield server


def make(router: RouterClient, kind: str, **settings: object) -> Json:
    document = {"name": unique(f"{kind} "), "kind": kind, "settings": settings, "retry": EAGER}
    return router.post("/destinations", document)


def all_done(found: list[Json]) -> bool:
    """Whether deliveries stand for four instances, and nothing more will happen to them."""
    return sum(one["instances"] for one in found) == 4 and all(one["state"] in FINISHED for one in found)


def exported(orthanc: OrthancServer) -> set[str]:
    return {path.stem for path in (orthanc.folder / "export").rglob("*.dcm")}


def test_every_kind_gets_every_image_and_one_that_is_away_delays_no_other(
    orthanc: OrthancServer, router: RouterClient, there: OrthancServer, sshd: Sshd, node: Node
) -> None:
    someone = unique()
    images = make_series(5, PatientID=someone)
    fetched = router.post("/destinations/host-key", {"host": sshd.host, "port": sshd.port})
    assert fetched["host_key"] == sshd.host_key
    assert fetched["fingerprint"].startswith("SHA256:")
    sftp = {"host": sshd.host, "port": sshd.port, "username": sshd.username, "host_key": fetched["host_key"]}
    destinations = [
        make(router, "folder", path="{{ PatientID }}/{{ Modality }}"),
        make(router, "sftp", **sftp, private_key=sshd.authorize(), path="{{ PatientID }}"),
        make(router, "peer", url=there.url, **LOGIN),
        make(router, "dicomweb", url=f"{there.url}/dicom-web", **LOGIN),
        make(router, "dicom", aet=node.aet, host=node.host, port=node.port),
    ]
    for destination in destinations:
        tested = router.post(f"/destinations/{destination['id']}/test")
        assert tested["ok"], tested
    policy = router.policy(unique("All "), patient(someone), *destinations)

    there.stop()
    for image in images:
        orthanc.rest.upload(file_bytes(image))
    wanted = set(uids(images))
    here = [one["id"] for one in destinations if one["kind"] in {"folder", "sftp", "dicom"}]
    for destination in here:
        router.wait_until_delivered(5, policy=policy["id"], destination=destination)
    assert set(node.accepted()) == wanted
    assert exported(orthanc) >= wanted
    assert {path.stem for path in (sshd.files / someone).iterdir()} == wanted

    there.start()
    router.wait_until_delivered(25, policy=policy["id"])
    assert there.sop_instance_uids() == wanted


def test_a_node_is_called_by_tls_whoever_sends(tmp_path: Path, router: RouterClient) -> None:
    files = TlsFiles(tmp_path)
    options = {
        "DicomTlsCertificate": str(files.certificate),
        "DicomTlsPrivateKey": str(files.key),
        "DicomTlsTrustedCertificates": str(files.authority),
    }
    images, changed = make_series(3, PatientID="SOMEONE"), make_series(1, PatientID="CHANGED")
    with (
        StoreScp(tmp_path / "node", "NODE", *files.of_storescp) as scp,
        OrthancServer(tmp_path / "orthanc", options=options) as orthanc,
    ):
        sending = RouterClient(orthanc.rest)
        address: Json = {"aet": scp.aet, "host": "127.0.0.1", "port": scp.port}
        draft: Json = {"name": "By TLS", "kind": "dicom", "settings": {**address, "tls": True}}
        node = sending.post("/destinations", draft)
        assert sending.post(f"/destinations/{node['id']}/test")["ok"]
        assert sending.post(f"/destinations/{node['id']}/test-image")["ok"]
        # By Orthanc's own C-STORE, and by the router's.
        trigger = {"level": "study", "quiet_seconds": 1}
        sending.policy("As they are", patient("SOMEONE"), node, trigger=trigger)
        action = {"type": "forward", "destination": node["id"], "transform": {"remove": ["PatientAge"]}}
        sending.policy("Changed", patient("CHANGED"), actions=[action])
        for image in (*images, *changed):
            orthanc.rest.upload(file_bytes(image))
        scp.wait_for([*uids(images), *uids(changed)])
        # It is no entry of ours that somebody has changed.
        assert sending.get("/health")["problems"] == []
        told = sending.post("/destinations/test", {**draft, "id": node["id"], "settings": address})
        assert not told["ok"]
    response = router.rest.request("POST", "/router/destinations", json=draft)
    [detail] = response.json()["error"]["details"]
    assert (response.status_code, detail["path"]) == (422, "settings.tls")
    assert "lacks DicomTlsCertificate, DicomTlsPrivateKey, DicomTlsTrustedCertificates" in detail["message"]


def test_a_test_image_arrives_everywhere_as_a_delivery_would(
    orthanc: OrthancServer, router: RouterClient, there: OrthancServer, sshd: Sshd, node: Node
) -> None:
    place = {"host": sshd.host, "port": sshd.port, "username": sshd.username, "host_key": sshd.host_key}
    before = orthanc.sop_instance_uids()

    def sent_to(kind: str, **settings: object) -> str:
        """The SOP Instance UID of what a destination of the kind was sent, first as a draft."""
        draft = {"name": unique(f"{kind} "), "kind": kind, "settings": settings}
        assert router.post("/destinations/test-image", draft)["ok"]
        made = router.post("/destinations", draft)
        told = router.post(f"/destinations/{made['id']}/test-image")
        assert told["ok"], told
        assert "patient ROUTER-TEST" in told["detail"]
        return str(told["detail"].rpartition(" ")[2].rstrip(")."))

    folder = sent_to("folder", path="{{ PatientID }}/{{ Modality }}")
    assert folder in {path.stem for path in (orthanc.folder / "export" / "ROUTER-TEST" / "OT").iterdir()}
    sftp = sent_to("sftp", **place, private_key=sshd.authorize(), path="{{ PatientID }}")
    assert sftp in {path.stem for path in (sshd.files / "ROUTER-TEST").iterdir()}
    peer = sent_to("peer", url=there.url, **LOGIN)
    dicomweb = sent_to("dicomweb", url=f"{there.url}/dicom-web", **LOGIN)
    assert {peer, dicomweb} <= there.sop_instance_uids()
    dicom = sent_to("dicom", aet=node.aet, host=node.host, port=node.port, local_aet="CALLER")
    assert dicom in node.accepted()
    assert {arrival.calling_aet for arrival in node.arrivals} == {"CALLER"}
    assert orthanc.sop_instance_uids() == before


def test_a_test_image_that_is_not_taken(router: RouterClient) -> None:
    with Node(unique("NODE"), lambda _event, _request: OUT_OF_RESOURCES) as node:
        made = make(router, "dicom", aet=node.aet, host=node.host, port=node.port)
        told = router.post(f"/destinations/{made['id']}/test-image")
    assert not told["ok"]
    assert "A700" in told["detail"]
    [entry, *_] = router.get("/audit", event="destination.tested")["items"]
    assert entry["detail"] == "a test image was sent"
    assert entry["object"]["id"] == made["id"]


def test_what_takes_no_images_is_sent_no_test_image(router: RouterClient) -> None:
    draft = {"name": unique("Mail "), "kind": "http", "settings": {"url": "http://127.0.0.1:9/"}}
    response = router.rest.request("POST", "/router/destinations/test-image", json=draft)
    [detail] = response.json()["error"]["details"]
    assert (response.status_code, detail["path"]) == (422, "kind")


def test_a_poisonous_image_does_not_keep_the_rest_of_its_batch(
    orthanc: OrthancServer, router: RouterClient, sshd: Sshd
) -> None:
    someone = unique()
    poison, *images = make_series(4, PatientID=someone)
    in_the_way = sshd.files / someone / f"{poison.SOPInstanceUID}.dcm"
    in_the_way.mkdir(parents=True)
    destination = router.post(
        "/destinations",
        {
            "name": unique("SFTP "),
            "kind": "sftp",
            "settings": {
                "host": sshd.host,
                "port": sshd.port,
                "username": sshd.username,
                "host_key": sshd.host_key,
                "private_key": sshd.authorize(),
                "path": "{{ PatientID }}",
            },
            "retry": {"attempts": 1, "initial_seconds": 1, "max_seconds": 1},
        },
    )
    policy = router.policy(unique("All "), patient(someone), destination)
    for image in (poison, *images):
        orthanc.rest.upload(file_bytes(image))
    router.wait_for_deliveries(
        all_done,
        policy=policy["id"],
    )
    [failed] = router.deliveries(policy=policy["id"], state="failed")
    assert failed["remaining"] == 1
    assert "A folder is where its file should be" in failed["attempts"][-1]["error"]
    assert {path.stem for path in (sshd.files / someone).iterdir() if path.is_file()} == set(uids(images))


def test_a_host_key_that_cannot_be_fetched(router: RouterClient) -> None:
    response = router.rest.request(
        "POST", "/router/destinations/host-key", json={"host": "127.0.0.1", "port": free_port()}
    )
    assert response.status_code == 422
    [detail] = response.json()["error"]["details"]
    assert detail["path"] == "host"
    assert "cannot be reached" in detail["message"]
    response = router.rest.request("POST", "/router/destinations/host-key", json={"port": 22})
    assert response.status_code == 422


def test_a_folder_outside_the_allowed_ones(router: RouterClient) -> None:
    draft = {"name": unique("Folder "), "kind": "folder", "settings": {"path": "/etc/{{ PatientID }}"}}
    response = router.rest.request("POST", "/router/destinations", json=draft)
    assert response.status_code == 422
    [detail] = response.json()["error"]["details"]
    assert detail["path"] == "settings.path"
    assert "FolderRoots" in detail["message"]


def test_a_template_with_an_unknown_tag_is_refused_with_a_suggestion(router: RouterClient) -> None:
    draft = {"name": unique("Folder "), "kind": "folder", "settings": {"path": "{{ PatientNam }}"}}
    response = router.rest.request("POST", "/router/destinations/test", json=draft)
    [detail] = response.json()["error"]["details"]
    assert (response.status_code, detail["path"]) == (422, "settings.path")
    assert "did you mean PatientName" in detail["message"]


def test_secrets_work_after_a_restart_and_a_lost_key_is_told(
    own_orthanc: OrthancServer, there: OrthancServer
) -> None:
    own_orthanc.start()
    router = RouterClient(own_orthanc.rest)
    login = {"url": there.url, "username": USERNAME, "password": PASSWORD}
    retry = {"attempts": 50, "initial_seconds": 0.2, "max_seconds": 0.5}
    destination = router.post(
        "/destinations", {"name": "There", "kind": "peer", "settings": login, "retry": retry}
    )
    router.policy("All", patient("P1"), destination)
    own_orthanc.restart()
    own_orthanc.rest.upload(file_bytes(make_image(PatientID="P1")))
    router.wait_until_delivered(1)

    key = own_orthanc.router_directory / "secret.key"
    key.rename(key.with_name("elsewhere"))
    own_orthanc.restart()
    own_orthanc.rest.upload(file_bytes(make_image(PatientID="P1")))
    [waiting] = router.wait_for_deliveries(
        lambda found: len(found) == 1 and found[0]["attempts"], state="retrying"
    )
    assert "bring it back from a backup" in waiting["attempts"][-1]["error"]
    key.with_name("elsewhere").rename(key)
    router.wait_until_delivered(2)
    assert len(there.instances()) == 2
