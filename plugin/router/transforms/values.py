# SPDX-License-Identifier: GPL-3.0-or-later
"""Values that a transform gives to tags: templates over the image's own tags, in the form of the tag's VR."""

import re
import struct
from collections.abc import Iterator, Mapping
from datetime import date

from pydicom import Dataset, config
from pydicom.charset import python_encoding
from pydicom.valuerep import validate_value

from router.documents.transform import TagValue
from router.rules.tag_path import TagPath
from router.templates import Tags, Template, TemplateError
from router.templates.template import Function
from router.transforms.untransformable import Untransformable

#: VRs with a number in each value, and its stored form (as a `struct` code).
_NUMBERS = {"FL": "f", "FD": "d", "SL": "i", "SS": "h", "SV": "q", "UL": "I", "US": "H", "UV": "Q"}
#: VRs whose text is always a single value.
_SINGLE = frozenset({"LT", "ST", "UT", "UR"})
_TEXTS = frozenset({"AE", "AS", "CS", "DA", "DS", "DT", "IS", "LO", "PN", "SH", "TM", "UC", "UI", *_SINGLE})
_LONGEST_LO = 64

#: Characters that values must not have; long texts may have lines and paragraphs (PS3.5, 6.1.3).
_IN_SHORT_TEXTS = re.compile(r"[\x00-\x1f\x7f]")
_IN_LONG_TEXTS = re.compile(r"[\x00-\x08\x0b\x0e-\x1f\x7f]")

_MULTIPLICITY = re.compile(r"(?P<least>\d+)(?:-(?:(?P<step>\d+)?(?=n))?(?P<most>n|\d+))?")
_DIGITS = re.compile(r"\d+", re.ASCII)

Value = str | int | float | None | list[str] | list[int | float]


class WrongValue(ValueError):  # noqa: N818 - it reads as what it says
    """The value does not fit the tag; the message says why."""


class TagTemplate:
    """The new value of one tag."""

    def __init__(self, path: TagPath, written: TagValue, functions: Mapping[str, Function]) -> None:
        """Raises TemplateError, or WrongValue where the value visibly does not fit the tag."""
        self.path = path
        parts = written if isinstance(written, list) else [written]
        self._templates = [Template(str(part), functions=functions) for part in parts]
        if path.vr not in _TEXTS and path.vr not in _NUMBERS and path.vr not in {"UN", "US or SS"}:
            what = "is a sequence" if path.vr == "SQ" else f"holds no text (its VR is {path.vr})"
            raise WrongValue(f"{path.text} {what}: it can be removed, but not be given a value")
        self.tags = frozenset[str]().union(*(template.tags for template in self._templates))
        if not self.tags and not any("{" in str(part) for part in parts):
            vr = {"UN": "LO", "US or SS": "US"}.get(path.vr, path.vr)
            checked(vr, path.entry.vm, [str(part) for part in parts])

    def texts(self, tags: Tags, functions: Mapping[str, Function]) -> list[str]:
        """The values for these tags; `functions` replace those of the check at creation. Raises
        Untransformable."""
        try:
            texts = [template.render(tags, functions=functions) for template in self._templates]
        except TemplateError as error:
            raise Untransformable(f"{self.path.text}: {error}") from error
        # Control characters come from the image, where they are invisible.
        return (
            texts if not self.tags else [_control_characters(self.path.vr).sub(" ", text) for text in texts]
        )

    def value(self, texts: list[str], vr: str) -> Value:
        """The value of an element of this VR for the texts. Raises Untransformable."""
        try:
            return checked(vr, self.path.entry.vm, texts)
        except WrongValue as error:
            raise Untransformable(f"{self.path.text}: what comes of the template {error}") from None


def vr_for(path: TagPath, level: Dataset, texts: list[str]) -> str:
    """The VR of a stored value in that level."""
    if path.vr == "US or SS":
        return "SS" if level.get("PixelRepresentation") == 1 else "US"
    if path.vr == "UN":
        return "LO" if all(len(text) <= _LONGEST_LO for text in texts) else "UT"
    return path.vr


