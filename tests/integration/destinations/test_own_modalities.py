# SPDX-License-Identifier: GPL-3.0-or-later
"""What the node of a destination may ask Orthanc for: nothing, unless somebody has allowed it."""

from collections.abc import Callable, Iterator

import pytest
from pydicom import Dataset
from pydicom.uid import UID
from pynetdicom import AE

from integration.destinations.opening import changed, opened, stored
from router.destinations.dicom.settings import DicomSettings
from router.destinations.own_modalities import OwnModalities, make_known, own_name
from router.documents.document import new_id
from router.orthanc_api import OrthancApi
from samples import make_image, unique
from servers.node import Node
from servers.orthanc import OrthancServer

#: PS3.4, annex C.
FIND, MOVE, GET = (UID(f"1.2.840.10008.5.1.4.1.2.2.{number}") for number in (1, 2, 3))

#: What a node may want of an archive, by what allows it.
REQUESTS: dict[str, tuple[UID, Callable[..., object]]] = {
    "AllowFind": (
        FIND,
        lambda node, query, model: node.send_c_find(query, model),
    ),
    "AllowGet": (
        GET,
        lambda node, query, model: node.send_c_get(query, model),
    ),
    "AllowMove": (
        MOVE,
        lambda node, query, model: node.send_c_move(query, node.ae.ae_title, model),
    ),
}


def is_answered(here: OrthancServer, aet: str, request: str, study: str) -> bool:
    """Whether Orthanc answers somebody of this AE title who asks for a study."""
    model, ask = REQUESTS[request]
    entity = AE(ae_title=aet)
    entity.add_requested_context(model)
    association = entity.associate("127.0.0.1", here.dicom_port)
    assert association.is_established
    query = Dataset()
    query.QueryRetrieveLevel = "STUDY"
    query.StudyInstanceUID = study
    try:
        statuses = [answer[0] for answer in ask(association, query, model)]  # type: ignore[attr-defined]
    finally:
        association.release()
    # Orthanc aborts the association where it refuses; a request that fails later has a status.
    return any("Status" in status for status in statuses)


def settings_of(node: Node) -> dict[str, object]:
    return {"aet": node.aet, "host": node.host, "port": node.port}


@pytest.mark.parametrize("request_", REQUESTS)
@pytest.mark.parametrize("is_stored", [True, False])
def test_a_node_gets_nothing_by_being_a_destination(
    here: OrthancServer, api: OrthancApi, is_stored: bool, request_: str
) -> None:
    image = make_image()
    with Node(unique("NODE")) as node:
        sender = opened(api, "dicom", **settings_of(node))
        # Several: one alone is not sent by Orthanc, and needs no entry.
        sender.send(stored(here, api, image, make_image()) if is_stored else changed(image))
        assert not is_answered(here, node.aet, request_, image.StudyInstanceUID)
        sender.test()
        assert not is_answered(here, node.aet, request_, image.StudyInstanceUID)


def test_a_node_that_somebody_has_entered_keeps_what_that_entry_allows(
    here: OrthancServer, api: OrthancApi
) -> None:
    """Orthanc answers only what all entries of an AE title allow."""
    image = make_image()
    with Node(unique("NODE")) as node:
        entry = {"AET": node.aet, "Host": node.host, "Port": node.port, "AllowMove": False}
        here.rest.put(f"/modalities/{unique('pacs')}", entry)
        opened(api, "dicom", **settings_of(node)).send(stored(here, api, image, make_image()))
        allowed = {name for name in REQUESTS if is_answered(here, node.aet, name, image.StudyInstanceUID)}
    assert allowed == {"AllowFind", "AllowGet"}


def test_entries_follow_when_somebody_enters_the_node_and_takes_it_out_again(
    here: OrthancServer, api: OrthancApi
) -> None:
    image = make_image()
    with Node(unique("NODE")) as node:
        opened(api, "dicom", **settings_of(node)).send(stored(here, api, image, make_image()))
        [ours] = [name for name, entry in api.modalities().items() if entry["AET"] == node.aet]
        theirs = unique("pacs")
        keeper = OwnModalities(api, dict, lambda *_: None)
        here.rest.put(f"/modalities/{theirs}", {"AET": node.aet, "Host": node.host, "Port": node.port})
        keeper.put_in_order(api.modalities(), {ours: {}})
        assert is_answered(here, node.aet, "AllowFind", image.StudyInstanceUID)
        here.rest.delete(f"/modalities/{theirs}")
        keeper.put_in_order(api.modalities(), {ours: {}})
        assert not is_answered(here, node.aet, "AllowFind", image.StudyInstanceUID)


