"""Reads what Orthanc knows of the studies of a run, in steps."""

from collections.abc import Callable, Iterator, Sequence
from typing import Any

from router.documents.run import RunStudy
from router.intake.headers import AnyHeader
from router.intake.stored_instances import StoredInstance, StoredInstances
from router.orthanc_api import OrthancApi

#: Images that are asked for in one step.
_AT_ONCE = 200


class StudyReader(StoredInstances):
    """Reads whole studies. Used by one thread."""

    def __init__(self, orthanc: OrthancApi, courtesy: Callable[[], None]) -> None:
        """`courtesy` is called before each step."""
        super().__init__(orthanc)
        self._courtesy = courtesy

    def studies(self, studies: Sequence[RunStudy]) -> Iterator[tuple[RunStudy, list[StoredInstance]]]:
        """Each study with all its images; with none where it is gone."""
        # What was read for studies before may have come in again since.
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
        """Main DICOM tags and metadata of resources; those that are gone are left out."""
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
