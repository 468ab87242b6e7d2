# SPDX-License-Identifier: GPL-3.0-or-later
"""What dead destinations cost a living one: nothing much, is the promise.

    .venv/tests/bin/python tests/benchmarks/lanes.py [--images N] [--runs N]

Three Orthancs side by side on this machine send everything to a node each. One of them also sends everything
to six destinations that are dead: two refuse the connection, two drop it unanswered, two take it and say
nothing. They are tried again every second or two all the time. Another has the same six switched off: it
plans as much and tries nothing. The third has none. Images are sent to all in turn; what is compared is the
time from the C-STORE response to the arrival at the living node, of an image alone and of images on average
in a stream (TCP_NODELAY=1 for all).
"""

import argparse
import sys
import tempfile
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from statistics import mean

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from benchmarks.measuring import Row, TimedStoreScp, table, timed_storescu
from benchmarks.routing import EVERYTHING, let_it_be_idle
from samples import make_image, make_series, write
from servers.broken import BlackHole, BrokenServer
from servers.orthanc import OrthancServer
from servers.process import free_port
from servers.router import Receiver, RouterClient

EAGER = {"attempts": 1000, "initial_seconds": 1, "max_seconds": 2}
SETTINGS = {"timeout_seconds": 3}
#: The delivery latency of the living destination may move by a fifth.
BOUND = 1.2


class Refusing:
    """A node where nobody listens."""

    aet = "REFUSING"
    host = "127.0.0.1"

    def __init__(self) -> None:
        self.port = free_port()


@contextmanager
def dead_nodes() -> Iterator[list[Receiver]]:
    """Two of each way to be dead."""
    with ExitStack() as stack:
        yield [
            *(Refusing() for _ in range(2)),
            *(stack.enter_context(BlackHole()) for _ in range(2)),
            *(stack.enter_context(BrokenServer(reset=False)) for _ in range(2)),
        ]


class Side:
    """An Orthanc, the living node it sends to, and perhaps dead ones."""

    def __init__(self, folder: Path, stack: ExitStack, dead: list[Receiver], enabled: bool = True) -> None:
        folder.mkdir()
        self._folder = folder
        self._node = stack.enter_context(TimedStoreScp(folder / "node", "LIVING"))
        self._orthanc = stack.enter_context(OrthancServer(folder / "orthanc"))
        self._router = RouterClient(self._orthanc.rest)
        self._router.policy("Living", EVERYTHING, self._router.destination("Living", self._node))
        fields = {"enabled": enabled, "settings": SETTINGS, "retry": EAGER}
        self._dead = [
            self._router.destination(f"Dead {number}", node, **fields)["id"]
            for number, node in enumerate(dead)
        ]
        for number, destination in enumerate(self._dead):
            self._router.policy(f"Dead {number}", EVERYTHING, destination)
        self._sent = 0

    def latency(self, files: list[Path]) -> float:
        """Seconds from the response to the sender until the arrival at the living node, on average over the
        images."""
        sending = timed_storescu(self._orthanc.dicom_port, files, self._folder)
        self._sent += len(files)
        self._node.wait_for_images(self._sent)
        return mean(self._node.arrival_times()[-len(files) :]) - mean(sending.responses)

    def wait_until_dead_are_tried(self) -> None:
        """Wait until every dead destination has failed once."""
        for destination in self._dead:
            self._router.wait_for_deliveries(
                lambda found: any(delivery["attempts"] for delivery in found), 60, destination=destination
            )


def measure(folder: Path, images: int, runs: int) -> list[Row]:
    """The lines of the table."""
    single: tuple[list[float], ...] = ([], [], [])
    streams: tuple[list[float], ...] = ([], [], [])
    with ExitStack() as stack:
        dead = stack.enter_context(dead_nodes())
        without = Side(folder / "without", stack, [])
        switched_off = Side(folder / "off", stack, dead, enabled=False)
        tried = Side(folder / "with", stack, dead)
        sides = [without, switched_off, tried]
        for side in sides:
            side.latency(write(make_series(20), folder / "first"))
        tried.wait_until_dead_are_tried()
        for _ in range(images):
            files = write([make_image(size=12 * 1024)], folder / "image")
            for side, taken in zip(sides, single, strict=True):
                let_it_be_idle()
                taken.append(side.latency(files))
            files[0].unlink()
        for run in range(runs):
            files = write(make_series(200, size=12 * 1024), folder / f"stream {run}")
            for side, taken in zip(sides, streams, strict=True):
                let_it_be_idle()
                taken.append(side.latency(files))
    return [
        row
        for what, (none, off, dead_ones) in (("one image alone", single), ("200 images of 12 KB", streams))
        for row in (
            Row(f"{what}: 6 dead destinations : the same switched off", dead_ones, off, BOUND, "ms"),
            Row(f"{what}: 6 dead destinations : none", dead_ones, none, unit="ms"),
        )
    ]


def main() -> None:
    """Measure and print the table."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--images", type=int, default=100)
    parser.add_argument("--runs", type=int, default=7)
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="lanes-") as folder:
        rows = measure(Path(folder), arguments.images, arguments.runs)
    print(table(rows))
    if any(row.verdict == "OVER" for row in rows):
        sys.exit(1)


if __name__ == "__main__":
    main()
