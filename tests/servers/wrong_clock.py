# SPDX-License-Identifier: GPL-3.0-or-later
"""A machine whose time of day is wrong: for one process, by Debian's libfaketime."""

from pathlib import Path

import pytest


def wrong_clock(offset: str) -> dict[str, str]:
    """The environment of a process whose time of day is ahead (`+400d`) or behind (`-30h`), while what only
    counts on is right. Skips the test where the library is missing."""
    libraries = sorted(Path("/usr/lib").glob("*/faketime/libfaketimeMT.so.1"))
    if not libraries:
        pytest.skip("the package faketime is not installed")
    return {"LD_PRELOAD": str(libraries[0]), "FAKETIME": offset, "FAKETIME_DONT_FAKE_MONOTONIC": "1"}
