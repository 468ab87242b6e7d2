# SPDX-License-Identifier: GPL-3.0-or-later
"""What a user of Orthanc without a role does to the router's own entries among Orthanc's DICOM nodes."""

from pathlib import Path

from samples import file_bytes, make_image, unique
from servers.node import Node
from servers.orthanc import OrthancServer
from servers.router import RouterClient
from servers.waiting import wait_until

#: In seconds; the router looks at them three times a minute.
PATIENCE = 30


def test_a_node_of_ours_is_put_right_told_and_recorded(tmp_path: Path) -> None:
    with OrthancServer(tmp_path) as orthanc, Node(unique("NODE")) as node:
        router = RouterClient(orthanc.rest)
        destination = router.destination("PACS", node)
        router.policy("All", {"all": []}, destination)
        image = make_image()
        for file in (image, make_image(study=image.StudyInstanceUID)):
            orthanc.rest.upload(file_bytes(file))
        router.wait_until_delivered(2)
        # An image that comes alone is sent without an entry.
        ours = f"router-PACS-{destination['id'][-8:]}"
        right = {"AET": node.aet, "Host": node.host, "Port": node.port, "AllowFind": False}

        def is_right() -> bool:
            entry = orthanc.rest.get("/modalities", expand="").get(ours, {})
            return {field: entry.get(field) for field in right} == right

        orthanc.rest.put(f"/modalities/{ours}", {**right, "AllowFind": True})
        wait_until(is_right, PATIENCE, "the permission stays")
        orthanc.rest.put(f"/modalities/{ours}", {**right, "Host": "127.0.0.9"})
        wait_until(is_right, PATIENCE, "the host stays")
        told = [problem["message"] for problem in router.health()["problems"]]
        assert any(ours in message and "Host to '127.0.0.9'" in message for message in told), told
        orthanc.rest.delete(f"/modalities/{ours}")
        wait_until(is_right, PATIENCE, "it stays away")
        recorded = router.get("/audit", event="destination.node_touched")["items"]
        assert [destination["id"], destination["id"]] == [one["object"]["id"] for one in recorded[:2]]
        assert "removed it" in recorded[0]["detail"]
        assert "Host to '127.0.0.9'" in recorded[1]["detail"]
