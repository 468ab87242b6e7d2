# SPDX-License-Identifier: GPL-3.0-or-later
"""What changing images costs now, beside an earlier revision of this repository.

    .venv/tests/bin/python tests/benchmarks/transforms.py REVISION [--runs N] [--megabytes N]

Both sides run in turn, each in a process of its own; the ratio is that of the medians. Time is the
processor's, for a CT of 512 x 512 pixels with 120 attributes. Memory is the highest while a large image is
changed, the file that comes in and the one that goes out included, as a multiple of the file.
"""

import argparse
import json
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

import numpy

from benchmarks.measuring import Row, table
from samples import file_bytes, make_image

_ROOT = Path(__file__).resolve().parents[2]
_REDACTED = {"rectangles": [[10, 10, 200, 40]]}
_ANONYMIZED: dict[str, Any] = {"anonymize": True}
_TEMPLATE = {"PatientID": "{{ pseudonym(PatientID) }}"}
_TIMED: list[tuple[str, dict[str, Any], float | None]] = [
    ("anonymize", _ANONYMIZED, 0.5),
    ("anonymize with a template", {**_ANONYMIZED, "replace": _TEMPLATE}, 0.5),
    ("replace one value", {"replace": {"StudyDescription": "x"}}, None),
    ("redact", {"redact": [_REDACTED]}, None),
]
_WEIGHED: list[tuple[str, dict[str, Any]]] = [
    ("anonymize", _ANONYMIZED),
    ("redact", {"redact": [_REDACTED]}),
]
_IMAGES_A_RUN = 40

#: Runs in a process of its own: takes a transform and a file, gives seconds an image and the highest memory.
_WORKER = """
import json, sys, time
from pathlib import Path
from router.documents.transform import Transform
from router.transforms import Pseudonyms, Transformer

def memory(name):
    lines = Path("/proc/self/status").read_text().splitlines()
    return next(int(line.split()[1]) * 1024 for line in lines if line.startswith(name))

for line in sys.stdin:
    asked = json.loads(line)
    change = Transformer(Transform.model_validate(asked["transform"]), Pseudonyms(bytes(32)))
    if asked["images"] > 1:
        file = Path(asked["file"]).read_bytes()
        change(file)
    Path("/proc/self/clear_refs").write_text("5")
    before = memory("VmRSS")
    begin = time.process_time()
    if asked["images"] == 1:
        change(Path(asked["file"]).read_bytes())
    else:
        for _ in range(asked["images"]):
            change(file)
    seconds = time.process_time() - begin
    told = {"seconds": seconds / asked["images"], "memory": memory("VmHWM") - before}
    print(json.dumps(told), flush=True)
"""


class Side:
    """One revision, in a process of its own."""

    def __init__(self, root: Path) -> None:
        self._process = subprocess.Popen(
            [sys.executable, "-W", "ignore", "-c", _WORKER],
            env={"PYTHONPATH": str(root / "plugin")},
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )

    def measured(self, transform: dict[str, Any], file: Path, images: int) -> dict[str, float]:
        """What changing the image so often took."""
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        asked = {"transform": transform, "file": str(file), "images": images}
        print(json.dumps(asked), file=self._process.stdin, flush=True)
        told: dict[str, float] = json.loads(self._process.stdout.readline())
        return told

    def end(self) -> None:
        """Let the process end."""
        assert self._process.stdin is not None
        self._process.stdin.close()
        self._process.wait(10)


def ct(folder: Path) -> Path:
    """A CT of 512 x 512 pixels, with about as many attributes as a scanner writes."""
    pixels = numpy.random.default_rng(0).integers(0, 4096, (512, 512)).astype("<u2").tobytes()
    image = make_image(size=len(pixels), PixelData=pixels, BitsStored=12, HighBit=11)
    image.ImageType, image.FrameOfReferenceUID = ["ORIGINAL", "PRIMARY", "AXIAL"], "1.2.3"
    image.ImagePositionPatient, image.ImageOrientationPatient = [0, 0, 0], [1, 0, 0, 0, 1, 0]
    image.PixelSpacing, image.WindowCenter, image.WindowWidth = [0.7, 0.7], [40, 400], [350, 1500]
    for keyword in (
        "InstitutionName",
        "StationName",
        "ProtocolName",
        "ConvolutionKernel",
        "SoftwareVersions",
    ):
        setattr(image, keyword, "TEXT")
    for keyword in ("ContentDate", "AcquisitionDate", "PerformedProcedureStepStartDate"):
        setattr(image, keyword, "20240101")
    for keyword in ("ContentTime", "AcquisitionTime", "PerformedProcedureStepStartTime"):
        setattr(image, keyword, "101010.000000")
    for keyword in (
        "SliceThickness",
        "KVP",
        "SliceLocation",
        "RescaleIntercept",
        "RescaleSlope",
        "PatientWeight",
    ):
        setattr(image, keyword, "1.5")
    block = image.private_block(0x0029, "MAKER", create=True)
    for offset in range(60):
        block.add_new(offset, "LO", "private")
    path = folder / "ct.dcm"
    path.write_bytes(file_bytes(image))
    return path


def large(folder: Path, megabytes: int) -> Path:
    """An image of many frames."""
    frames = megabytes * 2
    pixels = numpy.random.default_rng(0).integers(0, 4096, (512, 512)).astype("<u2").tobytes()
    image = make_image(size=len(pixels), PixelData=pixels * frames, NumberOfFrames=frames)
    path = folder / "large.dcm"
    path.write_bytes(file_bytes(image))
    return path


def row(
    title: str,
    figure: str,
    sides: tuple["Side", "Side"],
    transform: dict[str, Any],
    file: Path,
    times: tuple[int, int],
    bound: float | None,
) -> Row:
    """Both sides in turn: so many images a run, so many runs."""
    images, runs = times
    unit = file.stat().st_size if figure == "memory" else 1
    measured: tuple[list[float], list[float]] = ([], [])
    for _ in range(runs):
        for side, found in zip(sides, measured, strict=True):
            found.append(side.measured(transform, file, images)[figure] / unit)
    return Row(title, *measured, bound=bound, unit="x" if figure == "memory" else "ms")


def compare(revision: str, runs: int, megabytes: int, folder: Path) -> None:
    """Measure both sides in turn, and print tables."""
    earlier = folder / "earlier"
    git = ["git", "-C", str(_ROOT), "worktree"]
    subprocess.run([*git, "add", "--quiet", "--detach", earlier, revision], check=True)
    try:
        now, then = Side(_ROOT), Side(earlier)
        small, big = ct(folder), large(folder, megabytes)
        rows = [
            row(f"{what}, one image", "seconds", (now, then), one, small, (_IMAGES_A_RUN, runs), bound)
            for what, one, bound in _TIMED
        ]
        rows += [
            row(f"{what}, {megabytes} MB", "memory", (now, then), one, big, (1, 2), None)
            for what, one in _WEIGHED
        ]
        print(table(rows))
        now.end()
        then.end()
    finally:
        subprocess.run([*git, "remove", "--force", earlier], check=True)


def main() -> None:
    """Parse what is asked for, and compare."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("revision")
    parser.add_argument("--runs", type=int, default=9)
    parser.add_argument("--megabytes", type=int, default=210)
    asked = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        compare(asked.revision, asked.runs, asked.megabytes, Path(folder))


if __name__ == "__main__":
    main()
