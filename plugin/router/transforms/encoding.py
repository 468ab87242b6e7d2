"""The encoding of pixels (transfer syntax): from any that can be decoded to those that lose nothing."""

from collections.abc import Iterator
from contextlib import contextmanager

from pydicom import Dataset, FileDataset
from pydicom.sequence import Sequence as DicomSequence
from pydicom.uid import (
    HTJ2K,
    JPEG2000,
    UID,
    ExplicitVRLittleEndian,
    JPEGBaseline8Bit,
    JPEGExtended12Bit,
    JPEGLSNearLossless,
)

from router.transforms.untransformable import Untransformable

#: What decoders and encoders raise on pixels that are broken or of a kind they do not know.
_FAILURES = (ValueError, TypeError, AttributeError, KeyError, RuntimeError, NotImplementedError, IndexError)

#: LossyImageCompressionMethod of what cannot be lossless (PS3.3, C.7.6.1.1.5).
_LOSSY = {
    JPEGBaseline8Bit: "ISO_10918_1",
    JPEGExtended12Bit: "ISO_10918_1",
    JPEGLSNearLossless: "ISO_14495_1",
    JPEG2000: "ISO_15444_1",
    HTJ2K: "ISO_15444_15",
}


def encode(dataset: FileDataset, wanted: UID) -> None:
    """Bring an image to a transfer syntax without any loss; without pixels there is nothing to compress.

    Raises Untransformable.
    """
    syntax = UID(dataset.file_meta.TransferSyntaxUID)
    if syntax == wanted or (wanted.is_encapsulated and "PixelData" not in dataset):
        return
    if syntax.is_encapsulated and "PixelData" in dataset:
        decompress(dataset, ExplicitVRLittleEndian)
        syntax = ExplicitVRLittleEndian
    if not syntax.is_little_endian:
        raise Untransformable("A big endian image cannot be brought to another transfer syntax")
    if not wanted.is_encapsulated:
        dataset.file_meta.TransferSyntaxUID = wanted
        return
    dataset.file_meta.TransferSyntaxUID = ExplicitVRLittleEndian
    try:
        with _panics_as_errors():
            dataset.compress(wanted, generate_instance_uid=False)
    except _FAILURES as error:
        raise Untransformable(
            f"Its pixels cannot be encoded as {wanted.name}: {_first_line(error)}"
        ) from error


def decompress(dataset: Dataset, wanted: UID) -> None:
    """Decode compressed pixels; colours become RGB. Raises Untransformable."""
    syntax = UID(dataset.file_meta.TransferSyntaxUID)
    try:
        with _panics_as_errors():
            dataset.decompress(as_rgb=True, generate_instance_uid=False)
    except _FAILURES as error:
        raise Untransformable(
            f"Its pixels ({syntax.name}) cannot be decoded: {_first_line(error)}"
        ) from error
    dataset.file_meta.TransferSyntaxUID = wanted
    # The icon has the encoding of the image, and is left behind rather than left unreadable.
    if any(isinstance(item.get("PixelData"), bytes) for item in _icons(dataset)):
        del dataset.IconImageSequence
    if syntax in _LOSSY and not dataset.get("LossyImageCompression"):
        dataset.LossyImageCompression = "01"
        dataset.LossyImageCompressionMethod = _LOSSY[syntax]


@contextmanager
def _panics_as_errors() -> Iterator[None]:
    """A decoder written in Rust panics at broken pixels, which to Python is no Exception (PyO3) and would end
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
    return (str(error).splitlines() or [type(error).__name__])[0].rstrip(":")
