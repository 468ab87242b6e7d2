# SPDX-License-Identifier: GPL-3.0-or-later
"""Make areas of the pixels one colour (PS3.15, E.3.1), recorded as a derivation (PS3.3, C.7.6.1.1.2)."""

from collections.abc import Mapping, Sequence
from itertools import pairwise
from typing import Any

from pydicom import Dataset
from pydicom.sequence import Sequence as DicomSequence
from pydicom.sr.codedict import codes
from pydicom.uid import ExplicitVRLittleEndian

from router.documents.transform import Rectangle, Redaction, TagValue
from router.rules import Moment, Reading, Rule, RuleError, compile_rule
from router.rules.problem import Problem
from router.transforms.dummies import code_item
from router.transforms.encoding import decompress
from router.transforms.pixels import Array, ChangedPixels, Layout, expand_chroma
from router.transforms.untransformable import Untransformable

Region = tuple[int, int, int, int]

#: Black in each colour model whose samples need no further decoding.
_BLACK = {"RGB": (0, 0, 0), "YBR_FULL": (0, 128, 128)}


class Redactor:
    """Redacts the images that one entry of `redact` applies to."""

    def __init__(self, redaction: Redaction) -> None:
        """Raises RuleError where `when` has tags or values that cannot be compared, or `rule` is invalid. The
        paths of its problems are below the redaction."""
        conditions = [_condition(tag, value) for tag, value in redaction.when.items()]
        self._rules = [_compiled("when", {"all": conditions})]
        if redaction.rule is not None:
            self._rules.append(_compiled("rule", redaction.rule))
        self._rectangles = redaction.rectangles
        self._outside_regions = redaction.outside_regions

    def rectangles(self, dataset: Dataset, moment: Moment) -> Sequence[Rectangle]:
        """The areas to redact in this image; none where the entry does not apply.

        Raises Untransformable where everything outside regions is to be redacted and the image has none.
        """
        reading = Reading.of_dataset(dataset, {})
        if not all(rule.evaluate(reading, moment) for rule in self._rules):
            return ()
        if not self._outside_regions:
            return self._rectangles
        return [*self._rectangles, *outside(_regions(dataset), dataset.Rows, dataset.Columns)]


def outside(regions: Sequence[Region], rows: int, columns: int) -> list[Rectangle]:
    """Rectangles that cover an image except its regions (left, top, right, bottom; right and bottom are
    exclusive). They do not overlap."""
    made: list[Rectangle] = []
    edges = sorted({0, rows, *(min(edge, rows) for _, top, _, bottom in regions for edge in (top, bottom))})
    for above, below in pairwise(edges):
        beside = sorted((left, right) for left, top, right, bottom in regions if top <= above < bottom)
        begin = 0
        for left, right in [*beside, (columns, columns)]:
            if begin < min(left, columns):
                made.append((begin, above, min(left, columns) - begin, below - above))
            begin = max(begin, right)
    return made


def _regions(dataset: Dataset) -> list[Region]:
    """The ultrasound regions of the image (PS3.3, C.8.5.5). Raises Untransformable where it has none."""
    regions = []
    for item in dataset.get("SequenceOfUltrasoundRegions") or ():
        corners = [item.get(f"RegionLocation{corner}") for corner in ("MinX0", "MinY0", "MaxX1", "MaxY1")]
        if None in corners:
            raise Untransformable("An ultrasound region of it has no corners")
        left, top, right, bottom = map(int, corners)
        regions.append((left, top, right + 1, bottom + 1))
    if not regions:
        raise Untransformable("It has no ultrasound regions, so that nobody knows what lies outside of them")
    return regions


def _compiled(field: str, rule: Mapping[str, Any]) -> Rule:
    try:
        made = compile_rule(rule, "instance")
    except RuleError as error:
        at = (
            Problem(f"{field}.{one.path}" if field == "rule" else field, one.message)
            for one in error.problems
        )
        raise RuleError(list(at)) from error
    problems = [Problem(field, f"{tag} is no part of an image") for tag in made.tags if tag.startswith("@")]
    problems += [
        Problem(
            field,
            f"{tag} is compared with a date that differs from day to day, and an image must be redacted alike"
            " whenever it is sent: give a date",
        )
        for tag in sorted(made.relative_tags)
    ]
    if problems:
        raise RuleError(problems)
    return made


def redact(dataset: Dataset, rectangles: Sequence[Rectangle]) -> list[str]:
    """Make rectangles (left, top, width, height) one dark colour in all frames. Compressed pixels become
    uncompressed.

    Return remarks: what a person should know of the result. Raises Untransformable where some pixels cannot
    be redacted.
    """
    if "FloatPixelData" in dataset or "DoubleFloatPixelData" in dataset:
        raise Untransformable("Its pixels are floating-point numbers, which cannot be redacted")
    remarks = []
    if dataset.file_meta.TransferSyntaxUID.is_encapsulated:
        remarks += decompress(dataset, ExplicitVRLittleEndian)
    if dataset.get("PhotometricInterpretation") == "YBR_FULL_422":
        remarks += expand_chroma(dataset)
    photometric = str(dataset.get("PhotometricInterpretation") or "")
    layout = Layout.of(dataset)
    if layout.samples > 1 and photometric not in _BLACK:
        raise Untransformable(f"Pixels in {photometric or 'an unknown colour model'} cannot be redacted")
    for number, (left, top, _, _) in enumerate(rectangles):
        if left >= layout.columns or top >= layout.rows:
            raise Untransformable(
                f"Rectangle {number + 1} lies outside of the image ({layout.columns} x {layout.rows} pixels)"
            )
    colours = _colours(dataset, layout)

    def paint(frame: Array) -> None:
        for left, top, width, height in rectangles:
            frame[top : top + height, left : left + width] = colours

    dataset["PixelData"].value = ChangedPixels(dataset.PixelData, layout, paint)
    _record(dataset)
    return remarks


def _colours(dataset: Dataset, layout: Layout) -> Sequence[int]:
    """The new value of each sample: black, or else the padding value or the darkest value of the image."""
    photometric = str(dataset.get("PhotometricInterpretation") or "")
    if photometric in _BLACK:
        return _BLACK[photometric]
    stored = layout.kind.itemsize * 8
    if "PixelPaddingValue" in dataset:
        return (int(dataset.PixelPaddingValue) % (1 << stored),)
    kind = layout.kind.str.replace("u", "i") if dataset.get("PixelRepresentation") == 1 else layout.kind
    darkest = max if photometric == "MONOCHROME1" else min
    frames = layout.frames_of(dataset.PixelData)
    return (int(darkest(darkest(_ends(frame.view(kind))) for frame in frames)) % (1 << stored),)


def _ends(frame: Array) -> tuple[int, int]:
    return int(frame.min()), int(frame.max())


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
    # The icon shows the same pixels. The extremes may have been in a redacted area.
    for keyword in ("IconImageSequence", "SmallestImagePixelValue", "LargestImagePixelValue"):
        dataset.pop(keyword, None)


def _condition(tag: str, value: TagValue) -> Mapping[str, object]:
    return {"tag": tag, "operator": "in" if isinstance(value, list) else "equals", "value": value}
