# SPDX-License-Identifier: GPL-3.0-or-later
"""The key table: which pseudonym stands for which patient. Nothing is stored; it follows from the key."""

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


#: Of one request: each row is made while somebody waits.
_MOST_PATIENTS: Final = 10_000
#: Likewise: of each an image is read.
_MOST_STUDIES: Final = 1000


class NamedPatient(Document):
    """A patient as an image names one (PS3.3, C.7.1.1)."""

    patient_id: str = Field(min_length=1, max_length=1000)
    issuer: str = Field(default="", max_length=1000)


class KeyTableRequest(Document):
    """Patients whose pseudonyms are asked for."""

    #: Without them it is about the patients of all studies that Orthanc stores, in portions.
    patients: list[NamedPatient] | None = Field(default=None, min_length=1, max_length=_MOST_PATIENTS)
    #: Of all studies: how many are passed over, and how many are looked at.
    offset: int = Field(default=0, ge=0)
    limit: int = Field(default=500, ge=1, le=_MOST_STUDIES)
    #: The project of the transforms that have made them; null for those that the installation shares.
    project: Project | None = None
    #: The id of the destination, where the project is `@destination`.
    destination: str = Field(default="", max_length=64)
    format: Literal["json", "csv"] = "json"


@dataclass(frozen=True, slots=True)
class KeyTableRow:
    """Which pseudonym stands for a patient."""

    patient_id: str
    issuer: str
    pseudonym: str


@dataclass(frozen=True, slots=True)
class Portion:
    """Rows of the table, each patient once."""

    items: Sequence[KeyTableRow]
    #: Of how many patients, or studies, there are.
    total: int
    #: Where the next portion of studies begins; None where there is none.
    next_offset: int | None = None
    #: Studies that name no identifier, or could not be read: such a patient has another pseudonym in each.
    without_identifier: int = 0


class KeyTable:
    """Tells pseudonyms, and records whom it tells them."""

    def __init__(self, transforms: Transforms, stored: StoredPatients, audit: Audit) -> None:
        self._transforms = transforms
        self._stored = stored
        self._audit = audit

    def portion(self, asked: KeyTableRequest, actor: Actor) -> Portion:
        """The rows of the patients that are asked for, in their order, or of those of some studies.

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
