# SPDX-License-Identifier: GPL-3.0-or-later
"""The store away, its disk full, Orthanc's disk full, under load: nothing is lost, nothing planned twice."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from faults.comparison import assert_each_delivered_once
from faults.load import Load
from servers.mongodb import MongoServer
from servers.orthanc import OrthancServer
from servers.router import RouterClient, patient
from servers.small_disk import SmallDisk
from servers.storescp import StoreScp
from servers.waiting import wait_until

ALL = patient("SOMEONE")
EAGER = {"attempts": 1000, "initial_seconds": 0.05, "max_seconds": 0.5}


@contextmanager
def under_load(orthanc: OrthancServer, folder: Path) -> Iterator[tuple[RouterClient, Load]]:
    """A modality sends, and a policy sends everything on to a node. In the end, each image has been delivered
    once."""
    router = RouterClient(orthanc.rest)
    with StoreScp(folder / "node", "NODE") as node:
        policy = router.policy("All", ALL, router.destination("Node", node, retry=EAGER))
        with Load(orthanc.dicom_port, folder / "load", "SOMEONE") as load:
            load.wait_for_more(30)
            yield router, load
        assert_each_delivered_once(orthanc, router, load, [(policy, node)])


def is_degraded(router: RouterClient) -> bool:
    return bool(router.health()["status"] == "degraded")


def test_the_store_is_away(
    orthanc: OrthancServer, mongodb: MongoServer | None, tmp_path: Path, pytestconfig: pytest.Config
) -> None:
    put_away = orthanc.folder / "put away"
    with under_load(orthanc, tmp_path) as (router, load):
        if mongodb:
            mongodb.kill()
        else:
            orthanc.router_directory.rename(put_away)
        # By hand also for minutes, where time itself is what is wanted.
        threading.Event().wait(pytestconfig.getoption("--away"))
        wait_until(lambda: is_degraded(router), 30, router.health)
        load.wait_for_more(100)
        if mongodb:
            mongodb.start()
        else:
            put_away.rename(orthanc.router_directory)
        load.wait_for_more(30)


def test_the_disk_of_the_store_is_full(tmp_path: Path) -> None:
    orthanc = OrthancServer(tmp_path / "orthanc")
    with (
        SmallDisk(orthanc.router_directory, megabytes=16) as disk,
        orthanc,
        under_load(orthanc, tmp_path) as (router, load),
    ):
        disk.fill()
        wait_until(lambda: is_degraded(router), 30, router.health)
        load.wait_for_more(100)
        disk.free()
        load.wait_for_more(30)


def test_the_disk_of_orthanc_is_full(tmp_path: Path) -> None:
    orthanc = OrthancServer(tmp_path / "orthanc")
    with (
        SmallDisk(orthanc.storage, megabytes=100) as disk,
        orthanc,
        under_load(orthanc, tmp_path) as (_, load),
    ):
        disk.fill()
        broken_off = load.broken_off
        wait_until(lambda: load.broken_off >= broken_off + 3, 30, "it takes images all the same")
        disk.free()
        load.wait_for_more(60)
