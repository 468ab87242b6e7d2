# SPDX-License-Identifier: GPL-3.0-or-later
"""Where results come from."""

from collections.abc import Sequence
from datetime import datetime
from typing import Literal, Protocol

from router.documents.lineage import Lineage
from router.documents.policy import Level


class Lineages(Protocol):
    """The origin of each result. It is kept until forgotten, because users may look at the result."""

    def record(self, lineages: Sequence[Lineage]) -> None:
        """Keep these lineages; each replaces an earlier one of the same result instance."""
        ...

    def claim(self, lineage: Lineage) -> Lineage:
        """Keep a lineage, unless its result instance has one already. Return the one that is kept. Of several
        callers at once one wins."""
        ...

    def of_results(self, instances: Sequence[str]) -> dict[str, Lineage]:
        """Return the lineages of these instances, by instance; instances that came from outside have none."""
        ...

    def find(
        self, side: Literal["source", "result"], level: Level, resources: Sequence[str], limit: int
    ) -> list[Lineage]:
        """Return lineages whose source or result is in one of these resources, or is one, oldest first."""
        ...

    def of_delivery(self, delivery: str, limit: int) -> list[Lineage]:
        """Return the lineages of a delivery's results, oldest first."""
        ...

    def made_before(self, before: datetime, after: Lineage | None, limit: int) -> list[Lineage]:
        """Return lineages of this index made before `before`, oldest first. `after` is the last one of the
        page before."""
        ...

    def forget(self, instances: Sequence[str], before: datetime) -> int:
        """Delete the lineages of these result instances that were made before `before`; return how many."""
        ...
