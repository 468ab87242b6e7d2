"""Values that say nothing, by value representation (PS3.5, 6.2)."""

from collections.abc import Callable

from pydicom import DataElement, Dataset
from pydicom.sequence import Sequence
from pydicom.sr.codedict import codes
from pydicom.sr.coding import Code
from pydicom.tag import BaseTag

TEXT = "ANONYMIZED"

_CONTENT_SEQUENCE = 0x0040_A730

_VALUES: dict[str, str | int | float | bytes] = {
    **dict.fromkeys(("AE", "CS", "LO", "LT", "PN", "SH", "ST", "UC", "UT"), TEXT),
    **dict.fromkeys(("DS", "IS"), "0"),
    **dict.fromkeys(("SL", "SS", "SV", "UL", "US", "UV", "AT", "FD", "FL"), 0),
    **dict.fromkeys(("OB", "OD", "OF", "OL", "OV", "OW", "UN"), bytes(8)),
    "AS": "000Y",
    "DA": "19000101",
    "DT": "19000101000000",
    "TM": "000000",
    "UR": "http://anonymized.invalid",
}


def dummy(element: DataElement, uid: Callable[[str], str]) -> DataElement:
    """An element of the same tag and VR with a value that says nothing; `uid` replaces UIDs."""
    if element.VR == "SQ":
        return DataElement(element.tag, "SQ", _dummy_items(element.tag, element.value, uid))
    if element.VR == "UI":
        return DataElement(element.tag, "UI", replaced_uids(element.value, uid))
    return DataElement(element.tag, element.VR, _VALUES.get(element.VR, bytes(8)))


def empty(tag: BaseTag, vr: str) -> DataElement:
    """An element without a value."""
    return DataElement(tag, vr, Sequence() if vr == "SQ" else None)


def replaced_uids(value: object, uid: Callable[[str], str]) -> str | list[str]:
    """One or several UIDs, each replaced."""
    if value is None or isinstance(value, str):
        return uid(str(value or "").strip(" \0"))
    assert isinstance(value, list) or hasattr(value, "__iter__")
    return [uid(str(one).strip(" \0")) for one in value]


def code_item(code: Code) -> Dataset:
    """An item of a code sequence (PS3.3, 8.8)."""
    item = Dataset()
    item.CodeValue = code.value
    item.CodingSchemeDesignator = code.scheme_designator
    item.CodeMeaning = code.meaning
    return item


def _dummy_items(tag: BaseTag, items: Sequence, uid: Callable[[str], str]) -> Sequence:
    if tag == _CONTENT_SEQUENCE:
        return Sequence([_content_item()] if items else [])
    return Sequence([_dummy_item(item, uid) for item in items])


def _dummy_item(item: Dataset, uid: Callable[[str], str]) -> Dataset:
    """The same attributes, but for private ones; codes of fixed meaning (CS) are what they were."""
    made = Dataset()
    for element in item:
        if element.tag.is_private:
            continue
        made.add(element if element.VR == "CS" else dummy(element, uid))
    return made


def _content_item() -> Dataset:
    """What is left of a structured report's content (PS3.3, C.17.3)."""
    item = Dataset()
    item.RelationshipType = "CONTAINS"
    item.ValueType = "TEXT"
    item.ConceptNameCodeSequence = Sequence([code_item(codes.DCM.Finding)])
    item.TextValue = TEXT
    return item
