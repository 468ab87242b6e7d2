# SPDX-License-Identifier: GPL-3.0-or-later
"""How fast images get to a node that is 40 ms away, as a round trip.

    .venv/tests/bin/python tests/benchmarks/far.py [--only PART...] [--runs N] [--quick] [--folder DIR]

The node is dcmtk's `storescp` behind a relay that holds back each piece by 20 ms each way. What the router
takes, from the first C-STORE request that it gets until the last image is at the node, is compared with
dcmtk's `dcmsend`, which sends the same files to the same node over one association. Both sides take turns;
the figures are medians over the runs. Destinations are as they are made: nothing is set by hand.
"""

import argparse
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import Final

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from benchmarks.measuring import Row, TimedStoreScp, table, timed_storescu
from samples import make_series, write
from servers.orthanc import OrthancServer
from servers.relay import Relay
from servers.router import Json, RouterClient
from servers.waiting import wait_until

ONE_WAY_SECONDS: Final = 0.02
EVERYTHING: Final[Json] = {"all": []}


@dataclass(frozen=True)
class Part:
    """What is sent how, and what the ratio to `dcmsend` should be at most."""

    title: str
    count: int
    bound: float
    action: Json
    trigger: Json


PARTS: Final = {
    "images": Part("small images", 300, 0.25, {}, {"level": "instance"}),
    "study": Part("small images of one study", 3000, 0.25, {}, {"level": "study", "quiet_seconds": 1}),
    "anonymized": Part(
        "anonymized : unchanged",
        300,
        0.35,
        {"transform": {"anonymize": True}},
        {"level": "instance"},
    ),
}


def routed(part: Part, files: list[Path], folder: Path) -> float:
    """Seconds through the router, without those in which a study is quiet."""
    with ExitStack() as stack:
        node = stack.enter_context(TimedStoreScp(folder / "node", "FAR"))
        far = stack.enter_context(Relay(node.port, ONE_WAY_SECONDS))
        orthanc = stack.enter_context(OrthancServer(folder / "orthanc"))
        router = RouterClient(orthanc.rest)
        action = {"type": "forward", "destination": router.destination("Far", far)["id"], **part.action}
        router.post(
            "/policies", {"name": "All", "rule": EVERYTHING, "actions": [action], "trigger": part.trigger}
        )
        sending = timed_storescu(orthanc.dicom_port, files, folder)
        last = node.wait_for_images(len(files), timeout=600)
        began = sending.last + 1 if part.trigger["level"] == "study" else sending.first
        print(f"  {far.most_at_once} associations at once", file=sys.stderr)
        return last - began


def sent(files: list[Path], folder: Path) -> float:
    """Seconds of `dcmsend` in one association."""
    with ExitStack() as stack:
        node = stack.enter_context(TimedStoreScp(folder / "node", "FAR"))
        far = stack.enter_context(Relay(node.port, ONE_WAY_SECONDS))
        began = time.monotonic()
        command: list[str | Path] = ["dcmsend", "-aec", "FAR", "127.0.0.1", str(far.port), *files]
        subprocess.run(command, env={"TCP_NODELAY": "1", "PATH": "/usr/bin"}, check=True, capture_output=True)
        seconds = time.monotonic() - began
        wait_until(lambda: len(node.arrival_times()) >= len(files), 30)
        return seconds


def measured(part: Part, runs: int, folder: Path) -> Row:
    """The row of a part."""
    files = write(make_series(part.count, size=12 * 1024), folder / "images")
    ours: list[float] = []
    theirs: list[float] = []
    sides: list[tuple[str, list[float], Callable[[Path], float]]] = [
        ("router", ours, lambda place: routed(part, files, place)),
        ("dcmsend", theirs, lambda place: sent(files, place)),
    ]
    for run in range(runs):
        for name, taken, side in sides[run % 2 :] + sides[: run % 2]:
            place = Path(tempfile.mkdtemp(dir=folder))
            taken.append(side(place))
            shutil.rmtree(place)
            print(f"{part.title}, run {run + 1} of {runs}, {name}: {taken[-1]:.2f} s", file=sys.stderr)
    shutil.rmtree(folder / "images")
    return Row(f"{part.count} {part.title}, 40 ms : dcmsend", ours, theirs, part.bound)


def main() -> None:
    """Run what is wanted and print the table."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--only", nargs="+", choices=PARTS, default=list(PARTS))
    parser.add_argument("--runs", type=int, default=3)
    parser.add_argument("--quick", action="store_true", help="one run")
    parser.add_argument("--folder", type=Path, help="where to write; a folder for temporary files otherwise")
    arguments = parser.parse_args()
    runs = 1 if arguments.quick else arguments.runs
    with tempfile.TemporaryDirectory(prefix="far-", dir=arguments.folder) as folder:
        rows = [measured(PARTS[part], runs, Path(folder)) for part in arguments.only]
    print(table(rows))
    if any(row.verdict == "OVER" for row in rows):
        sys.exit(1)


if __name__ == "__main__":
    main()
