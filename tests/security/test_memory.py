# SPDX-License-Identifier: GPL-3.0-or-later
"""An Orthanc whose memory has a limit, and images that need more: their deliveries fail and say why, and all
others go on."""

import resource
from pathlib import Path

import pytest
from pydicom import dcmread

from samples import file_bytes, make_image, unique
from servers.node import Node
from servers.orthanc import OrthancServer
from servers.router import RouterClient

_LARGE: int = 250_000_000
#: Bytes that Orthanc may take beyond what it has when the limit comes.
_ROOM: int = 150_000_000
RETRY = {"attempts": 2, "initial_seconds": 0.2, "max_seconds": 0.2}


def size_of(pid: int) -> int:
    """Bytes of address space that a process has (proc(5))."""
    lines = Path(f"/proc/{pid}/status").read_text().splitlines()
    [line] = [line for line in lines if line.startswith("VmSize:")]
    return int(line.split()[1]) * 1024


@pytest.mark.parametrize("changes", [True, False], ids=["changed", "as it is"])
@pytest.mark.parametrize("kind", ["folder", "dicom"])
def test_an_image_that_needs_more_memory_than_there_is(tmp_path: Path, kind: str, changes: bool) -> None:
    with OrthancServer(tmp_path / "here") as orthanc, Node(unique("NODE")) as node:
        router = RouterClient(orthanc.rest)
        exported = tmp_path / "here" / "export" / "large"
        if kind == "folder":
            settings: dict[str, object] = {"path": str(exported)}
        else:
            settings = {"aet": node.aet, "host": node.host, "port": node.port}
        document = {"name": "Large", "kind": kind, "settings": settings, "retry": RETRY, "enabled": False}
        large = router.post("/destinations", document)
        small = router.destination("Small", node)
        action: dict[str, object] = {"type": "forward", "destination": large["id"]}
        if changes:
            action["transform"] = {"replace": {"PatientID": "CHANGED"}}
        rule = {"tag": "Modality", "operator": "equals", "value": "MR"}
        router.post("/policies", {"name": "Large", "rule": rule, "actions": [action]})
        router.policy("Small", {"not": rule}, small)

        image = make_image("MR", size=_LARGE)
        orthanc.rest.upload(file_bytes(image))
        orthanc.rest.upload(file_bytes(make_image("CT")))
        [delivery] = router.wait_for_deliveries(lambda found: len(found) == 1, destination=large["id"])
        router.wait_until_delivered(1, destination=small["id"])
        limit = size_of(orthanc.process.pid) + _ROOM
        resource.prlimit(orthanc.process.pid, resource.RLIMIT_AS, (limit, resource.RLIM_INFINITY))
        router.post(f"/destinations/{large['id']}/enable")
        ended = router.wait_for_state(delivery["id"], {"failed", "succeeded"}, 60)
        if ended["state"] == "failed":
            assert "memory" in ended["attempts"][-1]["error"].lower(), ended["attempts"]
        for _ in range(5):
            orthanc.rest.upload(file_bytes(make_image("CT")))
        router.wait_until_delivered(6, 30, destination=small["id"])
        assert orthanc.process.running

        resource.prlimit(orthanc.process.pid, resource.RLIMIT_AS, (resource.RLIM_INFINITY,) * 2)
        if ended["state"] == "failed":
            router.post(f"/deliveries/{delivery['id']}/retry")
        router.wait_for_state(delivery["id"], "succeeded", 60)
        assert "Traceback" not in orthanc.log()
        print(f"{kind}, changed: {changes}: {ended['state']} first")
        if kind == "folder":
            [file] = exported.rglob("*.dcm")
            arrived = dcmread(file)
            assert arrived.PixelData == image.PixelData
            assert arrived.PatientID == ("CHANGED" if changes else image.PatientID)
        else:
            assert len(node.accepted()) == 7
