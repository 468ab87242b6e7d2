# SPDX-License-Identifier: GPL-3.0-or-later
"""What GDCM, dcmtk and dicom3tools say of a file: pydicom alone would undo some errors of its own."""

import io
import subprocess
import tempfile
from pathlib import Path
from typing import Any

import numpy
from openjpeg.utils import decode as openjpeg_decode
from pydicom import Dataset, FileDataset, dcmread
from pydicom.encaps import generate_frames
from pydicom.uid import (
    UID,
    JPEGBaseline8Bit,
    JPEGLossless,
    JPEGLosslessSV1,
    JPEGLSLossless,
    RLELossless,
)

Array = numpy.ndarray[Any, numpy.dtype[Any]]

_DCMTK = {
    RLELossless: "dcmdrle",
    JPEGBaseline8Bit: "dcmdjpeg",
    JPEGLossless: "dcmdjpeg",
    JPEGLosslessSV1: "dcmdjpeg",
    JPEGLSLossless: "dcmdjpls",
}


def gdcm_pixels(file: bytes) -> Array:
    """The pixels as GDCM reads them: (frames, rows, columns, samples)."""
    return _decoded(file, "gdcmconv", "--raw")


def dcmtk_pixels(file: bytes, syntax: UID) -> Array:
    """The pixels as dcmtk reads them, from a transfer syntax that it knows."""
    return _decoded(file, _DCMTK.get(syntax, "dcmconv"))


def openjpeg_pixels(file: bytes) -> Array:
    """The pixels of a JPEG 2000 or HTJ2K file as OpenJPEG reads them."""
    dataset = dcmread(io.BytesIO(file))
    frames = generate_frames(dataset.PixelData, number_of_frames=int(dataset.get("NumberOfFrames") or 1))
    pixels = numpy.stack([openjpeg_decode(frame) for frame in frames])
    return pixels.reshape(len(pixels), dataset.Rows, dataset.Columns, dataset.SamplesPerPixel)


def dcmtk_knows(syntax: UID) -> bool:
    """Whether dcmtk decodes it: all but JPEG 2000 and what came after it."""
    return syntax in _DCMTK or not syntax.is_encapsulated


def reread(file: bytes, *command: str) -> FileDataset:
    """What a command makes of the file: it is given a path to read and one to write."""
    with tempfile.TemporaryDirectory() as folder:
        source, made = Path(folder, "in.dcm"), Path(folder, "out.dcm")
        source.write_bytes(file)
        subprocess.run([*command, source, made], check=True, capture_output=True, timeout=60)
        return dcmread(made)


def errors_of(file: bytes, *command: str) -> list[str]:
    """The lines in which a checker tells of errors."""
    with tempfile.NamedTemporaryFile(suffix=".dcm") as source:
        source.write(file)
        source.flush()
        run = subprocess.run([*command, source.name], check=False, capture_output=True, text=True, timeout=60)
    lines = [line.removeprefix("W: ") for line in (run.stdout + run.stderr).splitlines()]
    return [line for line in lines if line.startswith(("E:", "Error", "Test failed"))]


def stored_pixels(dataset: Dataset) -> Array:
    """Uncompressed little endian pixels, by numpy alone: (frames, rows, columns, samples)."""
    frames, samples = int(dataset.get("NumberOfFrames") or 1), dataset.SamplesPerPixel
    kind = f"<{'i' if dataset.PixelRepresentation else 'u'}{dataset.BitsAllocated // 8}"
    size = frames * dataset.Rows * dataset.Columns * samples
    pixels = numpy.frombuffer(dataset.PixelData, kind, size)
    if samples > 1 and dataset.PlanarConfiguration == 1:
        return pixels.reshape(frames, samples, dataset.Rows, dataset.Columns).transpose(0, 2, 3, 1)
    return pixels.reshape(frames, dataset.Rows, dataset.Columns, samples)


def _decoded(file: bytes, *command: str) -> Array:
    return stored_pixels(reread(file, *command))
