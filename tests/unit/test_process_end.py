# SPDX-License-Identifier: GPL-3.0-or-later
"""Whether Orthanc has been told to end, by the signals that the process catches."""

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from router.process_end import OrthancsEnd

CAUGHT = f"Name:\tOrthanc\nSigIgn:\t0000000000001000\nSigCgt:\t{1 << (signal.SIGTERM - 1):016x}\n"
NOT_CAUGHT = "Name:\tOrthanc\nSigIgn:\t0000000000005000\nSigCgt:\t0000000100000000\n"


@pytest.fixture
def status(tmp_path: Path) -> Path:
    return tmp_path / "status"


def test_an_orthanc_that_is_still_starting_does_not_end(status: Path) -> None:
    end = OrthancsEnd(status)
    status.write_text(NOT_CAUGHT)
    assert [end.has_begun(), end.has_begun()] == [False, False]


def test_it_ends_once_it_no_longer_catches_the_signal(status: Path) -> None:
    end = OrthancsEnd(status)
    status.write_text(CAUGHT)
    assert not end.has_begun()
    status.write_text(NOT_CAUGHT)
    assert end.has_begun()


def test_it_goes_on_where_it_was_only_asked_for_a_new_configuration(status: Path) -> None:
    end = OrthancsEnd(status)
    for text, begun in ((CAUGHT, False), (NOT_CAUGHT, True), (CAUGHT, False)):
        status.write_text(text)
        assert end.has_begun() == begun


@pytest.mark.parametrize("text", ["", "Name:\tOrthanc\n"])
def test_nothing_ends_where_the_kernel_does_not_tell(status: Path, text: str) -> None:
    end = OrthancsEnd(status)
    status.write_text(CAUGHT)
    assert not end.has_begun()
    status.write_text(text)
    assert not end.has_begun()
    status.unlink()
    assert not end.has_begun()


def test_the_kernel_tells_it_of_a_real_process() -> None:
    program = """
import signal
from router.process_end import OrthancsEnd
end = OrthancsEnd()
said = [end.has_begun()]
for handler in (lambda *_: None, signal.SIG_DFL):
    signal.signal(signal.SIGTERM, handler)
    said.append(end.has_begun())
print(said)
"""
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)}
    run = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, env=environment, check=True
    )
    assert run.stdout == "[False, False, True]\n"
