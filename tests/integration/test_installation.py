# SPDX-License-Identifier: GPL-3.0-or-later
"""The router comes into an archive that exists, or finds another archive than the one it knew."""

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from samples import make_series, uids
from servers.node import Node
from servers.orthanc import OrthancServer, version_of_orthanc
from servers.router import RouterClient, patient
from servers.sender import send
from servers.waiting import wait_until


@pytest.fixture
def plain(tmp_path: Path) -> Iterator[OrthancServer]:
    """An Orthanc without the router that holds images."""
    server = OrthancServer(tmp_path / "plain", plugin=False)
    yield server
    server.kill()


def test_what_the_archive_holds_already_is_not_routed(
    plain: OrthancServer, own_orthanc: OrthancServer, node: Node
) -> None:
    history, new = make_series(20, PatientID="SOMEONE"), make_series(3, PatientID="SOMEONE")
    with plain:
        send(plain.dicom_port, history)
    shutil.copytree(plain.storage, own_orthanc.storage)
    router = RouterClient(own_orthanc.start().rest)
    assert own_orthanc.sop_instance_uids() == set(uids(history))
    router.policy("Everything", patient("SOMEONE"), router.destination("Node", node))
    send(own_orthanc.dicom_port, new)
    node.wait_for(uids(new))
    found = router.wait_until_delivered(3)
    assert sum(delivery["instances"] for delivery in found) == 3
    assert sorted(node.accepted()) == sorted(uids(new))


def test_a_policy_is_for_what_comes_after_it(own_orthanc: OrthancServer, node: Node) -> None:
    router = RouterClient(own_orthanc.start().rest)
    before, after = make_series(3, PatientID="SOMEONE"), make_series(3, PatientID="SOMEONE")
    send(own_orthanc.dicom_port, before)
    router.wait_until_caught_up()
    router.policy("Everything", patient("SOMEONE"), router.destination("Node", node))
    send(own_orthanc.dicom_port, after)
    node.wait_for(uids(after))
    router.wait_until_delivered(3)
    assert sorted(node.accepted()) == sorted(uids(after))


@pytest.mark.parametrize("stored", [0, 30])
def test_an_archive_that_was_replaced_is_noticed(
    own_orthanc: OrthancServer, plain: OrthancServer, node: Node, stored: int
) -> None:
    """What is in it already is not routed unasked; people are told how much that is, until they replay it."""
    router = RouterClient(own_orthanc.start().rest)
    policy = router.policy("Everything", patient("SOMEONE"), router.destination("Node", node))
    old = make_series(10, PatientID="SOMEONE")
    send(own_orthanc.dicom_port, old)
    router.wait_until_delivered(10)
    own_orthanc.stop()
    shutil.rmtree(own_orthanc.storage)
    before = make_series(stored, PatientID="SOMEONE")
    if stored:
        with plain:
            send(plain.dicom_port, before)
        shutil.copytree(plain.storage, own_orthanc.storage)
    own_orthanc.start(wait_for_health=False)
    wait_until(lambda: router.health().get("intake", {}).get("lag_changes") == 0, 20, router.health)
    new = make_series(5, PatientID="SOMEONE")
    send(own_orthanc.dicom_port, new)
    node.wait_for(uids(new))
    assert sorted(node.accepted()) == sorted(uids([*old, *new]))
    if not stored:
        assert router.health()["problems"] == []
        return
    [problem] = router.health()["problems"]
    assert f"{stored} that were stored already were not looked at" in problem["message"]
    router.post(f"/policies/{policy['id']}/replay", {"from": "2000-01-01T00:00:00Z"})
    node.wait_for(uids(before))
    assert sorted(node.accepted()) == sorted(uids([*old, *before, *new]))
    assert router.health()["problems"] == []


def test_orthanc_works_where_the_router_cannot_start_and_whoever_asks_is_told(tmp_path: Path) -> None:
    orthanc = OrthancServer(tmp_path)
    orthanc.router_directory.mkdir()
    (orthanc.router_directory / "node").write_bytes(b"\xff is no identifier")
    orthanc.start(wait_for_health=False)
    try:
        router = RouterClient(orthanc.rest)
        wait_until(lambda: "cannot start" in str(router.health()), 20, router.health)
        [problem] = router.health()["problems"]
        assert problem["code"] == "cannot_start"
        assert "UnicodeDecodeError" in problem["message"]
        asked = orthanc.rest.request("GET", "/router/policies")
        assert (asked.status_code, asked.json()["error"]["code"]) == (503, "cannot_start")
        send(orthanc.dicom_port, make_series(3))
        assert len(orthanc.instances()) == 3
        assert "The router cannot start | Traceback" in orthanc.log()
        orthanc.stop()
    finally:
        orthanc.kill()


def test_orthanc_works_where_the_routers_settings_cannot_be_used_and_whoever_asks_is_told(
    tmp_path: Path,
) -> None:
    orthanc = OrthancServer(tmp_path, router={"Retention": 9})
    try:
        orthanc.start(wait_for_health=False)
        asked = orthanc.rest.request("GET", "/router/policies")
        assert (asked.status_code, asked.json()["error"]["code"]) == (503, "cannot_start")
        assert "Router.Retention" in asked.json()["error"]["message"]
        [problem] = orthanc.rest.request("GET", "/router/health").json()["problems"]
        assert problem == {"code": "cannot_start", "message": asked.json()["error"]["message"]}
        send(orthanc.dicom_port, make_series(3))
        assert len(orthanc.instances()) == 3
        [line] = [line for line in orthanc.log().splitlines() if "Router.Retention" in line]
        assert line.startswith("E")
        assert "Traceback" not in orthanc.log()
        orthanc.stop()
    finally:
        orthanc.kill()


@pytest.mark.parametrize("word", ["Never", "Always", "IfChanged"])
def test_it_starts_with_the_words_of_newer_versions(tmp_path: Path, word: str) -> None:
    """Orthanc 1.13 and newer, whose packaged configuration has "Never"."""
    if version_of_orthanc() < [1, 13]:
        pytest.skip("this Orthanc takes a boolean only")
    with OrthancServer(tmp_path, options={"OverwriteInstances": word}) as orthanc:
        assert RouterClient(orthanc.rest).health()["status"] == "ok"


def test_a_web_server_that_does_not_listen_on_loopback_is_used_where_it_does(
    tmp_path: Path, node: Node
) -> None:
    """`HttpBindAddresses`, Orthanc 1.12.10 and newer."""
    if version_of_orthanc() < [1, 12, 10]:
        pytest.skip("this Orthanc listens everywhere")
    orthanc = OrthancServer(tmp_path, options={"HttpBindAddresses": ["127.0.0.2"]})
    orthanc.rest = orthanc.rest.at(f"http://127.0.0.2:{orthanc.http_port}")
    with orthanc:
        router = RouterClient(orthanc.rest)
        router.policy("Everything", patient("SOMEONE"), router.destination("Node", node))
        images = make_series(3, PatientID="SOMEONE")
        send(orthanc.dicom_port, images)
        node.wait_for(uids(images))
