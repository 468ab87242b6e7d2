# SPDX-License-Identifier: GPL-3.0-or-later
"""Images in explicit VR big endian (PS3.5, A.3), written and read by dcmtk."""

import subprocess
import tempfile
from pathlib import Path

from pydicom import Dataset, FileDataset
from pydicom.uid import ExplicitVRBigEndian

from samples import file_bytes, make_image, pydicom_images


def big_endian_files() -> dict[str, bytes]:
    """Pydicom's, and images with values of all sizes of words, also in sequences and private elements."""
    files = {
        name: file_bytes(image)
        for name, image in pydicom_images()
        if image.file_meta.TransferSyntaxUID == ExplicitVRBigEndian
    }
    made = {"words": _with_words(), "waveform": _with_waveform()}
    return files | {name: converted(file_bytes(image), "+tb") for name, image in made.items()}


def converted(file: bytes, option: str) -> bytes:
    """What dcmtk's `dcmconv` makes of a file."""
    with tempfile.TemporaryDirectory() as folder:
        source, made = Path(folder, "in.dcm"), Path(folder, "out.dcm")
        source.write_bytes(file)
        subprocess.run(["dcmconv", option, source, made], check=True, capture_output=True, timeout=60)
        return made.read_bytes()


def dumped(file: bytes) -> list[str]:
    """The data set of a file as dcmtk's `dcmdump` reads it: a line for each element, with its whole value."""
    with tempfile.NamedTemporaryFile(suffix=".dcm") as source:
        source.write(file)
        source.flush()
        run = subprocess.run(
            ["dcmdump", "+L", source.name], check=True, capture_output=True, encoding="latin-1", timeout=60
        )
    # Behind the value stands its length, which is not said of sequences in the same way.
    lines = [line.partition("#")[0].rstrip() for line in run.stdout.splitlines()]
    # Neither the meta information nor the padding at the end says anything of the image.
    return [line for line in lines if line and not line.startswith(("(0002", "(fffc"))]


def _with_words() -> FileDataset:
    image = make_image(size=128)
    image.PixelData = bytes(range(len(image.PixelData)))
    image["PixelData"].VR = "OW"
    table, icon, inner = Dataset(), make_image(size=8), Dataset()
    table.LUTDescriptor = [4, 0, 16]
    table.add_new("LUTData", "OW", bytes(range(8)))
    image.ModalityLUTSequence = [table]
    del icon.file_meta
    icon["PixelData"].VR = "OW"
    image.IconImageSequence = [icon]
    inner.add_new(0x00290010, "LO", "ACME")
    inner.add_new(0x00291001, "SS", [-3, 4])
    for element, vr, value in (
        (0x0010, "LO", "ACME"),
        (0x1001, "OW", bytes(range(4))),
        (0x1002, "UL", [1, 70_000]),
        (0x1003, "OB", bytes(range(4))),
        (0x1004, "UN", bytes(range(4))),
        (0x1005, "AT", [0x00100010, 0x00100020]),
        (0x1006, "OF", bytes(range(8))),
        (0x1007, "OD", bytes(range(8))),
        (0x1008, "OL", bytes(range(8))),
        (0x1009, "FD", [1234.5678, -1.5]),
        (0x100A, "FL", 0.5),
        (0x100B, "SV", -5),
        (0x100C, "UV", [5, 6]),
        (0x100D, "OV", bytes(range(16))),
        (0x100E, "SL", -70_000),
        (0x100F, "SQ", [inner]),
    ):
        image.add_new(0x00290000 + element, vr, value)
    image.add_new(0x60000010, "US", 8)
    image.add_new(0x60000011, "US", 8)
    image.add_new(0x60000050, "SS", [1, 1])
    image.add_new(0x60000100, "US", 1)
    image.add_new(0x60003000, "OW", bytes(range(8)))
    return image


def _with_waveform() -> FileDataset:
    image, group = make_image("SR"), Dataset()
    group.WaveformBitsAllocated, group.WaveformSampleInterpretation = 16, "SS"
    group.NumberOfWaveformChannels, group.NumberOfWaveformSamples = 1, 4
    group.add_new("WaveformData", "OW", bytes(range(8)))
    image.WaveformSequence = [group]
    return image
