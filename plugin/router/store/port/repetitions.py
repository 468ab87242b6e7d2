# SPDX-License-Identifier: GPL-3.0-or-later
"""What came in again, and was not kept."""

from collections.abc import Sequence
from typing import Protocol

from router.documents.repetition import Repetition


class Repetitions(Protocol):
    """What came again at each node, by study. Kept until forgotten."""

    def all(self, node: str) -> list[Repetition]:
        """What came again at a node; the last to come at the end."""
        ...

    def keep(self, node: str, repetitions: Sequence[Repetition], forgotten: Sequence[str]) -> None:
        """Put these in the place of what is known of their studies, and forget other studies."""
        ...
