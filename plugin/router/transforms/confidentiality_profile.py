# SPDX-License-Identifier: GPL-3.0-or-later
"""The action of the Basic Application Level Confidentiality Profile on each attribute (PS3.15, Table E.1-1).

The table (edition 2026c of the standard) is in `confidentiality_profile.csv`: each attribute with the action
of the basic profile, and with the options of E.3 that keep (K) or clean (C) it.

The table omits some attributes for texts, addresses or dates. They are in `free_text.csv`, with the action
that their types in the modules of PS3.3 allow: X, Z or D.
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
    """What happens to an attribute."""

    REMOVE = "remove"
    EMPTY = "empty"
    DUMMY = "dummy"
    UID = "uid"
    SHIFT = "shift"
    KEEP = "keep"
    #: A text keeps what is known to be harmless. A sequence stays; its attributes follow their own rows.
    CLEAN = "clean"


#: Fates by the codes of Table E.1-1a. Where a code allows several, the type of the attribute in the image's
#: IOD decides (PS3.15, E.1.1); the last one fits every type.
_FATES: Final = {
    "X": Fate.REMOVE,
    "Z": Fate.EMPTY,
    "D": Fate.DUMMY,
    "U": Fate.UID,
    "Z/D": Fate.DUMMY,
    "X/Z": Fate.EMPTY,
    "X/D": Fate.DUMMY,
    "X/Z/D": Fate.DUMMY,
    # The sequence stays; rows of their own replace the UIDs in it.
    "X/Z/U*": Fate.KEEP,
}

#: The VRs of texts that are cleaned word by word.
CLEANED_TEXTS: Final = frozenset({"LO", "LT", "SH", "ST", "UC", "UT"})

#: The names of the options, which are also the table's columns.
_RETAINING: Final = (
    "retain_uids",
    "retain_device_identity",
    "retain_institution_identity",
    "retain_patient_characteristics",
    "retain_dates",
)

_CLEANING: Final = ("clean_descriptors", "clean_structured_content", "clean_graphics")

#: Programs cannot clean pictures and curves: Curve Data, Overlay Data, Overlay Comments.
_NOT_CLEANED: Final = frozenset({"50xxxxxx", "60xx3000", "60xx4000"})

#: VRs whose contents are checked even if the attribute stays: a kept date may hold something else.
_LOOKED_INTO: Final = frozenset({"SQ", "DA", "DT", "TM"})

#: Measurements and codes of an ECG or the like. The table has no option for them, but their form is that of
#: report content (PS3.3, C.10.10), so they are cleaned like it.
_WAVEFORM_ANNOTATIONS: Final = 0x0040_B020

#: Referenced Study Sequence: the table empties or removes it (X/Z). It is optional in all images (PS3.3,
#: C.7.2.1), but must have an item if present.
_NEVER_NEEDED: Final = frozenset({"00081110"})

_REPEATING_GROUPS: Final = 0xFF00_0000
_CURVES: Final = 0x50
_LAST_GROUP_OF_FILES: Final = 0x0006


@dataclass(frozen=True, slots=True)
class Row:
    """One row of the table: an attribute."""

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
    """The rows by tag, without repeating groups."""
    return {int(row.tag, 16): row for row in table() if "x" not in row.tag}


@cache
def free_texts() -> Mapping[int, str]:
    """Texts, addresses and dates that are not in the table, each with its action."""
    text = (files(__package__) / "free_text.csv").read_text("ascii")
    return {int(row["tag"], 16): row["action"] for row in csv.DictReader(text.splitlines())}


#: UIDs of definitions, by the standard or a vendor: classes, encodings, codes. They are the same for all
#: patients, and an image is unusable without them (PS3.15, E.3.9, note 4).
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
    """All attributes with UIDs of unique things: images, frames of reference, devices, events.

    These are all attributes of VR UI in PS3.6 and all UIDs of the table, except those of definitions.
    """
    known = {
        tag
        for tag, (vr, _, _, _, keyword) in DicomDictionary.items()
        if vr == "UI" and tag >> 16 > _LAST_GROUP_OF_FILES and keyword not in _DEFINITIONS
    }
    return frozenset(known | {int(row.tag, 16) for row in table() if row.basic == "U"})


@cache
def regenerated() -> frozenset[int]:
    """The same attributes without the UIDs of devices, because a device stays the same."""
    devices = {int(row.tag, 16) for row in table() if row.options.get("retain_device_identity") == "K"}
    return uids() - devices


class ConfidentialityProfile:
    """The fates of all attributes under some options."""

    def __init__(self, options: Anonymization, shift_dates: bool) -> None:
        self._fates: dict[int, Fate] = {}
        self._repeating: dict[int, Fate] = {}
        #: The answers of `leaves`, at most one for each attribute in the dictionary.
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
        """The fate of an attribute of which cleaning leaves nothing."""
        return _FATES[free_texts().get(tag) or rows()[tag].basic]

    def leaves(self, tag: int) -> bool:
        """Whether a public attribute stays unchanged, whatever its value and its neighbours."""
        found = self._left.get(tag)
        if found is None:
            known = DicomDictionary.get(tag)
            found = known is not None and known[0] not in _LOOKED_INTO and self.fate(tag) is Fate.KEEP
            self._left[tag] = found
        return found

    def fate(self, tag: int) -> Fate:
        """The fate of a public attribute. An attribute that is neither in the table nor in the dictionary may
        hold anything."""
        found = self._fates.get(tag)
        if found is not None:
            return found
        group = tag >> 24
        if group == _CURVES:
            return self._repeating[_CURVES << 24]
        found = self._repeating.get(tag & ~_REPEATING_GROUPS & 0xFFFF | group << 24)
        if found is not None:
            return found
        # Group lengths are written anew, or left out, with the image.
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
