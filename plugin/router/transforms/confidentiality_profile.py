"""What the Basic Application Level Confidentiality Profile says of each attribute (PS3.15, Table E.1-1).

The table, of the standard's edition 2026c, is in `confidentiality_profile.csv`: each attribute with the
action of the basic profile, and where an option of E.3 keeps (K) or cleans (C) it.
"""

import csv
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from functools import cache
from importlib.resources import files
from typing import Final

from router.documents.transform import Anonymization


class Fate(StrEnum):
    """What becomes of an attribute."""

    REMOVE = "remove"
    EMPTY = "empty"
    DUMMY = "dummy"
    UID = "uid"
    SHIFT = "shift"
    KEEP = "keep"


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

#: The names of the options are also the table's columns.
_RETAINING: Final = (
    "retain_uids",
    "retain_device_identity",
    "retain_institution_identity",
    "retain_patient_characteristics",
    "retain_dates",
)

_REPEATING_GROUPS: Final = 0xFF00_0000
_CURVES: Final = 0x50


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
        options = {name: row[name] for name in (*_RETAINING, "modify_dates") if row[name]}
        rows.append(Row(row["tag"], row["keyword"], row["basic"], options))
    return tuple(rows)


@cache
def regenerated() -> frozenset[int]:
    """The attributes that hold UIDs of studies, series, images and what refers to them."""
    return frozenset(
        int(row.tag, 16)
        for row in table()
        if row.basic == "U" and "retain_device_identity" not in row.options
    )


class ConfidentialityProfile:
    """The fates of all attributes with some options."""

    def __init__(self, options: Anonymization, shift_dates: bool) -> None:
        self._fates: dict[int, Fate] = {}
        self._repeating: dict[int, Fate] = {}
        for row in table():
            fate = _fate(row, options, shift_dates)
            if "x" in row.tag:
                self._repeating[int(row.tag.replace("x", "0"), 16)] = fate
            else:
                self._fates[int(row.tag, 16)] = fate

    def fate(self, tag: int) -> Fate:
        """What becomes of a public attribute; the table is silent on those that stay."""
        found = self._fates.get(tag)
        if found is not None:
            return found
        group = tag >> 24
        if group == _CURVES:
            return self._repeating[_CURVES << 24]
        return self._repeating.get(tag & ~_REPEATING_GROUPS & 0xFFFF | group << 24, Fate.KEEP)


def _fate(row: Row, options: Anonymization, shift_dates: bool) -> Fate:
    # An option that asks for an attribute to be cleaned (C) leaves it to the basic profile here:
    # whether a text identifies somebody is not for a program to say.
    if any(getattr(options, name) and row.options.get(name) == "K" for name in _RETAINING):
        return Fate.KEEP
    if shift_dates and row.options.get("modify_dates") == "C":
        return Fate.SHIFT
    return _FATES[row.basic]
