"""Areas of pixels made one colour (PS3.15, E.3.1), recorded as a derivation (PS3.3, C.7.6.1.1.2)."""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy
from pydicom import Dataset
from pydicom.sequence import Sequence as DicomSequence
from pydicom.sr.codedict import codes
from pydicom.uid import ExplicitVRLittleEndian

from router.documents.transform import Redaction, TagValue
from router.rules import Moment, Reading, Rule, compile_rule
from router.transforms.dummies import code_item
from router.transforms.encoding import decompress
from router.transforms.untransformable import Untransformable

Array = numpy.ndarray[Any, numpy.dtype[Any]]

_CONTAINERS = {8: "u1", 16: "u2", 32: "u4"}

#: The colour black in each photometric interpretation whose samples are not decoded further.
_BLACK = {"RGB": (0, 0, 0), "YBR_FULL": (0, 128, 128)}


class Redactor:
    """Redacts the images that one entry of `redact` is for."""

    def __init__(self, redaction: Redaction) -> None:
        """Raises RuleError where `when` names no tags or values that can be compared."""
        conditions = [_condition(tag, value) for tag, value in redaction.when.items()]
        self._rule: Rule = compile_rule({"all": conditions}, "instance")
        self._rectangles = redaction.rectangles

    def rectangles(self, dataset: Dataset, moment: Moment) -> Sequence[tuple[int, int, int, int]]:
        """What is to be redacted in this image; nothing where it is not meant."""
        return self._rectangles if self._rule.evaluate(Reading.of_dataset(dataset, {}), moment) else ()


def redact(dataset: Dataset, rectangles: Sequence[tuple[int, int, int, int]]) -> None:
    """Make rectangles (left, top, width, height) one dark colour in all frames. Compressed pixels become
    uncompressed. Raises Untransformable where that cannot be done wholly."""
    if "FloatPixelData" in dataset or "DoubleFloatPixelData" in dataset:
        raise Untransformable("Its pixels are floating-point numbers, which cannot be redacted")
    if dataset.file_meta.TransferSyntaxUID.is_encapsulated:
        decompress(dataset, ExplicitVRLittleEndian)
    pixels, is_planar = _pixels(dataset)
    rows, columns = pixels.shape[2:] if is_planar else pixels.shape[1:3]
    for number, (left, top, width, height) in enumerate(rectangles):
        if left >= columns or top >= rows:
            raise Untransformable(
                f"Rectangle {number + 1} lies outside of the image ({columns} x {rows} pixels)"
            )
        area = slice(top, top + height), slice(left, left + width)
        for sample, colour in enumerate(_colour(dataset, pixels)):
            if is_planar:
                pixels[:, sample, *area] = colour
            else:
                pixels[:, *area, sample] = colour
    padding = dataset.PixelData[pixels.nbytes :]
    dataset["PixelData"].value = pixels.tobytes() + padding
    _record(dataset)


def _pixels(dataset: Dataset) -> tuple[Array, bool]:
    """All pixels as (frames, rows, columns, samples), or, where they are planar, (frames, samples, rows,
    columns); as they are stored, so that what is not redacted stays exactly the same."""
    samples = int(dataset.get("SamplesPerPixel") or 1)
    photometric = str(dataset.get("PhotometricInterpretation") or "")
    bits = int(dataset.get("BitsAllocated") or 0)
    if bits not in _CONTAINERS:
        raise Untransformable(f"Pixels of {bits} bits cannot be redacted")
    if samples > 1 and photometric not in _BLACK:
        raise Untransformable(f"Pixels in {photometric or 'an unknown colour model'} cannot be redacted")
    is_planar = samples > 1 and int(dataset.get("PlanarConfiguration") or 0) == 1
    frames = int(dataset.get("NumberOfFrames") or 1)
    rows, columns = int(dataset.get("Rows") or 0), int(dataset.get("Columns") or 0)
    shape = (frames, samples, rows, columns) if is_planar else (frames, rows, columns, samples)
    kind = numpy.dtype(_CONTAINERS[bits])
    # 8-bit pixels in words (OW) of a big endian file come in pairs of the wrong order (PS3.5, A.3).
    if not dataset.file_meta.TransferSyntaxUID.is_little_endian:
        if bits == 8 and dataset["PixelData"].VR == "OW":
            raise Untransformable("8-bit pixels in big endian words cannot be redacted")
        kind = kind.newbyteorder(">")
    count = frames * samples * rows * columns
    if not count or len(dataset.PixelData) < count * kind.itemsize:
        raise Untransformable("It has fewer pixels than it says")
    return numpy.frombuffer(dataset.PixelData, kind, count).reshape(shape).copy(), is_planar


def _colour(dataset: Dataset, pixels: Array) -> Sequence[int]:
    """What each sample becomes: black, or as dark as the image is at its darkest."""
    photometric = str(dataset.get("PhotometricInterpretation") or "")
    if photometric in _BLACK:
        return _BLACK[photometric]
    stored = pixels.dtype.itemsize * 8
    if "PixelPaddingValue" in dataset:
        return (int(dataset.PixelPaddingValue) % (1 << stored),)
    signed = dataset.get("PixelRepresentation") == 1
    values = pixels.view(pixels.dtype.str.replace("u", "i")) if signed else pixels
    darkest = values.max() if photometric == "MONOCHROME1" else values.min()
    return (int(darkest) % (1 << stored),)


def _record(dataset: Dataset) -> None:
    dataset.BurnedInAnnotation = "NO"
    kinds = list(dataset.get("ImageType") or ["DERIVED", "SECONDARY"])
    dataset.ImageType = ["DERIVED", *kinds[1:]]
    dataset.DerivationDescription = "Areas of the pixels were made one colour to remove burned-in annotation"
    derivations = list(dataset.get("DerivationCodeSequence") or ())
    mask = codes.cid7203.PixelByPixelMask
    if not any(item.get("CodeValue") == mask.value for item in derivations):
        derivations.append(code_item(mask))
    dataset.DerivationCodeSequence = DicomSequence(derivations)
    # The icon is the same picture, only smaller; the extremes may have been in what is gone.
    for keyword in ("IconImageSequence", "SmallestImagePixelValue", "LargestImagePixelValue"):
        dataset.pop(keyword, None)


def _condition(tag: str, value: TagValue) -> Mapping[str, object]:
    return {"tag": tag, "operator": "in" if isinstance(value, list) else "equals", "value": value}
