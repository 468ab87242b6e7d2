# SPDX-License-Identifier: GPL-3.0-or-later
"""Counts the test results in a folder of JUnit XML files: `count_results.py BROKEN FOLDER`.

BROKEN is the number of parts that have failed. The last line of `tests/run` must not read like success
where a part failed without a failing test (a lint error, a crash), so there are at least as many failures.

Tests that failed at first and passed when they were run again (their results are in the folder `second`) are
named with their first failure. More than a few of them are no chance any more: then they count as failed, and
this ends with status 1.
"""

import sys
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from xml.etree import ElementTree

#: Tests that may pass on the second try only.
_MOST_ON_SECOND_TRY = 5
#: Letters of a failure that are told.
_LONGEST = 300


def main() -> int:
    """Print what passed only on the second try, then `N passed, N failed` and, if any, the number of tests
    that were skipped; the status to end with."""
    broken, folder = int(sys.argv[1]), Path(sys.argv[2])
    first = [result for file in sorted(folder.glob("*.xml")) for result in _results(file)]
    second = {name: outcome for file in folder.glob("second/*.xml") for name, outcome, _ in _results(file)}
    failures = {name: failure for name, outcome, failure in first if outcome == "failed"}
    again = sorted(name for name in failures if second.get(name) == "passed")
    for name in again:
        print(f"Passed on the second try: {name}\n    at first: {failures[name]}")
    too_many = len(again) > _MOST_ON_SECOND_TRY
    if too_many:
        print(f"{len(again)} tests passed only on the second try: that is no chance, and counts as failure")
    passed = frozenset() if too_many else frozenset(again)
    counts = Counter("passed" if name in passed else outcome for name, outcome, _ in first)
    told = [f"{counts['passed']} passed", f"{max(counts['failed'], broken)} failed"]
    if counts["skipped"]:
        told.append(f"{counts['skipped']} skipped")
    print(", ".join(told))
    return int(too_many)


def _results(file: Path) -> Iterator[tuple[str, str, str]]:
    """Each test of a file, what came of it, and the failure in short."""
    for case in ElementTree.parse(file).iter("testcase"):
        outcomes = {child.tag: child for child in case}
        failure = outcomes.get("failure", outcomes.get("error"))
        told = ""
        if failure is not None:
            outcome = "failed"
            told = " ".join((failure.get("message") or failure.text or "").split())[:_LONGEST]
        else:
            outcome = "skipped" if "skipped" in outcomes else "passed"
        yield f"{case.get('classname')}::{case.get('name')}", outcome, told


if __name__ == "__main__":
    sys.exit(main())
