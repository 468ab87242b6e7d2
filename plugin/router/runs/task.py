"""What the kinds of runs have in common for the worker that carries them out."""

from collections.abc import Callable, Iterator, Sequence
from typing import Any, Protocol

from router.documents.run import Run, RunStudy
from router.intake.stored_instances import StoredInstance
from router.runs.context import RunContext
from router.runs.reading import StudyReader
from router.store import DoneStudy


class Task(Protocol):
    """One run that is being carried out. Each method may raise OrthancError, OrthancUnreachable,
    StoreUnavailable and RunFailed."""

    def select(self) -> Iterator[RunStudy]:
        """The studies it is about."""
        ...

    def carry_out(self, study: RunStudy, stored: Sequence[StoredInstance]) -> DoneStudy:
        """What comes of one study, of which Orthanc has these images."""
        ...

    def report(self) -> dict[str, Any]:
        """What has come of all studies that are done."""
        ...


#: Begins, or goes on with, a run. Raises RunFailed.
OpenTask = Callable[[Run, StudyReader, RunContext], Task]
