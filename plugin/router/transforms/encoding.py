# SPDX-License-Identifier: GPL-3.0-or-later
"""The encoding of pixels (transfer syntax): from any decodable one to lossless ones."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager

from pydicom import Dataset, FileDataset
from pydicom.encaps import encapsulate, encapsulate_extended
from pydicom.sequence import Sequence as DicomSequence
from pydicom.uid import (
    HTJ2K,
    JPEG2000,
    UID,
    DeflatedExplicitVRLittleEndian,
    ExplicitVRBigEndian,
    ExplicitVRLittleEndian,
    ImplicitVRLittleEndian,
    JPEGBaseline8Bit,
    JPEGExtended12Bit,
    JPEGLSNearLossless,
    RLELossless,
)

from router.transforms import overlays
from router.transforms.codecs import LOSSLESS, WHOLE_BYTES, encoded
from router.transforms.pixels import Array, Layout, expand_chroma, has_pixels, to_little_endian
from router.transforms.untransformable import Untransformable

#: What decoders and encoders raise on broken or unsupported pixels.
_FAILURES = (ValueError, TypeError, AttributeError, KeyError, RuntimeError, NotImplementedError, IndexError)

#: LossyImageCompressionMethod by transfer syntaxes that are lossy (PS3.3, C.7.6.1.1.5).
_LOSSY = {
    JPEGBaseline8Bit: "ISO_10918_1",
    JPEGExtended12Bit: "ISO_10918_1",
    JPEGLSNearLossless: "ISO_14495_1",
    JPEG2000: "ISO_15444_1",
    HTJ2K: "ISO_15444_15",
}

#: The uncompressed transfer syntaxes, by how much they preserve.
UNCOMPRESSED = (ExplicitVRLittleEndian, ImplicitVRLittleEndian, DeflatedExplicitVRLittleEndian)

#: The longest offset that fits a Basic Offset Table; longer ones need an extended one (PS3.3, C.7.6.3.1.8).
_LONGEST_OFFSET = 2**32 - 1


def encode(dataset: FileDataset, accepted: Sequence[UID]) -> list[str]:
    """Convert an image to the first accepted transfer syntax that can hold all of it. Where the result is to
    be uncompressed, an uncompressed image keeps its own transfer syntax if that is accepted.

    Return remarks: what a person should know of the result. Raises Untransformable where no syntax can hold
    it; the data set may be changed even then.
    """
    came = UID(dataset.file_meta.TransferSyntaxUID)
    wanted = accepted[0]
    if came == wanted:
        return []
    if not has_pixels(dataset):
        _encode_without_pixels(dataset, accepted)
        return []
    remarks: list[str] = []
    if came.is_encapsulated:
        try:
            remarks += decompress(dataset, ExplicitVRLittleEndian)
        except Untransformable as error:
            if came not in accepted:
                raise
            return [f"Left in {came.name}. {error}."]
    elif came == ExplicitVRBigEndian:
        _leave_big_endian(dataset)
    reasons = []
    for syntax in accepted:
        if not syntax.is_encapsulated:
            is_left = syntax != wanted and came in accepted and came in UNCOMPRESSED
            dataset.file_meta.TransferSyntaxUID = came if is_left else syntax
            break
        try:
            _compress(dataset, syntax, remarks)
            break
        except Untransformable as error:
            reasons.append(f"Not compressed as {syntax.name}. {error}.")
    else:
        raise Untransformable(" ".join(reasons))
    return remarks + reasons


def decompress(dataset: Dataset, wanted: UID) -> list[str]:
    """Decode compressed pixels. Colours that were compressed with loss become RGB; others stay.

    Return remarks as `encode` does. Raises Untransformable.
    """
    syntax = UID(dataset.file_meta.TransferSyntaxUID)
    photometric = str(dataset.get("PhotometricInterpretation") or "")
    try:
        with _panics_as_errors():
            # pydicom accepts no memoryview.
            dataset["PixelData"].value = bytes(dataset.PixelData)
            dataset.decompress(as_rgb=syntax in _LOSSY, generate_instance_uid=False)
    except _FAILURES as error:
        raise Untransformable(
            f"Its pixels ({syntax.name}) cannot be decoded: {_first_line(error)}"
        ) from error
    dataset.file_meta.TransferSyntaxUID = wanted
    _forget_offsets(dataset)
    # The icon has the encoding of the image; it is removed because it would become unreadable.
    if any(isinstance(item.get("PixelData"), bytes) for item in _icons(dataset)):
        del dataset.IconImageSequence
    if syntax in _LOSSY and not dataset.get("LossyImageCompression"):
        dataset.LossyImageCompression = "01"
        dataset.LossyImageCompressionMethod = _LOSSY[syntax]
    became = str(dataset.get("PhotometricInterpretation") or "")
    # A transform inside the codec (RCT, ICT) needs no remark: it is only undone.
    if became != photometric and photometric.startswith("YBR_FULL"):
        return [f"Colours in {photometric} became {became}."]
    return []


def clear_bits(dataset: FileDataset, positions: Sequence[int]) -> list[str]:
    """Set bits of all pixels to zero. An image that was compressed without loss is so again, if possible.

    Return remarks as `encode` does. Raises Untransformable.
    """
    came = UID(dataset.file_meta.TransferSyntaxUID)
    remarks = []
    if came.is_encapsulated:
        remarks += decompress(dataset, ExplicitVRLittleEndian)
    overlays.clear_bits(dataset, positions)
    if came in LOSSLESS:
        remarks += encode(dataset, [came, *UNCOMPRESSED])
    return remarks


def _encode_without_pixels(dataset: FileDataset, accepted: Sequence[UID]) -> None:
    """Change the transfer syntax of an image without pixels: to an uncompressed one, if it must change."""
    came = UID(dataset.file_meta.TransferSyntaxUID)
    wanted = next((syntax for syntax in accepted if not syntax.is_encapsulated), None)
    if wanted is None or (accepted[0] != wanted and came in accepted):
        return
    if came == ExplicitVRBigEndian:
        _leave_big_endian(dataset)
    dataset.file_meta.TransferSyntaxUID = wanted


def _leave_big_endian(dataset: FileDataset) -> None:
    to_little_endian(dataset)
    dataset.file_meta.TransferSyntaxUID = ExplicitVRLittleEndian


def _compress(dataset: FileDataset, wanted: UID, remarks: list[str]) -> None:
    """Compress uncompressed little endian pixels without loss.

    Raises Untransformable; the pixels are then uncompressed and equivalent.
    """
    if dataset.get("PhotometricInterpretation") == "YBR_FULL_422":
        remarks += expand_chroma(dataset)
    # RLE ignores BitsStored and keeps all allocated bits.
    if wanted != RLELossless and overlays.move_out_of_pixels(dataset):
        remarks.append("Overlays in the pixels got data of their own.")
    layout = Layout.of(dataset)
    try:
        with _panics_as_errors():
            frames = list(_encoded(dataset, layout, wanted))
    except _FAILURES as error:
        raise Untransformable(_first_line(error)) from error
    _forget_offsets(dataset)
    if sum(8 + len(frame) for frame in frames[:-1]) > _LONGEST_OFFSET:
        pixels, dataset.ExtendedOffsetTable, dataset.ExtendedOffsetTableLengths = encapsulate_extended(frames)
    else:
        pixels = encapsulate(frames)
    dataset.PixelData = pixels
    # PS3.5, A.4: encapsulated pixels have no defined length and are bytes.
    dataset["PixelData"].is_undefined_length = True
    dataset["PixelData"].VR = "OB"
    if layout.samples > 1:
        dataset.PlanarConfiguration = 0
    allocated = layout.kind.itemsize * 8
    if wanted in WHOLE_BYTES and dataset.BitsStored != allocated:
        remarks.append(f"Bits stored became {allocated}, as {wanted.name} has them.")
        dataset.BitsStored, dataset.HighBit = allocated, allocated - 1
    dataset.file_meta.TransferSyntaxUID = wanted


def _encoded(dataset: Dataset, layout: Layout, wanted: UID) -> Iterator[bytes]:
    """Yield each frame, compressed. Raises Untransformable."""
    stored, high = int(dataset.BitsStored), int(dataset.HighBit)
    if wanted != RLELossless and high != stored - 1:
        raise Untransformable("Its pixels do not begin at the lowest bit")
    is_signed = dataset.get("PixelRepresentation") == 1
    for frame in layout.frames_of(dataset.PixelData):
        if wanted != RLELossless and _has_bits_beyond(frame, stored, is_signed):
            raise Untransformable("Its pixels use more bits than it says")
        yield encoded(frame, dataset, wanted)


def _has_bits_beyond(frame: Array, stored: int, is_signed: bool) -> bool:
    """Whether dropping the bits above those stored would lose information. In negative numbers they may all
    be set."""
    allocated = frame.dtype.itemsize * 8
    if stored >= allocated:
        return False
    beyond = frame >> frame.dtype.type(stored)
    if not beyond.any():
        return False
    if not is_signed:
        return True
    negative = (frame >> frame.dtype.type(stored - 1)) & frame.dtype.type(1) == 1
    is_extended = negative & (beyond == (1 << allocated - stored) - 1)
    return bool(((beyond != 0) & ~is_extended).any())


def _forget_offsets(dataset: Dataset) -> None:
    """Remove the offsets, which are wrong in another encoding (PS3.3, C.7.6.3.1.8)."""
    for keyword in ("ExtendedOffsetTable", "ExtendedOffsetTableLengths"):
        dataset.pop(keyword, None)


@contextmanager
def _panics_as_errors() -> Iterator[None]:
    """Raise RuntimeError for a panic in a decoder written in Rust. PyO3's panic is no Exception and would end
    the thread."""
    try:
        yield
    except BaseException as error:
        if type(error).__module__ != "pyo3_runtime":
            raise
        raise RuntimeError(f"the decoder has panicked: {error}") from error


def _icons(dataset: Dataset) -> DicomSequence:
    icons: DicomSequence = dataset.get("IconImageSequence") or DicomSequence()
    return icons


def _first_line(error: Exception) -> str:
    return (str(error).splitlines() or [type(error).__name__])[0].rstrip(":. ")
