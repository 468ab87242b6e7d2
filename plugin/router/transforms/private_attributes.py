"""Private attributes that are known to identify nobody (PS3.15, E.3.10, Table E.3.10-1).

They are in `safe_private_attributes.csv`, each by its group, its creator and its place in the creator's
block: factors of PET (Philips), scaling and b-values of MR (Philips, Siemens, GE), pitch and dose of CT (GE,
Elscint), and others.
"""

import csv
from functools import cache
from importlib.resources import files

from pydicom import Dataset
from pydicom.tag import BaseTag

from router.transforms.paths import creator_of


def is_safe(level: Dataset, tag: BaseTag) -> bool:
    """Whether a private attribute is one of the table."""
    return (tag.group, creator_of(level, tag), tag.element & 0xFF) in _safe()


def is_used(level: Dataset, creator: BaseTag) -> bool:
    """Whether a level has anything in the block that this creator has reserved (PS3.5, 7.8.1)."""
    tags = level.keys()
    return any(tag.group == creator.group and tag.element >> 8 == creator.element for tag in tags)


@cache
def _safe() -> frozenset[tuple[int, str, int]]:
    text = (files(__package__) / "safe_private_attributes.csv").read_text("ascii")
    return frozenset(
        (int(row["group"], 16), row["creator"], int(row["element"], 16))
        for row in csv.DictReader(text.splitlines())
    )
