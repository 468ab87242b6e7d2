# SPDX-License-Identifier: GPL-3.0-or-later
"""Small pictures of an image's pixels for a page (PNG, ISO/IEC 15948)."""

import struct
import zlib
from typing import Final

import numpy
from pydicom import Dataset
from pydicom.pixels.utils import pixel_array

from router.transforms.pixels import Array
from router.unreadable import UNREADABLE

#: The most pixels of the longer side.
_LARGEST: Final = 512
_SIGNATURE: Final = b"\x89PNG\r\n\x1a\n"
_GREY, _COLOUR = 0, 2


def pictures(before: Dataset, after: Dataset) -> tuple[bytes | None, bytes | None]:
    """Return a picture of each image, scaled alike from black to white for comparison; of several frames the
    middle one.

    None for an image without decodable pixels.
    """
    frames = [_frame(dataset) for dataset in (before, after)]
    seen = next((frame for frame in frames if frame is not None), None)
    if seen is None:
        return None, None
    darkest, brightest = (float(value) for value in numpy.percentile(seen, (0.5, 99.5)))
    first, second = (None if frame is None else _png(_scaled(frame, darkest, brightest)) for frame in frames)
    return first, second


def _frame(dataset: Dataset) -> Array | None:
    """One frame as (rows, columns) or (rows, columns, 3), with fewer pixels if it is large."""
    if "PixelData" not in dataset:
        return None
    try:
        index = int(dataset.get("NumberOfFrames") or 1) // 2
        frame = pixel_array(dataset, index=index)
    except (*UNREADABLE, RuntimeError, NotImplementedError):
        return None
    step = -(-max(frame.shape[:2]) // _LARGEST)
    frame = frame[::step, ::step]
    return frame.max() - frame if dataset.get("PhotometricInterpretation") == "MONOCHROME1" else frame


def _scaled(frame: Array, darkest: float, brightest: float) -> Array:
    if frame.ndim == 3 and frame.dtype == numpy.uint8:
        return frame
    spread = max(brightest - darkest, 1.0)
    scaled = (frame.astype(numpy.float32) - darkest) * (255.0 / spread)
    return scaled.clip(0, 255).astype(numpy.uint8)


def _png(pixels: Array) -> bytes:
    rows, columns = pixels.shape[:2]
    kind = _COLOUR if pixels.ndim == 3 else _GREY
    # Each line begins with the number of its filter: 0 for none.
    lines = b"".join(b"\0" + line.tobytes() for line in pixels)
    header = struct.pack(">IIBBBBB", columns, rows, 8, kind, 0, 0, 0)
    chunks = ((b"IHDR", header), (b"IDAT", zlib.compress(lines)), (b"IEND", b""))
    return _SIGNATURE + b"".join(_chunk(*chunk) for chunk in chunks)


def _chunk(name: bytes, content: bytes) -> bytes:
    checksum = zlib.crc32(name + content)
    return struct.pack(">I", len(content)) + name + content + struct.pack(">I", checksum)
