# SPDX-License-Identifier: GPL-3.0-or-later
"""What came in again, and was not kept."""

from collections.abc import Sequence
from typing import Protocol

from router.documents.repetition import Repetition


class Repetitions(Protocol):
    """The repetitions at each node (images that came in again), by study. Kept until forgotten."""

    def all(self, node: str) -> list[Repetition]:
        """Return the repetitions at a node; the latest is the last."""
        ...

    def keep(self, node: str, repetitions: Sequence[Repetition], forgotten: Sequence[str]) -> None:
        """Replace the repetitions of these studies, and delete those of the studies `forgotten`."""
        ...
