# SPDX-License-Identifier: GPL-3.0-or-later
"""`check`: whether documents are right, and what the cases of their policies say."""

import argparse
import json
import sys
from collections.abc import Callable, Iterator, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

from router.command_line.documents import Place, Unreadable, read_documents
from router.command_line.without_orthanc import Checked, checked
from router.review import failure

_RIGHT = 0
_WRONG = 1
_UNREADABLE = 2


def add_to(commands: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Make it one of the commands."""
    parser = commands.add_parser(
        "check",
        help="check documents and run their cases",
        description="Checks documents of policies and destinations, as an import would, and runs the"
        " policies' cases. Several files are taken together as one document.",
        epilog="The exit code is 0 where all is well, 1 where something is wrong or a case fails, and 2"
        " where a file cannot be read.",
    )
    parser.add_argument("files", metavar="FILE", nargs="+", help="a document: JSON (*.json), or YAML")
    parser.add_argument("--json", action="store_true", help="print the result as JSON")
    parser.add_argument("--strict", action="store_true", help="count a warning as a failure")
    parser.set_defaults(
        run=lambda given: check([Path(file) for file in given.files], as_json=given.json, strict=given.strict)
    )


def check(files: Sequence[Path], *, as_json: bool, strict: bool) -> int:
    """Check the files, print the findings, and return the exit code."""
    try:
        documents = read_documents(files)
    except Unreadable as error:
        print(error, file=sys.stderr)
        return _UNREADABLE
    found = Checked() if documents.problems else checked(documents.together)
    problems = documents.problems + [(documents.place(path), message) for path, message in found.problems]
    failed = [case for _, cases in found.cases for case in cases if not case.ok]
    is_right = not (problems or failed or (strict and found.warnings))
    if as_json:
        print(json.dumps(_as_json(is_right, problems, found, documents.place), indent=2))
    else:
        for line in _lines(problems, found, documents.place):
            print(line)
        print("All is well." if is_right else "Something is wrong.")
    return _RIGHT if is_right else _WRONG


def _lines(
    problems: Sequence[tuple[Place, str]], found: Checked, place: Callable[[str], Place]
) -> Iterator[str]:
    for at, message in problems:
        yield f"error: {_written(at)}: {message}"
    for warning in found.warnings:
        yield f"warning: {_written(place(warning.path))}: {warning.message} [{warning.code}]"
    for policy, cases in found.cases:
        for case in cases:
            if not case.ok:
                yield f"failed: {policy}: {failure(case)}"
            elif case.problem is not None:
                yield f"not run: {policy}: {case.name}: {case.problem}"
            else:
                yield f"ok: {policy}: {case.name}"


def _written(place: Place) -> str:
    return ": ".join(part for part in (place.file, place.path) if part)


def _as_json(
    is_right: bool,
    problems: Sequence[tuple[Place, str]],
    found: Checked,
    place: Callable[[str], Place],
) -> dict[str, Any]:
    return {
        "ok": is_right,
        "problems": [{**asdict(at), "message": message} for at, message in problems],
        "warnings": [asdict(warning) | asdict(place(warning.path)) for warning in found.warnings],
        "cases": [{"policy": policy, **asdict(case)} for policy, cases in found.cases for case in cases],
    }