def test_what_earlier_versions_entered_is_put_in_order(here: OrthancServer, api: OrthancApi) -> None:
    node = {"AET": unique("NODE"), "Host": "127.0.0.1", "Port": 104, "Timeout": 7, "LocalAet": "US"}
    identifier = new_id()
    kept, earlier, deleted, theirs = (
        own_name(identifier, "CT Archive"),
        f"router-{identifier}",
        own_name(new_id(), "Old PACS"),
        "router-at-the-gate",
    )
    for name in (kept, earlier, deleted, theirs):
        here.rest.put(f"/modalities/{name}", node if name != theirs else {**node, "AET": unique("NODE")})
    OwnModalities(api, dict, lambda *_: None).put_in_order(api.modalities(), {kept: {}})
    now = api.modalities()
    assert earlier not in now
    assert deleted not in now
    assert now[theirs]["AllowFind"]
    assert {name: now[kept][name] for name in node} == node
    permissions = ("AllowFind", "AllowGet", "AllowMove", "AllowFindWorklist")
    assert not any(now[kept][permission] for permission in permissions)


class TestWhatSomebodyDoesToOurs:
    """Noticed, told, and put right; what follows from a change of the destination is neither."""

    @pytest.fixture
    def told(self) -> list[tuple[str, str]]:
        return []

    @pytest.fixture
    def keeper(self, api: OrthancApi, told: list[tuple[str, str]]) -> OwnModalities:
        return OwnModalities(api, dict, lambda *what: told.append(what))

    @pytest.fixture
    def ours(self, here: OrthancServer) -> Iterator[str]:
        name = own_name(new_id(), "PACS")
        yield name
        if name in here.rest.get("/modalities"):
            here.rest.delete(f"/modalities/{name}")

    @pytest.mark.parametrize(
        "change", [{"Host": "127.0.0.9"}, {"Port": 105}, {"LocalAet": "OTHER"}, {"AllowFind": True}]
    )
    def test_a_change(
        self,
        here: OrthancServer,
        api: OrthancApi,
        keeper: OwnModalities,
        told: list[tuple[str, str]],
        ours: str,
        change: dict[str, object],
    ) -> None:
        wanted = DicomSettings(aet=unique("NODE"), host="127.0.0.1", port=104).entry()
        make_known(api, ours, wanted)
        keeper.put_in_order(api.modalities(), {ours: wanted})
        right = api.modalities()[ours]
        here.rest.put(f"/modalities/{ours}", {**right, **change})
        keeper.put_in_order(api.modalities(), {ours: wanted})
        assert api.modalities()[ours] == right
        [(field, value)] = change.items()
        assert told == [(ours, f"changed {field} to {value!r}")]
        assert any(ours in failure for failure in keeper.failures())
        keeper.put_in_order(api.modalities(), {ours: wanted})
        assert len(told) == 1

    def test_a_removal(
        self,
        here: OrthancServer,
        api: OrthancApi,
        keeper: OwnModalities,
        told: list[tuple[str, str]],
        ours: str,
    ) -> None:
        wanted = DicomSettings(aet=unique("NODE"), host="127.0.0.1", port=104).entry()
        make_known(api, ours, wanted)
        keeper.put_in_order(api.modalities(), {ours: wanted})
        right = api.modalities()[ours]
        here.rest.delete(f"/modalities/{ours}")
        keeper.put_in_order(api.modalities(), {ours: wanted})
        assert api.modalities()[ours] == right
        assert told == [(ours, "removed it")]

    def test_not_what_the_destination_itself_has_become(
        self, api: OrthancApi, keeper: OwnModalities, told: list[tuple[str, str]], ours: str
    ) -> None:
        before = DicomSettings(aet=unique("NODE"), host="127.0.0.1", port=104)
        after = before.model_copy(update={"port": 105})
        make_known(api, ours, before.entry())
        keeper.put_in_order(api.modalities(), {ours: before.entry()})
        # The router is quicker here than the next image, and there slower.
        keeper.put_in_order(api.modalities(), {ours: after.entry()})
        assert api.modalities()[ours]["Port"] == 105
        make_known(api, ours, before.entry())
        keeper.put_in_order(api.modalities(), {ours: before.entry()})
        keeper.put_in_order(api.modalities(), {})
        assert ours not in api.modalities()
        keeper.put_in_order(api.modalities(), {})
        assert told == []
        assert keeper.failures() == []