def checked(vr: str, vm: str, texts: list[str]) -> Value:
    """The texts as values of the VR (PS3.5, 6.2); as many as the VM allows (PS3.6, 5: `1`, `2-n`, `3-3n`).

    Raises WrongValue; its message does not show the value.
    """
    if vr not in _SINGLE:
        texts = [part for text in texts for part in text.split("\\")]
    if texts == [""]:
        return None
    if not _is_number_of_values(len(texts), vm):
        raise WrongValue(f"is {_counted(len(texts))}, and the tag takes {vm} (PS3.6)")
    if vr in _NUMBERS:
        numbers = [_number(text, _NUMBERS[vr]) for text in texts]
        return numbers if len(numbers) > 1 else numbers[0]
    for text in texts:
        try:
            validate_value(vr, text, config.RAISE)
        except (ValueError, TypeError):
            raise WrongValue(f"is no value of the VR {vr} (PS3.5, 6.2)") from None
        if _control_characters(vr).search(text):
            raise WrongValue(f"has control characters, which a value of the VR {vr} cannot have (PS3.5, 6.2)")
        if vr in {"DA", "DT"} and text and not _is_date(vr, text):
            raise WrongValue(f"is no date that exists, in the form of the VR {vr} (PS3.5, 6.2)")
        if vr == "IS" and text and not -(2**31) <= int(text) < 2**31:
            raise WrongValue("is not a number that the tag can hold")
    return texts if len(texts) > 1 else texts[0]


def can_be_written(text: str, dataset: Dataset, level: Dataset) -> bool:
    """Whether the character set at a level of the data set has all characters of the text."""
    if text.isascii():
        return True
    # An item may have its own character set (PS3.3, C.12.1.1.2). Only a common one is safe.
    if level is not dataset and any(_own_character_sets(dataset)):
        return False
    terms = dataset.get("SpecificCharacterSet") or ""
    # Several character sets switch within a text; only the first is used here.
    term = terms if isinstance(terms, str) else str((list(terms) or [""])[0])
    try:
        text.encode(python_encoding.get(term, "ascii"))
    except (UnicodeEncodeError, LookupError):
        return False
    return True


def _own_character_sets(level: Dataset) -> Iterator[bool]:
    for element in level:
        if element.VR == "SQ":
            for item in element.value:
                yield "SpecificCharacterSet" in item
                yield from _own_character_sets(item)


def _control_characters(vr: str) -> re.Pattern[str]:
    return _IN_LONG_TEXTS if vr in {"LT", "ST", "UT"} else _IN_SHORT_TEXTS


def _is_number_of_values(count: int, vm: str) -> bool:
    found = _MULTIPLICITY.fullmatch(vm)
    if found is None:  # none is declared
        return True
    least, most, step = int(found["least"]), found["most"], found["step"]
    if most == "n":
        return count >= least and count % int(step or 1) == 0
    return least <= count <= int(most or least)


def _counted(number: int) -> str:
    return f"{number} value{'s' if number > 1 else ''}"


def _is_date(vr: str, text: str) -> bool:
    """Whether it is an existing day; in a moment (DT), month and day may be missing."""
    digits = _DIGITS.match(text)
    day = digits[0][:8] if digits else ""
    if vr == "DA" and (len(text) != 8 or len(day) != 8):
        return False
    try:
        date(int(day[:4]), int(day[4:6] or 1), int(day[6:8] or 1))
    except ValueError:
        return False
    return True


def _number(text: str, form: str) -> int | float:
    try:
        number = float(text) if form in "fd" else int(text)
        struct.pack(form, number)
    except (ValueError, struct.error, OverflowError):
        raise WrongValue("is not a number that the tag can hold") from None
    return number
