"""Values that a transform gives to tags: templates over the image's own tags, as the tag's VR takes them."""

import struct
from collections.abc import Mapping

from pydicom import Dataset, config
from pydicom.charset import python_encoding
from pydicom.valuerep import validate_value

from router.documents.transform import TagValue
from router.rules.tag_path import TagPath
from router.templates import Tags, Template, TemplateError
from router.templates.template import Function
from router.transforms.untransformable import Untransformable

#: VRs with a number in each value, and the form in which one is stored (as in `struct`).
_NUMBERS = {"FL": "f", "FD": "d", "SL": "i", "SS": "h", "SV": "q", "UL": "I", "US": "H", "UV": "Q"}
#: VRs whose text is one value whatever it holds.
_SINGLE = frozenset({"LT", "ST", "UT", "UR"})
_TEXTS = frozenset({"AE", "AS", "CS", "DA", "DS", "DT", "IS", "LO", "PN", "SH", "TM", "UC", "UI", *_SINGLE})
_LONGEST_LO = 64

Value = str | int | float | None | list[str] | list[int | float]


class WrongValue(ValueError):  # noqa: N818 - it reads as what it says
    """No value for this tag; the message says why."""


class TagTemplate:
    """What one tag is to become."""

    def __init__(self, path: TagPath, written: TagValue, functions: Mapping[str, Function]) -> None:
        """Raises TemplateError, or WrongValue where the value can be seen to be none for the tag."""
        self.path = path
        parts = written if isinstance(written, list) else [written]
        self._templates = [Template(str(part), functions=functions) for part in parts]
        if path.vr not in _TEXTS and path.vr not in _NUMBERS and path.vr not in {"UN", "US or SS"}:
            what = "is a sequence" if path.vr == "SQ" else f"holds no text (its VR is {path.vr})"
            raise WrongValue(f"{path.text} {what}: it can be removed, but not be given a value")
        self.tags = frozenset[str]().union(*(template.tags for template in self._templates))
        if not self.tags and not any("{" in str(part) for part in parts):
            vr = {"UN": "LO", "US or SS": "US"}.get(path.vr, path.vr)
            checked(vr, [str(part) for part in parts])

    def texts(self, tags: Tags) -> list[str]:
        """The values for these tags. Raises Untransformable."""
        try:
            return [template.render(tags) for template in self._templates]
        except TemplateError as error:
            raise Untransformable(f"{self.path.text}: {error}") from error

    def value(self, texts: list[str], vr: str) -> Value:
        """What an element of this VR holds for the texts. Raises Untransformable."""
        try:
            return checked(vr, texts)
        except WrongValue as error:
            raise Untransformable(f"{self.path.text}: what comes of the template {error}") from None


def vr_for(path: TagPath, level: Dataset, texts: list[str]) -> str:
    """The VR in which a value is stored there."""
    if path.vr == "US or SS":
        return "SS" if level.get("PixelRepresentation") == 1 else "US"
    if path.vr == "UN":
        return "LO" if all(len(text) <= _LONGEST_LO for text in texts) else "UT"
    return path.vr


def checked(vr: str, texts: list[str]) -> Value:
    """The texts as values of the VR (PS3.5, 6.2). Raises WrongValue; its message does not show the value."""
    if vr not in _SINGLE:
        texts = [part for text in texts for part in text.split("\\")]
    if texts == [""]:
        return None
    if vr in _NUMBERS:
        numbers = [_number(text, _NUMBERS[vr]) for text in texts]
        return numbers if len(numbers) > 1 else numbers[0]
    for text in texts:
        try:
            validate_value(vr, text, config.RAISE)
        except (ValueError, TypeError):
            raise WrongValue(f"is no value of the VR {vr} (PS3.5, 6.2)") from None
    return texts if len(texts) > 1 else texts[0]


def can_be_written(text: str, dataset: Dataset) -> bool:
    """Whether the data set's character set has all letters of the text."""
    if text.isascii():
        return True
    terms = dataset.get("SpecificCharacterSet") or ""
    # Of several character sets, which change within a text, only the first is counted on.
    term = terms if isinstance(terms, str) else str((list(terms) or [""])[0])
    try:
        text.encode(python_encoding.get(term, "ascii"))
    except (UnicodeEncodeError, LookupError):
        return False
    return True


def _number(text: str, form: str) -> int | float:
    try:
        number = float(text) if form in "fd" else int(text)
        struct.pack(form, number)
    except (ValueError, struct.error, OverflowError):
        raise WrongValue("is not a number that the tag can hold") from None
    return number
