# SPDX-License-Identifier: GPL-3.0-or-later
"""What the router's log lines look like, and what is not in them."""

import logging
from collections.abc import Iterator

import pytest
from pydantic import TypeAdapter

from router.log import HostLog


@pytest.fixture
def lines() -> Iterator[list[tuple[int, str]]]:
    """What Orthanc is told, with its level."""
    told: list[tuple[int, str]] = []
    handler = HostLog(lambda level, line, _file, _number: told.append((level, line)))
    root = logging.getLogger()
    root.addHandler(handler)
    yield told
    root.removeHandler(handler)


def test_each_line_names_the_part_that_says_it(lines: list[tuple[int, str]]) -> None:
    logging.getLogger("router.dispatch.lane").warning("Lane %s waits", "PACS")
    logging.getLogger("router.housekeeping").error("in\ntwo lines")
    logging.getLogger("paramiko.transport").warning("said")
    assert lines == [
        (logging.WARNING, "Router: dispatch: Lane PACS waits"),
        (logging.ERROR, "Router: housekeeping: in | two lines"),
        (logging.WARNING, "Router: paramiko: said"),
    ]


def test_each_line_tells_where_it_comes_from() -> None:
    told: list[tuple[str, int]] = []
    record = logging.LogRecord("router.intake", logging.INFO, "/a/router/intake.py", 88, "Read", (), None)
    HostLog(lambda _level, _line, file, number: told.append((file, number))).emit(record)
    assert told == [("intake.py", 88)]


def test_what_nobody_foresaw_is_told_without_the_values_that_it_quotes(lines: list[tuple[int, str]]) -> None:
    name, identifier = "Doe^Jane", "PAT4711"
    try:
        try:
            TypeAdapter(int).validate_python(name)
        except ValueError as error:
            raise KeyError(identifier) from error
    except KeyError:
        logging.getLogger("router.runs.worker").exception("It has failed")
    [(level, line)] = lines
    assert level == logging.ERROR
    assert line.startswith("Router: runs: It has failed | Traceback | ")
    assert "test_log.py" in line
    assert "KeyError" in line
    assert "ValidationError" in line
    assert name not in line
    assert identifier not in line
