# SPDX-License-Identifier: GPL-3.0-or-later
"""Runs and their studies."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Literal, Protocol

from router.documents.run import Progress, Run, RunKind, RunState, RunStudy
from router.store.port.deliveries import NewDelivery

#: What studies of a run are listed by.
Finding = Literal["matched", "unmatched", "gained", "lost"]


@dataclass(frozen=True, slots=True)
class RunFilter:
    """Which runs are meant; every given part must hold."""

    kinds: frozenset[RunKind] = frozenset()
    states: frozenset[RunState] = frozenset()
    policy: str | None = None
    #: The router that carries them out.
    node: str | None = None


@dataclass(frozen=True, slots=True)
class DoneStudy:
    """A study of a run that is done with, and the deliveries that it makes."""

    study: RunStudy
    deliveries: Sequence[NewDelivery] = ()


class Runs(Protocol):
    """Runs, and for each run its studies with what came of them, so that it can go on after a crash."""

    def create(self, run: Run) -> None:
        """Add a run."""
        ...

    def get(self, identifier: str) -> Run:
        """Raises NotFound."""
        ...

    def find(self, wanted: RunFilter, limit: int, offset: int = 0) -> tuple[list[Run], int]:
        """Newest first, and how many there are in all."""
        ...

    def save(self, run: Run, expected: RunState) -> bool:
        """Write the run as it is now. False, and nothing written, where it is not in the expected state any
        more, or is gone."""
        ...

    def delete(self, identifier: str) -> None:
        """Take a run and its studies away; its deliveries stay. Raises NotFound."""
        ...

    def expire(self, before: datetime) -> int:
        """Delete runs that ended before this; how many."""
        ...

    def add_studies(self, run: str, studies: Sequence[RunStudy]) -> None:
        """Add studies to a run; those that it has already are left as they are."""
        ...

    def next_studies(self, run: str, limit: int) -> list[RunStudy]:
        """Those that are not done, in their order. Completes what a crash left half done."""
        ...

    def record(self, run: str, done: Sequence[DoneStudy]) -> None:
        """Write what came of studies, each together with its deliveries: after a crash at any point either
        both are there or neither. A delivery whose id is there already is left as it is."""
        ...

    def progress(self, run: str) -> Progress:
        """Of the studies that it has."""
        ...

    def studies(
        self, run: str, finding: Finding | None, limit: int, offset: int = 0
    ) -> tuple[list[RunStudy], int]:
        """The studies that are done, in their order, and how many there are in all."""
        ...

    def studies_after(
        self, run: str, finding: Finding | None, after: RunStudy | None, limit: int
    ) -> list[RunStudy]:
        """The studies that are done and come after this one (None: the first ones), in their order."""
        ...
