"""Counts the test results in a folder of JUnit XML files: `count_results.py BROKEN FOLDER`.

BROKEN is the number of parts that have failed. The last line of `tests/run` must not read like success
where a part failed without a failing test (a lint error, a crash), so there are at least as many failures.
"""

import sys
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from xml.etree import ElementTree


def main() -> None:
    """Print `N passed, N failed` and, if any, the number of tests that were skipped.

    Before that, the tests that failed at first and passed when they were run again; the results of the
    second try are in the folder `second`.
    """
    broken, folder = int(sys.argv[1]), Path(sys.argv[2])
    first = [result for file in sorted(folder.glob("*.xml")) for result in _results(file)]
    second = {name: outcome for file in folder.glob("second/*.xml") for name, outcome in _results(file)}
    again = sorted(name for name, outcome in first if outcome == "failed" and second.get(name) == "passed")
    for name in again:
        print(f"Passed on the second try: {name}")
    counts = Counter("passed" if name in again else outcome for name, outcome in first)
    told = [f"{counts['passed']} passed", f"{max(counts['failed'], broken)} failed"]
    if counts["skipped"]:
        told.append(f"{counts['skipped']} skipped")
    print(", ".join(told))


def _results(file: Path) -> Iterator[tuple[str, str]]:
    """Each test of a file, and what came of it."""
    for case in ElementTree.parse(file).iter("testcase"):
        outcomes = {child.tag for child in case}
        if outcomes & {"failure", "error"}:
            outcome = "failed"
        else:
            outcome = "skipped" if "skipped" in outcomes else "passed"
        yield f"{case.get('classname')}::{case.get('name')}", outcome


if __name__ == "__main__":
    main()
