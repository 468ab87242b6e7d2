# SPDX-License-Identifier: GPL-3.0-or-later
"""Values without information, by value representation (PS3.5, 6.2)."""

from collections.abc import Callable
from functools import cache, lru_cache

from pydicom import DataElement, Dataset, config
from pydicom.datadict import dictionary_VM
from pydicom.dataelem import RawDataElement
from pydicom.sequence import Sequence
from pydicom.sr.codedict import codes
from pydicom.sr.coding import Code
from pydicom.tag import BaseTag

from router.transforms.blank_documents import blank_document
from router.transforms.elements import encoded_element, text_element, texts_of

TEXT = "ANONYMIZED"

_CONTENT_SEQUENCE = 0x0040_A730
_ENCAPSULATED_DOCUMENT = 0x0042_0011

#: Optional sequences whose items would need valid shapes, layers or channels, so that removal is better:
#: Graphic Annotation and Waveform Annotation.
_BETTER_GONE = frozenset({0x0070_0001, 0x0040_B020})

#: Attributes that the table removes although a presentation state needs them: its creation date and time
#: (PS3.3, C.11.10).
NEEDED = frozenset({0x0070_0082, 0x0070_0083})

#: Value types of content items that only refer to something.
_REFERENCES = frozenset({"IMAGE", "COMPOSITE", "WAVEFORM"})
#: The attributes that name the referenced part of an instance.
_PARTS = ("ReferencedFrameNumber", "ReferencedSegmentNumber", "ReferencedWaveformChannels")

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


def put_dummy(level: Dataset, tag: BaseTag, vr: str, uid: Callable[[str], str]) -> None:
    """Replace an element of a level by one without information; `uid` replaces UIDs.

    Raises Untransformable for a document of a type without a blank replacement.
    """
    if tag in _BETTER_GONE:
        del level[tag]
        return
    if tag == _ENCAPSULATED_DOCUMENT and level.get("MIMETypeOfEncapsulatedDocument"):
        document = blank_document(str(level.MIMETypeOfEncapsulatedDocument))
        level.EncapsulatedDocument, level.EncapsulatedDocumentLength = document, len(document)
    elif vr == "UI":
        put_uids(level, tag, uid)
    elif isinstance(_VALUES.get(vr), str):
        level[tag] = _said(tag, vr)
    else:
        level[tag] = dummy(level[tag] if vr == "SQ" else DataElement(tag, vr, None), uid)


def dummy(element: DataElement, uid: Callable[[str], str]) -> DataElement:
    """An element of the same tag and VR with a value without information; `uid` replaces UIDs."""
    if element.VR == "SQ":
        return DataElement(element.tag, "SQ", _dummy_items(element.tag, element.value, uid))
    if element.VR == "UI":
        return DataElement(element.tag, "UI", _replaced_uids(element.value, uid))
    value, fewest = _VALUES.get(element.VR, bytes(8)), _fewest(element.tag)
    several = fewest > 1 and not isinstance(value, bytes)
    # Skip the check of these valid values, for speed.
    written = [value] * fewest if several else value
    return DataElement(element.tag, element.VR, written, validation_mode=config.IGNORE)


@lru_cache(maxsize=4096)
def empty(tag: BaseTag, vr: str) -> RawDataElement:
    """An element without a value."""
    return encoded_element(tag, vr, b"")


def put_uids(level: Dataset, tag: BaseTag, uid: Callable[[str], str]) -> None:
    """Replace each UID in an element of a level."""
    element = level.get_item(tag)
    texts = texts_of(element) if element.VR == "UI" else None
    if texts is not None:
        level[tag] = text_element(tag, "UI", [uid(one.strip(" ")) for one in texts])
        return
    value = level[tag].value
    if isinstance(value, bytes):  # another VR than it should have
        value = value.decode("ascii", "replace").split("\\")
    level[tag] = DataElement(tag, "UI", _replaced_uids(value, uid))


@lru_cache(maxsize=4096)
def _said(tag: BaseTag, vr: str) -> RawDataElement:
    """A text without information."""
    return text_element(tag, vr, [str(_VALUES[vr])] * max(1, _fewest(tag)))


def _replaced_uids(value: object, uid: Callable[[str], str]) -> str | list[str]:
    """Return one or several UIDs, each replaced."""
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
        return Sequence(_content(items, uid) or [_text_item()]) if items else Sequence()
    return Sequence([_dummy_item(item, uid) for item in items])


def _dummy_item(item: Dataset, uid: Callable[[str], str]) -> Dataset:
    """The item with dummies, without private attributes; codes of fixed meaning (CS) stay."""
    made = Dataset()
    for element in item:
        if element.tag.is_private or element.tag in _BETTER_GONE:
            continue
        made.add(element if element.VR == "CS" else dummy(element, uid))
    return made


@cache
def _fewest(tag: BaseTag) -> int:
    """The least number of values of an attribute (PS3.6)."""
    try:
        return int(dictionary_VM(tag).split("-")[0])
    except (KeyError, ValueError):
        return 1


def _content(items: Sequence, uid: Callable[[str], str]) -> list[Dataset]:
    """What is left of a structured report's content: containers and references (PS3.3, C.17.3). A key object
    selection is invalid without them."""
    left = []
    for item in items:
        value_type, relationship = item.get("ValueType"), item.get("RelationshipType")
        if relationship != "CONTAINS" or value_type not in _REFERENCES | {"CONTAINER"}:
            continue
        made = Dataset()
        made.RelationshipType, made.ValueType = relationship, value_type
        if value_type == "CONTAINER":
            inside = _content(item.get("ContentSequence") or Sequence(), uid)
            if not inside:
                continue
            made.ConceptNameCodeSequence = Sequence([code_item(codes.DCM.Finding)])
            made.ContinuityOfContent = item.get("ContinuityOfContent") or "SEPARATE"
            made.ContentSequence = Sequence(inside)
        elif references := item.get("ReferencedSOPSequence"):
            made.ReferencedSOPSequence = Sequence([_reference(one, uid) for one in references])
        left.append(made)
    return left


def _reference(item: Dataset, uid: Callable[[str], str]) -> Dataset:
    made = Dataset()
    made.ReferencedSOPClassUID = item.get("ReferencedSOPClassUID")
    made.ReferencedSOPInstanceUID = _replaced_uids(item.get("ReferencedSOPInstanceUID"), uid)
    for keyword in _PARTS:
        if item.get(keyword) is not None:
            made[keyword] = item[keyword]
    return made


def _text_item() -> Dataset:
    """An item for content of which nothing is left: a report needs content."""
    item = Dataset()
    item.RelationshipType = "CONTAINS"
    item.ValueType = "TEXT"
    item.ConceptNameCodeSequence = Sequence([code_item(codes.DCM.Finding)])
    item.TextValue = TEXT
    return item
