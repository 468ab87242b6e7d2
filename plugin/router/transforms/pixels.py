# SPDX-License-Identifier: GPL-3.0-or-later
"""Uncompressed pixels: their layout in Pixel Data (PS3.5, 8.1 and 8.2; PS3.3, C.7.6.3)."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import numpy
from pydicom import Dataset

from router.transforms.untransformable import Untransformable

Array = numpy.ndarray[Any, numpy.dtype[Any]]
Buffer = bytes | bytearray | memoryview

_CONTAINERS = {8: "u1", 16: "u2", 32: "u4"}

#: Two pixels share their chroma in these, so that a frame is shorter than its number of pixels suggests.
_SUBSAMPLED = frozenset({"YBR_FULL_422", "YBR_PARTIAL_422", "YBR_PARTIAL_420"})

#: The word type of each VR: its byte order differs between little and big endian (PS3.5, 7.3).
_WORDS = {"OW": "u2", "OF": "u4", "OL": "u4", "OD": "u8", "OV": "u8"}


@dataclass(frozen=True, slots=True)
class Layout:
    """The layout of an image's samples in its Pixel Data."""

    frames: int
    rows: int
    columns: int
    samples: int
    #: The type of a stored sample, always unsigned.
    kind: numpy.dtype[Any]
    is_by_plane: bool

    @classmethod
    def of(cls, dataset: Dataset) -> "Layout":
        """The layout of an uncompressed image. Raises Untransformable where samples are not whole bytes, or
        share their chroma."""
        bits = int(dataset.get("BitsAllocated") or 0)
        if bits not in _CONTAINERS:
            raise Untransformable(f"Pixels of {bits} bits cannot be changed or compressed")
        photometric = str(dataset.get("PhotometricInterpretation") or "")
        if photometric in _SUBSAMPLED:
            raise Untransformable(f"Pixels in {photometric} cannot be changed or compressed")
        kind = numpy.dtype(_CONTAINERS[bits])
        # Big endian files swap pairs of 8-bit pixels in words (OW) (PS3.5, A.3).
        if not dataset.file_meta.TransferSyntaxUID.is_little_endian:
            if bits == 8 and dataset["PixelData"].VR == "OW":
                raise Untransformable("8-bit pixels in big endian words cannot be changed")
            kind = kind.newbyteorder(">")
        samples = int(dataset.get("SamplesPerPixel") or 1)
        return cls(
            frames=int(dataset.get("NumberOfFrames") or 1),
            rows=int(dataset.get("Rows") or 0),
            columns=int(dataset.get("Columns") or 0),
            samples=samples,
            kind=kind,
            is_by_plane=samples > 1 and int(dataset.get("PlanarConfiguration") or 0) == 1,
        )

    @property
    def size(self) -> int:
        """The size of all frames in bytes."""
        return self.frames * self.rows * self.columns * self.samples * self.kind.itemsize

    def check(self, data: "PixelData") -> None:
        """Raise Untransformable where pixels are missing."""
        if not self.size or len(data) < self.size:
            raise Untransformable("It has fewer pixels than it says")

    def raw_frames(self, data: "PixelData") -> Iterator[Buffer]:
        """Yield the bytes of each frame."""
        if isinstance(data, ChangedPixels):
            yield from data.raw_frames()
            return
        each = self.size // self.frames
        view = memoryview(data)
        for frame in range(self.frames):
            yield view[frame * each : (frame + 1) * each]

    def frame(self, raw: Buffer) -> Array:
        """The samples of a frame as (rows, columns, samples) in any stored order: a view of its bytes."""
        samples = numpy.frombuffer(raw, self.kind)
        if self.is_by_plane:
            return samples.reshape(self.samples, self.rows, self.columns).transpose(1, 2, 0)
        return samples.reshape(self.rows, self.columns, self.samples)

    def frames_of(self, data: "PixelData") -> Iterator[Array]:
        """The samples of each frame, as `frame` gives them. Raises Untransformable."""
        self.check(data)
        return map(self.frame, self.raw_frames(data))


class ChangedPixels:
    """Uncompressed pixels, changed frame by frame as they are read. Memory never has a full copy."""

    def __init__(self, source: "PixelData", layout: Layout, change: Callable[[Array], None]) -> None:
        """`change` writes into a frame of (rows, columns, samples). Raises Untransformable."""
        layout.check(source)
        self._source = source
        self._layout = layout
        self._change = change

    def __len__(self) -> int:
        return len(self._source)

    def raw_frames(self) -> Iterator[Buffer]:
        """Yield the changed bytes of each frame."""
        for raw in self._layout.raw_frames(self._source):
            changed = bytearray(raw)
            self._change(self._layout.frame(changed))
            yield changed

    def padding(self) -> Buffer:
        """The bytes after the last frame."""
        behind = self._source
        while isinstance(behind, ChangedPixels):
            behind = behind._source
        return memoryview(behind)[self._layout.size :]


#: The value of Pixel Data during a change. Compressed pixels are always bytes or a view of bytes.
PixelData = Buffer | ChangedPixels


def has_pixels(dataset: Dataset) -> bool:
    """Whether there are integer pixels (Pixel Data)."""
    return bool(dataset.get("PixelData"))


def expand_chroma(dataset: Dataset) -> list[str]:
    """Convert uncompressed YBR_FULL_422 to YBR_FULL: both pixels of a pair get their shared chroma (PS3.3,
    C.7.6.3.1.2).

    Return remarks: what a person should know of the result. Raises Untransformable.
    """
    frames = int(dataset.get("NumberOfFrames") or 1)
    rows, columns = int(dataset.get("Rows") or 0), int(dataset.get("Columns") or 0)
    if dataset.get("BitsAllocated") != 8 or columns % 2 or int(dataset.get("PlanarConfiguration") or 0):
        raise Untransformable("Pixels in YBR_FULL_422 of this kind cannot be changed or compressed")
    pairs = frames * rows * columns // 2
    if not pairs or len(dataset.PixelData) < pairs * 4:
        raise Untransformable("It has fewer pixels than it says")
    stored = numpy.frombuffer(dataset.PixelData, "u1", pairs * 4).reshape(pairs, 4)
    expanded = stored[:, [0, 2, 3, 1, 2, 3]].tobytes()
    dataset["PixelData"].value = expanded + bytes(len(expanded) % 2)
    dataset.PhotometricInterpretation = "YBR_FULL"
    return ["Colours in YBR_FULL_422 became YBR_FULL."]


def to_little_endian(level: Dataset) -> None:
    """Convert the words of a big endian data set to little endian. The writer converts numbers and texts,
    because pydicom has read them already (PS3.5, 7.3)."""
    for element in level:
        if element.VR == "SQ":
            for item in element.value:
                to_little_endian(item)
        elif element.VR in _WORDS and isinstance(element.value, bytes | memoryview):
            word = numpy.dtype(_WORDS[element.VR])
            whole = len(element.value) // word.itemsize * word.itemsize
            words = numpy.frombuffer(element.value, word, whole // word.itemsize)
            element.value = words.byteswap().tobytes() + bytes(element.value[whole:])
