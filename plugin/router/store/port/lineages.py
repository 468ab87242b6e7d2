# SPDX-License-Identifier: GPL-3.0-or-later
"""Where results come from."""

from collections.abc import Sequence
from datetime import datetime
from typing import Literal, Protocol

from router.documents.lineage import Lineage
from router.documents.policy import Level


class Lineages(Protocol):
    """Where results come from. Kept until forgotten: for as long as the result may be looked at."""

    def record(self, lineages: Sequence[Lineage]) -> None:
        """Remember these; what is known already of the same result instance is replaced."""
        ...

    def claim(self, lineage: Lineage) -> Lineage:
        """Remember it, unless something is known already of the same result instance; what is known from now
        on. Of several callers at once one wins."""
        ...

    def of_results(self, instances: Sequence[str]) -> dict[str, Lineage]:
        """Where these instances come from, by instance; those that came from outside are left out."""
        ...

    def find(
        self, side: Literal["source", "result"], level: Level, resources: Sequence[str], limit: int
    ) -> list[Lineage]:
        """Those whose source or result is one of these resources or lies in it, oldest first."""
        ...

    def of_delivery(self, delivery: str, limit: int) -> list[Lineage]:
        """What a delivery has made, oldest first."""
        ...

    def made_before(self, before: datetime, after: Lineage | None, limit: int) -> list[Lineage]:
        """Those of this index made before this, oldest first; with `after`, the last of those seen, what
        follows it."""
        ...

    def forget(self, instances: Sequence[str], before: datetime) -> int:
        """Forget where these instances come from, unless they were made anew since `before`; how many."""
        ...
