# SPDX-License-Identifier: GPL-3.0-or-later
"""It is known how the process before this one ended."""

from pathlib import Path

from router.last_end import LastEnd


def test_an_orderly_end_is_known_once(tmp_path: Path) -> None:
    assert LastEnd(tmp_path).take() is False
    LastEnd(tmp_path).note()
    assert LastEnd(tmp_path).take() is True
    assert LastEnd(tmp_path).take() is False


def test_where_nothing_can_be_written_it_counts_as_a_crash(tmp_path: Path) -> None:
    LastEnd(tmp_path / "not there").note()
    assert LastEnd(tmp_path / "not there").take() is False
