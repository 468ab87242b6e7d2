# SPDX-License-Identifier: GPL-3.0-or-later
"""The key table: the pseudonym of each patient. It is not stored: pseudonyms are derived from the secret
key."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Final, Literal

from pydantic import Field

from router.audit import Audit
from router.documents.audit import Actor
from router.documents.document import Document
from router.documents.transform import Project
from router.orthanc_api import OrthancApi, OrthancError
from router.transforms import Transforms, identified_in

#: How many bytes of a file are read first: they nearly always contain the patient.
_BEGINNING: Final = 1 << 16


class StoredPatients:
    """Reads the patients of studies from their files: Orthanc's database lacks the issuer of an
    identifier."""

    def __init__(self, orthanc: OrthancApi) -> None:
        self._orthanc = orthanc

    def studies(self) -> list[str]:
        """Return the identifiers of all studies, in a stable order. Raises OrthancError,
        OrthancUnreachable."""
        return sorted(self._orthanc.studies())

    def of(self, studies: Sequence[str]) -> list[tuple[str, str]]:
        """Return the patient's identifier and its issuer for each study; both are empty where the study has
        no identifier, is gone, or cannot be read. Raises OrthancError, OrthancUnreachable."""
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


#: The most patients of one request: the client waits for all rows.
_MOST_PATIENTS: Final = 10_000
#: The most studies of one request: each needs the reading of an image.
_MOST_STUDIES: Final = 1000


class NamedPatient(Document):
    """A patient as an image identifies the patient (PS3.3, C.7.1.1)."""

    patient_id: str = Field(min_length=1, max_length=1000)
    issuer: str = Field(default="", max_length=1000)


class KeyTableRequest(Document):
    """A request for the pseudonyms of patients."""

    #: null: the patients of all studies that Orthanc stores, in portions.
    patients: list[NamedPatient] | None = Field(default=None, min_length=1, max_length=_MOST_PATIENTS)
    #: For all studies: how many to skip, and how many to read.
    offset: int = Field(default=0, ge=0)
    limit: int = Field(default=500, ge=1, le=_MOST_STUDIES)
    #: The project of the transforms that made the pseudonyms; null for the pseudonyms of the whole
    #: installation.
    project: Project | None = None
    #: The id of the destination, where the project is `@destination`.
    destination: str = Field(default="", max_length=64)
    format: Literal["json", "csv"] = "json"


@dataclass(frozen=True, slots=True)
class KeyTableRow:
    """A patient and the patient's pseudonym."""

    patient_id: str
    issuer: str
    pseudonym: str


@dataclass(frozen=True, slots=True)
class Portion:
    """A portion of the table, each patient once."""

    items: Sequence[KeyTableRow]
    #: The number of all patients, or of all studies.
    total: int
    #: Where the next portion of studies begins; None after the last.
    next_offset: int | None = None
    #: Studies without a readable patient identifier: each study gets its own pseudonym.
    without_identifier: int = 0


class KeyTable:
    """Returns pseudonyms, and records each request in the audit trail."""

    def __init__(self, transforms: Transforms, stored: StoredPatients, audit: Audit) -> None:
        self._transforms = transforms
        self._stored = stored
        self._audit = audit

    def portion(self, asked: KeyTableRequest, actor: Actor) -> Portion:
        """Return the rows of the named patients, in their order, or those of a portion of all studies.

        Raises StoreUnavailable, SecretsUnreadable, OrthancError, OrthancUnreachable.
        """
        naming = self._transforms.naming(asked.project or "", asked.destination)
        of = f"project {asked.project}" if asked.project else "the installation"

        def rows(patients: Sequence[tuple[str, str]]) -> list[KeyTableRow]:
            return [KeyTableRow(one, issuer, naming.patient(one, issuer).own) for one, issuer in patients]

        if asked.patients is not None:
            self._audit.record("pseudonyms.exported", actor, f"{len(asked.patients)} patients ({of})")
            named = [(one.patient_id, one.issuer) for one in asked.patients]
            return Portion(rows(named), len(named))
        studies = self._stored.studies()
        end = min(asked.offset + asked.limit, len(studies))
        found = self._stored.of(studies[asked.offset : end])
        patients = [one for one in dict.fromkeys(found) if one[0]]
        looked_at = f"in studies {asked.offset + 1} to {end} of {len(studies)}" if found else "in no study"
        self._audit.record("pseudonyms.exported", actor, f"{len(patients)} patients {looked_at} ({of})")
        return Portion(
            rows(patients),
            len(studies),
            end if end < len(studies) else None,
            sum(not identifier for identifier, _ in found),
        )
