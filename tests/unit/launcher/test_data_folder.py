# SPDX-License-Identifier: GPL-3.0-or-later
"""The data folder: used by one at a time, and a demonstration's is never taken for a real one."""

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from launcher.data_folder import DataFolder, Running
from launcher.failure import Failure


def test_nobody_uses_a_folder_that_is_not_there(tmp_path: Path) -> None:
    assert DataFolder(tmp_path / "data").in_use_by() is None


def test_a_second_claim_is_refused_and_told_of_the_first(tmp_path: Path) -> None:
    first, second = DataFolder(tmp_path / "data"), DataFolder(tmp_path / "data")
    first.claim()
    first.tell(Running(os.getpid(), 12345))
    assert second.in_use_by() == Running(os.getpid(), 12345)
    with pytest.raises(Failure, match="It runs already"):
        second.claim()
    os.close(first.lock_descriptor)
    assert second.in_use_by() is None
    second.claim()
    os.close(second.lock_descriptor)


def test_the_claim_lasts_as_long_as_orthancs_process_even_if_the_launcher_is_killed(tmp_path: Path) -> None:
    folder = DataFolder(tmp_path / "data")
    folder.claim()
    orthanc = subprocess.Popen(
        [sys.executable, "-c", "input()"], stdin=subprocess.PIPE, pass_fds=[folder.lock_descriptor]
    )
    os.close(folder.lock_descriptor)
    assert DataFolder(folder.path).in_use_by() is not None
    orthanc.send_signal(signal.SIGKILL)
    orthanc.wait()
    assert DataFolder(folder.path).in_use_by() is None


def test_a_file_in_the_place_of_the_folder_is_told(tmp_path: Path) -> None:
    (tmp_path / "data").touch()
    with pytest.raises(Failure, match="is not a folder"):
        DataFolder(tmp_path / "data").claim()


def test_a_demonstration_begins_anew_but_never_on_real_data(tmp_path: Path) -> None:
    folder = DataFolder(tmp_path / "data-demo")
    folder.claim()
    folder.begin_anew()
    (folder.path / "orthanc" / "index").touch()
    folder.begin_anew()
    assert list((folder.path / "orthanc").iterdir()) == []
    os.close(folder.lock_descriptor)

    real = DataFolder(tmp_path / "real")
    real.claim()
    (real.path / "orthanc" / "index").touch()
    with pytest.raises(Failure, match="no demonstration has made"):
        real.begin_anew()
    assert (real.path / "orthanc" / "index").exists()
    os.close(real.lock_descriptor)
