# SPDX-License-Identifier: GPL-3.0-or-later
"""What an import of many policies takes now, beside an earlier revision of this repository.

    .venv/tests/bin/python tests/benchmarks/importing.py REVISION [--runs N] [--policies N ...]

Each import goes to an Orthanc of its own that has just started; both sides take turns. Printed is how long
the import takes, the longest that health takes to answer meanwhile, and how many times as much the largest
import costs as the smallest.
"""

import argparse
import subprocess
import sys
import tempfile
import threading
import time
from collections import defaultdict
from pathlib import Path
from statistics import median
from typing import Final

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from benchmarks.measuring import Row, table
from servers.orthanc import OrthancServer
from servers.router import Json

_ROOT: Final = Path(__file__).resolve().parents[2]
#: Before policies were checked together, 400 took minutes.
_PATIENCE_SECONDS: Final = 900.0
_POLL_SECONDS: Final = 0.2


def routing(number: int) -> Json:
    """So many policies, each for a scanner of its own, to one destination."""
    described = [{"tag": "StudyDescription", "operator": "contains", "value": f"x{n}"} for n in range(4)]
    policies = [
        {
            "name": f"Scanner {index}",
            "order": index,
            "trigger": {"level": "study"},
            "rule": {
                "all": [
                    {"tag": "@RemoteAET", "operator": "equals", "value": f"SCANNER{index}"},
                    {"tag": "Modality", "operator": "in", "value": ["CT", "MR"]},
                    {"any": described},
                ]
            },
            "actions": [{"type": "forward", "destination": "Archive"}],
        }
        for index in range(number)
    ]
    archive = {
        "name": "Archive",
        "kind": "dicom",
        "settings": {"aet": "ARCHIVE", "host": "localhost", "port": 104},
    }
    return {"version": 1, "destinations": [archive], "policies": policies}


class HealthPolls:
    """Asks for health one time after the other, as open pages do, and keeps the longest that took."""

    def __init__(self, server: OrthancServer) -> None:
        self.longest = 0.0
        self._server = server
        self._ending = threading.Event()
        self._thread = threading.Thread(target=self._poll)

    def __enter__(self) -> "HealthPolls":
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._ending.set()
        self._thread.join()

    def _poll(self) -> None:
        while not self._ending.is_set():
            begin = time.monotonic()
            self._server.rest.request("GET", "/router/health", timeout=_PATIENCE_SECONDS)
            self.longest = max(self.longest, time.monotonic() - begin)
            self._ending.wait(_POLL_SECONDS)


def measured(repository: Path, folder: Path, number: int) -> tuple[float, float]:
    """Seconds that the import of so many policies took, and that health took to answer meanwhile at most."""
    with OrthancServer(folder, repository=repository) as server, HealthPolls(server) as polls:
        begin = time.monotonic()
        answer = server.rest.request(
            "POST", "/router/import", timeout=_PATIENCE_SECONDS, json={"document": routing(number)}
        )
        seconds = time.monotonic() - begin
        answer.raise_for_status()
    return seconds, polls.longest


def compare(revision: str, runs: int, numbers: list[int], folder: Path) -> None:
    """Measure both sides in turn, and print a table."""
    earlier = folder / "earlier"
    git = ["git", "-C", str(_ROOT), "worktree"]
    subprocess.run([*git, "add", "--quiet", "--detach", earlier, revision], check=True)
    imports: dict[tuple[Path, int], list[float]] = defaultdict(list)
    answers: dict[tuple[Path, int], list[float]] = defaultdict(list)
    try:
        for run in range(runs):
            for number in numbers:
                for side in (_ROOT, earlier):
                    seconds, longest = measured(side, folder / f"{side.name}-{run}-{number}", number)
                    imports[side, number].append(seconds)
                    answers[side, number].append(longest)
    finally:
        subprocess.run([*git, "remove", "--force", earlier], check=True)
    rows = [
        Row(f"{what}, {number} policies", found[_ROOT, number], found[earlier, number], bound)
        for what, found, bound in (("import", imports, 1.1), ("longest answer of health", answers, 1.1))
        for number in numbers
    ]
    print(table(rows))
    first, last = numbers[0], numbers[-1]
    for name, side in (("now", _ROOT), (revision, earlier)):
        times = median(imports[side, last]) / median(imports[side, first])
        print(f"{name}: {last} policies cost {times:.1f} times as much as {first}")


def main() -> None:
    """Parse what is asked for, and compare."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("revision")
    parser.add_argument("--runs", type=int, default=1)
    parser.add_argument("--policies", type=int, nargs="+", default=[100, 200, 400])
    asked = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="importing-") as folder:
        compare(asked.revision, asked.runs, asked.policies, Path(folder))


if __name__ == "__main__":
    main()
