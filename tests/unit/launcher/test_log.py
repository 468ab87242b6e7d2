# SPDX-License-Identifier: GPL-3.0-or-later
"""Orthanc's log: read for why it ended, and kept from growing without end."""

from pathlib import Path

import pytest

from launcher import log
from launcher.log import Log

EXCEPTION = """\
E1123 20:10:47.2 PluginsManager.cpp:153] Error during the installation of the Python script, traceback:
<class 'router.settings.SettingsError'>
Router.Foo: Extra inputs are not permitted

  File "/opt/plugin/main.py", line 1, in <module>
E1123 20:10:47.3 main.cpp:2074] Uncaught exception, stopping now: [Error while using a plugin] (code 25)
W1123 20:10:47.3 main.cpp:2105] Orthanc has stopped
"""

DATABASE = """\
E1123 20:11:54.0 FromSomewhere.cpp:1] SQLite: file is not a database (26)
E1123 20:11:54.1 main.cpp:2074] Uncaught exception, stopping now: [SQLite: Cannot prepare] (code 1012)
"""

NEWER_FORM = (
    "E1123 20:11:54.012345             MAIN main.cpp:2074] Uncaught exception, stopping now: [why] (code 1)\n"
)


@pytest.mark.parametrize(
    ("text", "told"),
    [
        (EXCEPTION, "Router.Foo: Extra inputs are not permitted (SettingsError)"),
        (DATABASE, "SQLite: file is not a database (26)"),
        (NEWER_FORM, "Uncaught exception, stopping now: [why] (code 1)"),
        ("W1123 20:11:54.0 main.cpp:2105] Orthanc has stopped\n", None),
    ],
)
def test_the_line_that_tells_why(tmp_path: Path, text: str, told: str | None) -> None:
    one = Log(tmp_path)
    one.path.write_text(text)
    assert one.last_error() == told


def test_each_start_has_a_log_of_its_own_and_the_last_five_are_kept(tmp_path: Path) -> None:
    for number in range(8):
        with Log(tmp_path).begin() as file:
            file.write(str(number).encode())
    assert {path.name: path.read_text() for path in tmp_path.iterdir()} == {
        "orthanc.log": "7",
        **{f"orthanc.log.{age}": str(7 - age) for age in range(1, 6)},
    }


def test_a_log_that_grows_too_much_is_set_aside_while_orthanc_writes(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(log, "LARGEST", 10)
    one = Log(tmp_path)
    with one.begin() as file:
        file.write(b"twelve bytes")
        file.flush()
        one.keep_small()
        file.write(b"more")
    assert (tmp_path / "orthanc.log.1").read_bytes() == b"twelve bytes"
    assert one.path.read_bytes() == b"more"
