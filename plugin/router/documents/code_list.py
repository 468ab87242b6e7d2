# SPDX-License-Identifier: GPL-3.0-or-later
"""A project's list of codes: a given pseudonym for each patient, instead of a derived one."""

from typing import Annotated, Final, Literal

from pydantic import Field

from router.documents.document import Comment, Document, Instant
from router.documents.transform import Project

#: The most patients in one list.
MOST_CODES: Final = 100_000

#: What to do with images of a patient who is not in the list: derive the pseudonym as without a list, hold
#: the delivery until a list has the patient, or let the delivery fail.
OnMiss = Literal["derive", "hold", "refuse"]


class Code(Document):
    """The code of one patient."""

    #: Patient ID as images have it (PS3.3, C.7.1.1).
    patient_id: str
    #: The issuer of the identifier; empty for images that do not name one, `*` for any issuer.
    issuer: str = ""
    #: The new Patient ID.
    code: str
    #: The new Patient's Name; empty means the code.
    name: str = ""
    #: By how many days the patient's dates go back; None means a derived number.
    shift_days: int | None = None


class OfProject(Document):
    """The project that a list belongs to."""

    project: Project
    #: The id of the destination if the project is `@destination`; else empty.
    destination: str = Field(default="", max_length=64)


class CodeListDraft(OfProject):
    """A list to import in place of the project's current one."""

    #: The list with a header line: `patient_id`, `code`, and optionally `issuer`, `name`, `shift_days`.
    #: None keeps the codes as they are.
    csv: str | None = Field(default=None, min_length=1)
    on_miss: OnMiss = "derive"
    comment: Comment = ""
    #: The revision to replace, 0 where the project has no list; None means any.
    revision: int | None = Field(default=None, ge=0)
    #: True checks the list without importing it.
    dry_run: bool = False


class CodeListRevision(Document):
    """One revision of a list, without any patient's data."""

    revision: int
    #: The number of codes.
    codes: int
    on_miss: OnMiss
    comment: str
    updated_at: Instant
    updated_by: str


class CodeList(OfProject):
    """A project's list, without any patient's data."""

    current: CodeListRevision
    #: The revision that the current one replaced. An undo brings it back.
    previous: CodeListRevision | None = None


Count = Annotated[int, Field(ge=0)]


class CodeListImported(Document):
    """What an import does, or would do."""

    dry_run: bool
    #: Patients in the list.
    codes: Count
    #: Patients who are new in the list, who have another code, name or shift, and who are no longer in it.
    added: Count
    changed: Count
    removed: Count
    #: What a person should check, although it is allowed.
    warnings: list[str]
