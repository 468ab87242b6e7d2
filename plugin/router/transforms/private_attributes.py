# SPDX-License-Identifier: GPL-3.0-or-later
"""Private attributes that are known to identify nobody (PS3.15, E.3.10, Table E.3.10-1).

The table (edition 2026a of the standard) is in `safe_private_attributes.csv`, by group, creator and place in
the creator's block: factors of PET (Philips), scaling and b-values of MR (Philips, Siemens, GE), pitch and
dose of CT (GE, Elscint), and others.
"""

import csv
from functools import cache
from importlib.resources import files

from pydicom import Dataset
from pydicom.tag import BaseTag

from router.transforms.paths import creator_of


class SafeAttributes:
    """The safe private attributes: those of the table, and those that an image declares safe: whole blocks or
    single attributes (PS3.3, C.12.1, Private Data Element Characteristics Sequence)."""

    def __init__(self, dataset: Dataset) -> None:
        self._blocks: set[tuple[int, str]] = set()
        self._declared: set[tuple[int, str, int]] = set()
        for item in dataset.get("PrivateDataElementCharacteristicsSequence") or ():
            group, creator = item.get("PrivateGroupReference"), str(item.get("PrivateCreatorReference") or "")
            if not isinstance(group, int) or not creator:
                continue
            if item.get("BlockIdentifyingInformationStatus") == "SAFE":
                self._blocks.add((group, creator))
            places = item.get("NonidentifyingPrivateElements")
            for place in [places] if isinstance(places, int) else places or ():
                self._declared.add((group, creator, int(place)))

    def __contains__(self, attribute: tuple[Dataset, BaseTag]) -> bool:
        """Whether the private attribute of a level is safe."""
        level, tag = attribute
        block = tag.group, creator_of(level, tag)
        place = (*block, tag.element & 0xFF)
        return block in self._blocks or place in self._declared or place in _safe()


def is_used(level: Dataset, creator: BaseTag) -> bool:
    """Whether a level has anything in the block of this creator (PS3.5, 7.8.1)."""
    tags = level.keys()
    return any(tag.group == creator.group and tag.element >> 8 == creator.element for tag in tags)


@cache
def _safe() -> frozenset[tuple[int, str, int]]:
    text = (files(__package__) / "safe_private_attributes.csv").read_text("ascii")
    return frozenset(
        (int(row["group"], 16), row["creator"], int(row["element"], 16))
        for row in csv.DictReader(text.splitlines())
    )
