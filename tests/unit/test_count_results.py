# SPDX-License-Identifier: GPL-3.0-or-later
"""The summary of a run hides nothing that failed."""

import subprocess
import sys
from pathlib import Path

import pytest

_PROGRAM = Path(__file__).parents[1] / "count_results.py"


def case(name: str, inside: str = "") -> str:
    return f'<testcase classname="tests.unit.test_x" name="{name}">{inside}</testcase>'


def failing(name: str) -> str:
    return case(name, f'<failure message="AssertionError: {name}\nis late">trace</failure>')


@pytest.fixture
def results(tmp_path: Path) -> Path:
    (tmp_path / "second").mkdir()
    return tmp_path


def write(file: Path, *cases: str) -> None:
    file.write_text(f"<testsuites><testsuite>{''.join(cases)}</testsuite></testsuites>")


def count(results: Path, broken: int = 0) -> tuple[list[str], int]:
    """The lines of the summary, and its status."""
    command = [sys.executable, str(_PROGRAM), str(broken), str(results)]
    ended = subprocess.run(command, capture_output=True, text=True, check=False)
    return ended.stdout.splitlines(), ended.returncode


def test_what_passed_failed_and_was_skipped_is_counted(results: Path) -> None:
    write(results / "unit.xml", case("a"), failing("b"), case("c", "<skipped/>"))
    assert count(results, broken=1) == (["1 passed, 1 failed, 1 skipped"], 0)


def test_a_part_that_failed_without_a_test_counts(results: Path) -> None:
    write(results / "unit.xml", case("a"))
    assert count(results, broken=2)[0] == ["1 passed, 2 failed"]


def test_a_test_that_passed_on_the_second_try_is_named_with_its_first_failure(results: Path) -> None:
    write(results / "unit.xml", case("a"), failing("b"))
    write(results / "second" / "unit.xml", case("b"))
    assert count(results) == (
        [
            "Passed on the second try: tests.unit.test_x::b",
            "    at first: AssertionError: b is late",
            "2 passed, 0 failed",
        ],
        0,
    )


@pytest.mark.parametrize(("late", "status"), [(5, 0), (6, 1)])
def test_more_than_five_of_them_fail_the_run(results: Path, late: int, status: int) -> None:
    names = [f"late_{number}" for number in range(late)]
    write(results / "unit.xml", case("a"), *map(failing, names))
    write(results / "second" / "unit.xml", *map(case, names))
    lines, ended = count(results)
    assert ended == status
    assert lines[-1] == (f"1 passed, {late} failed" if status else f"{late + 1} passed, 0 failed")
