"""The patients of stored studies, as their images name them."""

from collections.abc import Callable, Sequence
from typing import Final

from router.orthanc_api import OrthancApi, OrthancError
from router.transforms import identified_in

#: Of a file; what comes before the patient is seldom as long.
_BEGINNING: Final = 1 << 16


class StoredPatients:
    """Reads whom studies are of. Orthanc's database does not tell who has given an identifier."""

    def __init__(self, orthanc: OrthancApi) -> None:
        self._orthanc = orthanc

    def studies(self) -> list[str]:
        """The identifiers of all studies, in an order that stays. Raises OrthancError, OrthancUnreachable."""
        return sorted(self._orthanc.studies())

    def of(self, studies: Sequence[str]) -> list[tuple[str, str]]:
        """The identifier and its issuer of the patient of each study; both are empty where the study has no
        identifier, is gone, or cannot be read. Raises OrthancError, OrthancUnreachable."""
        found = []
        for study in studies:
            try:
                instances = self._orthanc.instances_of("study", study)
                found.append(self._patient_of(instances[0]) if instances else ("", ""))
            except OrthancError as error:
                if error.status != 404:
                    raise
                found.append(("", ""))
        return found

    def _patient_of(self, instance: str) -> tuple[str, str]:
        [read] = self._orthanc.headers({instance: ""}, _beginning)
        if isinstance(read, OrthancError):
            raise read
        [beginning] = read
        told = identified_in(beginning, is_whole=len(beginning) < _BEGINNING)
        if told is None:
            told = identified_in(self._orthanc.file(instance), is_whole=True)
        return told or ("", "")


def _beginning(read: Callable[[int], bytes]) -> bytes:
    return read(_BEGINNING)
