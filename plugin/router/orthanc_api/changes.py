# SPDX-License-Identifier: GPL-3.0-or-later
"""Entries of Orthanc's change log (Orthanc Book, "Changes")."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class Change:
    """One entry."""

    sequence: int
    kind: str
    resource: str
    date: str

    @property
    def anchor(self) -> str:
        """Tells this entry from an entry of another database with the same number."""
        return f"{self.date} {self.kind} {self.resource}"


@dataclass(frozen=True, slots=True)
class Changes:
    """A stretch of the change log. `done`: whether no entry came after it."""

    entries: Sequence[Change]
    last: int
    done: bool


def changes_of(answer: dict[str, Any]) -> Changes:
    """Read the stretch in an answer of Orthanc."""
    entries = [
        Change(entry["Seq"], entry["ChangeType"], entry["ID"], entry["Date"]) for entry in answer["Changes"]
    ]
    return Changes(entries, answer["Last"], answer["Done"])
