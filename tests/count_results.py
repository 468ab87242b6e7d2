"""Counts the test results in a folder of JUnit XML files: `count_results.py BROKEN FOLDER`.

BROKEN is the number of parts that have failed. The last line of `tests/run` must not read like success
where a part failed without a failing test (a lint error, a crash), so there are at least as many failures.
"""

import sys
from pathlib import Path
from xml.etree import ElementTree


def main() -> None:
    """Print `N passed, N failed` and, if any, the number of tests that were skipped."""
    broken, folder = int(sys.argv[1]), Path(sys.argv[2])
    passed = failed = skipped = 0
    for file in sorted(folder.glob("*.xml")):
        for case in ElementTree.parse(file).iter("testcase"):
            outcomes = {child.tag for child in case}
            if outcomes & {"failure", "error"}:
                failed += 1
            elif "skipped" in outcomes:
                skipped += 1
            else:
                passed += 1
    counts = [f"{passed} passed", f"{max(failed, broken)} failed"]
    if skipped:
        counts.append(f"{skipped} skipped")
    print(", ".join(counts))


if __name__ == "__main__":
    main()
