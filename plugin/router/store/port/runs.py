# SPDX-License-Identifier: GPL-3.0-or-later
"""Runs and their studies."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Literal, Protocol

from router.documents.run import Progress, Run, RunKind, RunState, RunStudy
from router.store.port.deliveries import NewDelivery

#: By what the studies of a run can be listed.
Finding = Literal["matched", "unmatched", "gained", "lost"]


@dataclass(frozen=True, slots=True)
class RunFilter:
    """Which runs to find; a run must match every given field."""

    kinds: frozenset[RunKind] = frozenset()
    states: frozenset[RunState] = frozenset()
    policy: str | None = None
    #: The router that carries them out.
    node: str | None = None


@dataclass(frozen=True, slots=True)
class DoneStudy:
    """A finished study of a run, and its new deliveries."""

    study: RunStudy
    deliveries: Sequence[NewDelivery] = ()


class Runs(Protocol):
    """Runs, and each run's studies with their results, so that a run can go on after a crash."""

    def create(self, run: Run) -> None:
        """Add a run."""
        ...

    def get(self, identifier: str) -> Run:
        """Return the run of this id. Raises NotFound."""
        ...

    def find(self, wanted: RunFilter, limit: int, offset: int = 0) -> tuple[list[Run], int]:
        """Return a page of matching runs, newest first, and how many match."""
        ...

    def save(self, run: Run, expected: RunState) -> bool:
        """Write the run as it is now. Return False, and write nothing, where the stored run is in another
        state than `expected`, or is gone."""
        ...

    def delete(self, identifier: str) -> None:
        """Delete a run and its studies; its deliveries stay. Raises NotFound."""
        ...

    def expire(self, before: datetime) -> int:
        """Delete runs that ended before `before`; return how many."""
        ...

    def add_studies(self, run: str, studies: Sequence[RunStudy]) -> None:
        """Add studies to a run; those that it has already stay as they are."""
        ...

    def next_studies(self, run: str, limit: int) -> list[RunStudy]:
        """Return studies that are not done, in their order. Completes what a crash left half done."""
        ...

    def record(self, run: str, done: Sequence[DoneStudy]) -> None:
        """Write the results of studies, each together with its deliveries: after a crash at any point either
        both are there or neither. A delivery whose id is there already stays as it is."""
        ...

    def progress(self, run: str) -> Progress:
        """Return how many of the run's studies are done."""
        ...

    def studies(
        self, run: str, finding: Finding | None, limit: int, offset: int = 0
    ) -> tuple[list[RunStudy], int]:
        """Return a page of the studies with this finding (None: all that are done), in their order, and how
        many there are."""
        ...

    def studies_after(
        self, run: str, finding: Finding | None, after: RunStudy | None, limit: int
    ) -> list[RunStudy]:
        """Return the studies with this finding (None: all that are done) that follow `after` (None: the first
        ones), in their order."""
        ...
