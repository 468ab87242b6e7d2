# SPDX-License-Identifier: GPL-3.0-or-later
"""What the Basic Application Level Confidentiality Profile says of each attribute (PS3.15, Table E.1-1).

The table, of the standard's edition 2026c, is in `confidentiality_profile.csv`: each attribute with the
action of the basic profile, and where an option of E.3 keeps (K) or cleans (C) it.

The table is silent on some attributes that people write texts into, or that hold addresses or dates. They are
in `free_text.csv` with what their types in the modules of PS3.3 allow: X, Z or D.
"""

import csv
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from functools import cache
from importlib.resources import files
from typing import Final

from pydicom._dicom_dict import DicomDictionary
from pydicom.datadict import dictionary_has_tag, repeater_has_tag

from router.documents.transform import Anonymization


class Fate(StrEnum):
    """What becomes of an attribute."""

    REMOVE = "remove"
    EMPTY = "empty"
    DUMMY = "dummy"
    UID = "uid"
    SHIFT = "shift"
    KEEP = "keep"
    #: Texts keep what is known to be harmless; sequences stay, and what is in them is changed by their own
    #: rows.
    CLEAN = "clean"


#: By the codes of Table E.1-1a. Which of several is right depends on the type of the attribute in the
#: image's IOD (PS3.15, E.1.1); the last one fits every type.
_FATES: Final = {
    "X": Fate.REMOVE,
    "Z": Fate.EMPTY,
    "D": Fate.DUMMY,
    "U": Fate.UID,
    "Z/D": Fate.DUMMY,
    "X/Z": Fate.EMPTY,
    "X/D": Fate.DUMMY,
    "X/Z/D": Fate.DUMMY,
    # The sequence stays, and the UIDs in it are replaced by rows of their own.
    "X/Z/U*": Fate.KEEP,
}

#: The VRs of texts that can be cleaned word by word.
CLEANED_TEXTS: Final = frozenset({"LO", "LT", "SH", "ST", "UC", "UT"})

#: The names of the options are also the table's columns.
_RETAINING: Final = (
    "retain_uids",
    "retain_device_identity",
    "retain_institution_identity",
    "retain_patient_characteristics",
    "retain_dates",
)

_CLEANING: Final = ("clean_descriptors", "clean_structured_content", "clean_graphics")

#: Pictures and curves cannot be cleaned by a program: Curve Data, Overlay Data, Overlay Comments.
_NOT_CLEANED: Final = frozenset({"50xxxxxx", "60xx3000", "60xx4000"})

#: VRs of attributes that stay only for what is in them: where dates are kept, something else may stand there.
_LOOKED_INTO: Final = frozenset({"SQ", "DA", "DT", "TM"})

#: Measurements and codes of an ECG or the like. The table has no option for them, though they are written as
#: the content of reports is (PS3.3, C.10.10), and are cleaned as that.
_WAVEFORM_ANNOTATIONS: Final = 0x0040_B020

#: Of those that the table empties or removes (X/Z), optional in all images (PS3.3, C.7.2.1): Referenced Study
#: Sequence, which has to have an item if it is there.
_NEVER_NEEDED: Final = frozenset({"00081110"})

_REPEATING_GROUPS: Final = 0xFF00_0000
_CURVES: Final = 0x50
_LAST_GROUP_OF_FILES: Final = 0x0006


@dataclass(frozen=True, slots=True)
class Row:
    """One attribute of the table."""

    tag: str
    keyword: str
    basic: str
    options: Mapping[str, str]


@cache
def table() -> tuple[Row, ...]:
    """The whole table."""
    text = (files(__package__) / "confidentiality_profile.csv").read_text("ascii")
    rows = []
    for row in csv.DictReader(text.splitlines()):
        options = {name: row[name] for name in (*_RETAINING, "modify_dates", *_CLEANING) if row[name]}
        rows.append(Row(row["tag"], row["keyword"], row["basic"], options))
    return tuple(rows)


@cache
def rows() -> Mapping[int, Row]:
    """The rows by their tags, but for repeating groups."""
    return {int(row.tag, 16): row for row in table() if "x" not in row.tag}


@cache
def free_texts() -> Mapping[int, str]:
    """Texts, addresses and dates that the table does not name, each with its action."""
    text = (files(__package__) / "free_text.csv").read_text("ascii")
    return {int(row["tag"], 16): row["action"] for row in csv.DictReader(text.splitlines())}


