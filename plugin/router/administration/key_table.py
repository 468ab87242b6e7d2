"""The key table: which pseudonym stands for which patient. Nothing is stored; it follows from the key."""

from typing import Final, Literal

from pydantic import Field

from router.audit import Audit
from router.documents.audit import Actor
from router.documents.document import Document
from router.documents.transform import Project
from router.transforms import Transforms

#: Of one request: each row is made while somebody waits.
_MOST_PATIENTS: Final = 10_000


class NamedPatient(Document):
    """A patient as an image names one (PS3.3, C.7.1.1)."""

    patient_id: str = Field(min_length=1, max_length=1000)
    issuer: str = Field(default="", max_length=1000)


class KeyTableRequest(Document):
    """Patients whose pseudonyms are asked for."""

    patients: list[NamedPatient] = Field(min_length=1, max_length=_MOST_PATIENTS)
    #: The project of the transforms that have made them; null for those that the installation shares.
    project: Project | None = None
    #: The id of the destination, where the project is `@destination`.
    destination: str = Field(default="", max_length=64)
    format: Literal["json", "csv"] = "json"


class KeyTable:
    """Tells pseudonyms, and records whom it tells them."""

    def __init__(self, transforms: Transforms, audit: Audit) -> None:
        self._transforms = transforms
        self._audit = audit

    def rows(self, asked: KeyTableRequest, actor: Actor) -> list[dict[str, str]]:
        """`{"patient_id", "issuer", "pseudonym"}` of each patient, in the order in which they were asked for.

        Raises StoreUnavailable, SecretsUnreadable.
        """
        pseudonyms = self._transforms.pseudonyms(asked.project or "", asked.destination)
        of = f"project {asked.project}" if asked.project else "the installation"
        self._audit.record("pseudonyms.exported", actor, f"{len(asked.patients)} patients ({of})")
        return [
            {**one.model_dump(), "pseudonym": pseudonyms.pseudonym(one.patient_id, one.issuer)}
            for one in asked.patients
        ]
