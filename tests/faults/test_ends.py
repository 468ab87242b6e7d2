# SPDX-License-Identifier: GPL-3.0-or-later
"""Orthanc is asked to end, again and again, with work behind it and under way: it ends by itself.

`--stops` says how often (a few seconds each). A crash of Python's interpreter or of a package at the very end
would not lose anything, but is told to the service manager as a failure, and leaves no clean log.
"""

import random
from pathlib import Path

import pytest

from faults.comparison import assert_each_delivered_once
from faults.load import Load
from servers.orthanc import OrthancServer
from servers.router import RouterClient, patient
from servers.storescp import StoreScp

EAGER = {"attempts": 1000, "initial_seconds": 0.05, "max_seconds": 0.5}
#: Makes each image pass through pydicom, NumPy and an encoder.
COMPRESSED = {"transfer_syntax": "1.2.840.10008.1.2.4.80", "replace": {"PatientComments": "compressed"}}


def test_it_ends_by_itself_with_work_behind_it(
    orthanc: OrthancServer, tmp_path: Path, chance: random.Random, pytestconfig: pytest.Config
) -> None:
    router = RouterClient(orthanc.rest)
    everything = patient("SOMEONE")
    with StoreScp(tmp_path / "first", "FIRST") as first:
        as_it_is = router.policy("As it is", everything, router.destination("First", first, retry=EAGER))
        changed = router.destination("Changed", first, retry=EAGER)
        compressed = {"type": "forward", "destination": changed["id"], "transform": COMPRESSED}
        router.policy("Changed", everything, actions=[compressed])
        away = router.destination("Away", first, settings={"port": 9}, retry=EAGER)
        router.policy("Away", everything, away, trigger={"level": "series", "quiet_seconds": 1})
        with Load(orthanc.dicom_port, tmp_path / "load", "SOMEONE") as load:
            for number in range(pytestconfig.getoption("--stops")):
                load.wait_for_more(chance.randint(1, 40))
                logged = len(orthanc.log())
                orthanc.stop(timeout=30)
                assert "Orthanc has stopped" in orthanc.log()[logged:], f"stop {number}"
                left = [path.name for path in orthanc.folder.rglob("*-wal")]
                assert left == [], f"stop {number}: databases that were not closed"
                orthanc.start(wait_for_health=False)
        assert_each_delivered_once(orthanc, router, load, [(as_it_is, first)])
