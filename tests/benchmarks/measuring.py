# SPDX-License-Identifier: GPL-3.0-or-later
"""Senders and receivers whose log tells the time of each message, and a table of what was measured.

The times are dcmtk's own, written as it works; nothing of the measuring runs beside what is measured.
"""

import mmap
import os
import re
import subprocess
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from statistics import median

from servers.storescp import StoreScp
from servers.waiting import wait_until

_LOG_CONFIGURATION = """
log4cplus.rootLogger = INFO, console
log4cplus.appender.console = log4cplus::ConsoleAppender
log4cplus.appender.console.logToStdErr = true
log4cplus.appender.console.ImmediateFlush = true
log4cplus.appender.console.layout = log4cplus::PatternLayout
log4cplus.appender.console.layout.ConversionPattern = %D{%s.%Q} %m%n
"""
#: What is left to what is measured, page cache included.
_MEMORY_LEFT = 3 * 1024**3
_LINE = re.compile(r"(\d+)\.(\d{3})\.(\d{3}) (.*)")


@contextmanager
def memory_at_hand() -> Iterator[None]:
    """Hold all memory but 3 GB, so that what is measured goes round in those.

    The host of a virtual machine gives it memory as it is touched, and takes back what is free. Who touches
    much of it for the first time, as the page cache does when files are written, may take half as long again
    by that alone, and it is chance which side of a comparison it meets.
    """
    lines = Path("/proc/meminfo").read_text("ascii").splitlines()
    available = next(int(line.split()[1]) for line in lines if line.startswith("MemAvailable")) * 1024
    held = max(mmap.PAGESIZE, (available - _MEMORY_LEFT) // mmap.PAGESIZE * mmap.PAGESIZE)
    with mmap.mmap(-1, held) as memory:
        for page in range(0, held, mmap.PAGESIZE):
            memory[page] = 1
        yield


def times_of(log: str, message: str) -> list[float]:
    """When each line that begins with `message` was written, in seconds since the epoch."""
    times = []
    for line in log.splitlines():
        found = _LINE.fullmatch(line)
        if found and found[4].startswith(message):
            times.append(float(f"{found[1]}.{found[2]}{found[3]}"))
    return times


def log_configuration(folder: Path) -> Path:
    """The file that makes dcmtk's tools write the time before each message."""
    path = folder / "dcmtk-log.cfg"
    path.write_text(_LOG_CONFIGURATION, "ascii")
    return path


@dataclass(frozen=True)
class Sending:
    """When a sender asked for its association, sent its first image, and got each response."""

    associating: float
    first: float
    responses: Sequence[float]

    @property
    def last(self) -> float:
        """When it got its last response."""
        return self.responses[-1]

    @property
    def seconds(self) -> float:
        return self.last - self.first


def timed_storescu(port: int, files: Sequence[Path], folder: Path) -> Sending:
    """Send files by `storescu` in one association. Raises AssertionError unless all were accepted."""
    command: list[str | Path] = ["storescu", "-lc", log_configuration(folder), "-R", "127.0.0.1", str(port)]
    result = subprocess.run(
        [*command, *files],
        env={**os.environ, "TCP_NODELAY": "1"},
        capture_output=True,
        text=True,
        check=False,
    )
    responses = times_of(result.stderr, "Received Store Response (Success)")
    assert len(responses) == len(files), result.stderr[-2000:]
    associating = times_of(result.stderr, "Requesting Association")[0]
    return Sending(associating, times_of(result.stderr, "Sending Store Request")[0], responses)


class TimedStoreScp(StoreScp):
    """A `storescp` that notes when each image has arrived."""

    def __init__(self, folder: Path, aet: str, *, several_at_once: bool = True) -> None:
        folder.mkdir(parents=True)
        log = ("-lc", str(log_configuration(folder)))
        super().__init__(folder, aet, log=log, any_transfer_syntax=False, several_at_once=several_at_once)

    def arrival_times(self) -> list[float]:
        """When each image had come in whole, in order."""
        return times_of(self.process.log_text(), "storing DICOM file")

    def wait_for_images(self, count: int, timeout: float = 180) -> float:
        """Wait until so many images have come; when the last of them did."""
        wait_until(lambda: self._count() >= count, timeout, lambda: f"{self._count()} of {count} have come")
        return max(self.arrival_times()[:count])

    def _count(self) -> int:
        with os.scandir(self.files_folder) as entries:
            return sum(1 for _ in entries)


@dataclass(frozen=True)
class Row:
    """One line of the table: what was measured against what, and what the ratio should be at most."""

    title: str
    measured: Sequence[float]
    reference: Sequence[float] = ()
    bound: float | None = None
    unit: str = "s"

    @property
    def ratio(self) -> float | None:
        """Of the medians; None where there is nothing to compare with."""
        return median(self.measured) / median(self.reference) if self.reference else None

    @property
    def verdict(self) -> str:
        if self.bound is None or self.ratio is None:
            return ""
        return "ok" if self.ratio <= self.bound else "OVER"

    def cells(self) -> list[str]:
        """The line's cells."""
        scale, digits = (1000, 1) if self.unit == "ms" else (1, 2)
        values = [f"{scale * median(self.measured):.{digits}f} {self.unit}"]
        values.append(f"{scale * median(self.reference):.{digits}f} {self.unit}" if self.reference else "")
        values.append("" if self.ratio is None else f"{self.ratio:.2f}")
        values.append("" if self.bound is None else f"{self.bound:.2f}")
        return [self.title, *values, self.verdict]


def table(rows: Iterable[Row]) -> str:
    """The lines as text in columns."""
    cells = [["", "median", "reference", "ratio", "at most", ""], *(row.cells() for row in rows)]
    widths = [max(len(line[column]) for line in cells) for column in range(len(cells[0]))]
    return "\n".join(
        "  ".join(
            text.ljust(width) if column == 0 else text.rjust(width)
            for column, (text, width) in enumerate(zip(line, widths, strict=True))
        ).rstrip()
        for line in cells
    )
