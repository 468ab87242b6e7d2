# SPDX-License-Identifier: GPL-3.0-or-later
"""Servers whose disk fills up, through the whole router: deliveries wait, say why, and are made up for once
there is room; nothing is lost."""

import io
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from pydicom import FileDataset, dcmread

from integration.conftest import StoreSettings
from samples import make_series, unique
from servers.orthanc import PASSWORD, USERNAME, OrthancServer
from servers.router import Json, RouterClient, patient
from servers.sender import send
from servers.small_disk import SmallDisk
from servers.sshd import Sshd
from servers.storescp import StoreScp

EAGER = {"attempts": 1000, "initial_seconds": 0.2, "max_seconds": 0.5}
LOGIN = {"username": USERNAME, "password": PASSWORD}
ORTHANC_LOGIN = {"Username": USERNAME, "Password": PASSWORD}

#: There is room for some of the images only; an Orthanc's database needs a part of it, too.
_IMAGES, _BYTES, _MEGABYTES = 24, 500_000, 8


@pytest.fixture(scope="module")
def store() -> StoreSettings:
    """What destinations do does not depend on the store."""
    return StoreSettings("sqlite")


@pytest.fixture
def disk(tmp_path: Path) -> Iterator[SmallDisk]:
    """A disk that will be full."""
    with SmallDisk(tmp_path / "there", _MEGABYTES) as disk:
        yield disk


@pytest.fixture
def there(disk: SmallDisk) -> Iterator[OrthancServer]:
    """Another Orthanc, all of whose files are on that disk."""
    with OrthancServer(disk.folder / "orthanc", plugin=False, aet="THERE") as server:
        yield server


def by_url(_orthanc: OrthancServer, there: OrthancServer) -> Json:
    return {"kind": "peer", "settings": {"url": there.url, **LOGIN}}


def by_peer(orthanc: OrthancServer, there: OrthancServer) -> Json:
    alias = unique("there")
    orthanc.rest.request("PUT", f"/peers/{alias}", json={"Url": f"{there.url}/", **ORTHANC_LOGIN})
    return {"kind": "peer", "settings": {"peer": alias}}


def by_dicomweb(_orthanc: OrthancServer, there: OrthancServer) -> Json:
    return {"kind": "dicomweb", "settings": {"url": f"{there.url}/dicom-web", **LOGIN}}


def by_dicomweb_server(orthanc: OrthancServer, there: OrthancServer) -> Json:
    alias = unique("there")
    server = {"Url": f"{there.url}/dicom-web/", **ORTHANC_LOGIN}
    orthanc.rest.request("PUT", f"/dicom-web/servers/{alias}", json=server)
    return {"kind": "dicomweb", "settings": {"server": alias}}


def by_dicom(_orthanc: OrthancServer, there: OrthancServer) -> Json:
    return {"kind": "dicom", "settings": {"aet": "THERE", "host": "127.0.0.1", "port": there.dicom_port}}


def through_a_full_disk(
    orthanc: OrthancServer,
    router: RouterClient,
    disk: SmallDisk,
    destination: Json,
    transform: Json | None = None,
) -> tuple[list[FileDataset], set[str]]:
    """Send more images than there is room for, make room, wait until all have arrived; the images, and what
    was said of the disk."""
    someone = unique()
    images = make_series(_IMAGES, PatientID=someone, size=_BYTES)
    made = router.post("/destinations", {"name": unique("There "), "retry": EAGER, **destination})
    action = {"type": "forward", "destination": made["id"], "transform": transform}
    policy = router.policy(unique("All "), patient(someone), actions=[action])
    send(orthanc.dicom_port, images)
    waiting = router.wait_for_deliveries(
        lambda found: any(len(one["attempts"]) > 1 for one in found), 60, policy=policy["id"]
    )
    assert {one["state"] for one in waiting} <= {"waiting", "running", "retrying", "succeeded"}
    disk.remount("size=64m")
    done = router.wait_until_delivered(_IMAGES, 45, policy=policy["id"])
    errors = {attempt["error"] for one in done for attempt in one["attempts"] if attempt["error"]}
    return images, errors


def assert_told(errors: set[str]) -> None:
    """That each error leads a person to the disk."""
    assert errors
    assert all("disk" in error for error in errors), errors


WAYS = [by_dicom, by_url, by_peer, by_dicomweb, by_dicomweb_server]
CHANGING: Json = {"replace": {"InstitutionName": "Elsewhere"}}


@pytest.mark.parametrize(
    ("way", "transform"),
    # The plugin's servers take changed images only without a login; they go the same way as by URL.
    [(way, None) for way in WAYS] + [(way, CHANGING) for way in WAYS[:-1]],
)
def test_another_orthanc(
    orthanc: OrthancServer,
    router: RouterClient,
    disk: SmallDisk,
    there: OrthancServer,
    way: Callable[[OrthancServer, OrthancServer], Json],
    transform: Json | None,
) -> None:
    images, errors = through_a_full_disk(orthanc, router, disk, way(orthanc, there), transform)
    assert_told(errors)
    stored = [dcmread(io.BytesIO(there.dicom(instance))) for instance in there.instances()]
    assert {one.SOPInstanceUID: one.PixelData for one in stored} == {
        one.SOPInstanceUID: one.PixelData for one in images
    }


def test_dcmtks_node(orthanc: OrthancServer, router: RouterClient, disk: SmallDisk) -> None:
    with StoreScp(disk.folder, unique("SCP")) as node:
        settings = {"aet": node.aet, "host": node.host, "port": node.port}
        destination = {"kind": "dicom", "settings": settings}
        images, errors = through_a_full_disk(orthanc, router, disk, destination)
        assert_told(errors)
        for image in images:
            assert node.read(str(image.SOPInstanceUID)).PixelData == image.PixelData


def test_openssh(
    orthanc: OrthancServer, router: RouterClient, disk: SmallDisk, tmp_path_factory: pytest.TempPathFactory
) -> None:
    with Sshd(tmp_path_factory.mktemp("sshd")) as sshd:
        settings = {
            "host": sshd.host,
            "port": sshd.port,
            "username": sshd.username,
            "host_key": sshd.host_key,
            "private_key": sshd.authorize(),
            "path": str(disk.folder),
        }
        images, errors = through_a_full_disk(
            orthanc, router, disk, {"kind": "sftp", "settings": settings, "concurrency": 2}
        )
        assert_told(errors)
        for image in images:
            assert dcmread(disk.folder / f"{image.SOPInstanceUID}.dcm").PixelData == image.PixelData


def test_a_folder(orthanc: OrthancServer, router: RouterClient) -> None:
    with SmallDisk(orthanc.folder / "export" / unique("full"), _MEGABYTES) as disk:
        destination = {"kind": "folder", "settings": {"path": str(disk.folder)}}
        images, errors = through_a_full_disk(orthanc, router, disk, destination)
        assert_told(errors)
        for image in images:
            assert dcmread(disk.folder / f"{image.SOPInstanceUID}.dcm").PixelData == image.PixelData
