# SPDX-License-Identifier: GPL-3.0-or-later
"""Reads the studies of a run from Orthanc, in steps; incoming images have priority."""

import threading
from collections.abc import Callable, Iterator, Sequence
from typing import Any

from router.documents.run import RunStudy
from router.intake.headers import AnyHeader
from router.intake.stored_instances import StoredInstance, StoredInstances
from router.orthanc_api import OrthancApi


class RunFailed(Exception):  # noqa: N818 - it reads as what it says
    """A run cannot be carried out; the message says why."""


class Ending(Exception):  # noqa: N818
    """The router is stopping; the run continues after the next start."""


#: While images come in without a pause, a run does one step in this time.
_LONGEST_WAIT_SECONDS = 2.0


class Courtesy:
    """Makes a run wait for the intake before each step. Long work is cut into steps of some 10 ms."""

    def __init__(self, wait_until_idle: Callable[[float], bool], ending: threading.Event) -> None:
        """`wait_until_idle` waits until the intake has nothing to do, at most the given seconds."""
        self._wait_until_idle = wait_until_idle
        self._ending = ending

    def __call__(self) -> None:
        """Wait for the intake. Raises Ending."""
        self._wait_until_idle(_LONGEST_WAIT_SECONDS)
        if self._ending.is_set():
            raise Ending


#: How many images one step requests.
_AT_ONCE = 200


class StudyReader(StoredInstances):
    """Reads whole studies. Used by one thread."""

    def __init__(self, orthanc: OrthancApi, courtesy: Callable[[], None]) -> None:
        """`courtesy` is called before each step."""
        super().__init__(orthanc)
        self._courtesy = courtesy

    def studies(self, studies: Sequence[RunStudy]) -> Iterator[tuple[RunStudy, list[StoredInstance]]]:
        """Yield each study with all its images; without images where it is gone."""
        # Images of earlier studies may have come in again since.
        self.headers.clear()
        series = self._children([study.study for study in studies], "Series")
        instances = self._children([one for several in series.values() for one in several], "Instances")
        for study in studies:
            yield (
                study,
                self._read_all(
                    [one for each in series.get(study.study, ()) for one in instances.get(each, ())]
                ),
            )

    def headers_of(self, stored: Sequence[StoredInstance]) -> list[AnyHeader | None]:
        """See StoredInstances."""
        headers = []
        for start in range(0, len(stored), _AT_ONCE):
            self._courtesy()
            headers += super().headers_of(stored[start : start + _AT_ONCE])
        return headers

    def contents(self, identifiers: Sequence[str]) -> Iterator[dict[str, Any]]:
        """Yield the main DICOM tags and metadata of resources; missing resources are left out."""
        for start in range(0, len(identifiers), _AT_ONCE):
            self._courtesy()
            yield from self._orthanc.bulk_content(identifiers[start : start + _AT_ONCE])

    def _children(self, identifiers: Sequence[str], name: str) -> dict[str, list[str]]:
        return {content["ID"]: content[name] for content in self.contents(identifiers)}

    def _read_all(self, instances: Sequence[str]) -> list[StoredInstance]:
        stored = []
        for start in range(0, len(instances), _AT_ONCE):
            self._courtesy()
            stored += self.read(instances[start : start + _AT_ONCE])
        return stored