#: UIDs of what is defined, in the standard or by a vendor: classes, encodings, codes. They are the same in
#: the images of all patients, and an image is unusable without them (PS3.15, E.3.9, note 4).
_DEFINITIONS: Final = frozenset(
    {
        "SOPClassUID",
        "RelatedGeneralSOPClassUID",
        "OriginalSpecializedSOPClassUID",
        "SOPClassesInStudy",
        "SOPClassesSupported",
        "PertinentSOPClassesInStudy",
        "PertinentSOPClassesInSeries",
        "ReferencedSOPClassUID",
        "StoredInstanceTransferSyntaxUID",
        "AvailableTransferSyntaxUID",
        "FlowTransferSyntaxUID",
        "MACCalculationTransferSyntaxUID",
        "EncryptedContentTransferSyntaxUID",
        "CodingSchemeUID",
        "ContextUID",
        "ContextGroupExtensionCreatorUID",
        "MappingResourceUID",
        "CreatorVersionUID",
        "SegmentationTemplateUID",
    }
)


@cache
def uids() -> frozenset[int]:
    """All attributes that hold UIDs of something that exists once: images, frames of reference, devices,
    events.

    These are all of VR UI in PS3.6 and in the table, but for those of definitions.
    """
    known = {
        tag
        for tag, (vr, _, _, _, keyword) in DicomDictionary.items()
        if vr == "UI" and tag >> 16 > _LAST_GROUP_OF_FILES and keyword not in _DEFINITIONS
    }
    return frozenset(known | {int(row.tag, 16) for row in table() if row.basic == "U"})


@cache
def regenerated() -> frozenset[int]:
    """The same without those of devices, which stay the same device."""
    devices = {int(row.tag, 16) for row in table() if row.options.get("retain_device_identity") == "K"}
    return uids() - devices


class ConfidentialityProfile:
    """The fates of all attributes with some options."""

    def __init__(self, options: Anonymization, shift_dates: bool) -> None:
        self._fates: dict[int, Fate] = {}
        self._repeating: dict[int, Fate] = {}
        #: What `leaves` has found; as many as there are attributes in the dictionary.
        self._left: dict[int, bool] = {}
        self._unknown = Fate.REMOVE if options.unknown_and_free_text == "remove" else Fate.KEEP
        if not options.retain_uids:
            self._fates.update(dict.fromkeys(uids(), Fate.UID))
        for tag, action in free_texts().items():
            self._fates[tag] = self._of_free_text(tag, action, options, shift_dates)
        for row in table():
            fate = _fate(row, options, shift_dates)
            if "x" in row.tag:
                self._repeating[int(row.tag.replace("x", "0"), 16)] = fate
            else:
                self._fates[int(row.tag, 16)] = fate
        if options.clean_structured_content:
            self._fates[_WAVEFORM_ANNOTATIONS] = Fate.CLEAN

    def fate_of_uncleaned(self, tag: int) -> Fate:
        """What becomes of an attribute of which nothing is left when it has been cleaned."""
        return _FATES[free_texts().get(tag) or rows()[tag].basic]

    def leaves(self, tag: int) -> bool:
        """Whether a public attribute stays as it is, whatever it holds and whatever stands beside it."""
        found = self._left.get(tag)
        if found is None:
            known = DicomDictionary.get(tag)
            found = known is not None and known[0] not in _LOOKED_INTO and self.fate(tag) is Fate.KEEP
            self._left[tag] = found
        return found

    def fate(self, tag: int) -> Fate:
        """What becomes of a public attribute. What neither the table nor the dictionary knows may hold
        anything."""
        found = self._fates.get(tag)
        if found is not None:
            return found
        group = tag >> 24
        if group == _CURVES:
            return self._repeating[_CURVES << 24]
        found = self._repeating.get(tag & ~_REPEATING_GROUPS & 0xFFFF | group << 24)
        if found is not None:
            return found
        # Lengths of groups are made anew, or left out, when the image is written.
        is_known = dictionary_has_tag(tag) or repeater_has_tag(tag) or not tag & 0xFFFF
        return Fate.KEEP if is_known else self._unknown

    def _of_free_text(self, tag: int, action: str, options: Anonymization, shift_dates: bool) -> Fate:
        if DicomDictionary[tag][0] in {"DA", "DT", "TM"}:
            if options.retain_dates:
                return Fate.KEEP
            if shift_dates:
                return Fate.SHIFT
        if self._unknown is Fate.KEEP:
            return Fate.KEEP
        is_text = DicomDictionary[tag][0] in CLEANED_TEXTS
        return Fate.CLEAN if options.clean_descriptors and is_text else _FATES[action]


def _fate(row: Row, options: Anonymization, shift_dates: bool) -> Fate:
    if any(getattr(options, name) and row.options.get(name) == "K" for name in _RETAINING):
        return Fate.KEEP
    if shift_dates and row.options.get("modify_dates") == "C":
        return Fate.SHIFT
    if any(getattr(options, name) and row.options.get(name) == "C" for name in _CLEANING):
        return _FATES[row.basic] if row.tag in _NOT_CLEANED else Fate.CLEAN
    return Fate.REMOVE if row.tag in _NEVER_NEEDED else _FATES[row.basic]
