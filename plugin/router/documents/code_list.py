# SPDX-License-Identifier: GPL-3.0-or-later
"""A project's list of codes: the pseudonym that each patient was given, in the place of a derived one."""

from typing import Annotated, Final, Literal

from pydantic import Field

from router.documents.document import Comment, Document, Instant
from router.documents.transform import Project

#: Patients of one list.
MOST_CODES: Final = 100_000

#: What becomes of the images of a patient who is not in the list: the pseudonym is derived as without a list,
#: the delivery waits until a list has the patient, or it fails.
OnMiss = Literal["derive", "hold", "refuse"]


class Code(Document):
    """What stands for one patient."""

    #: As images have it (PS3.3, C.7.1.1).
    patient_id: str
    #: Who has given the identifier; empty for images that do not say, `*` for whoever it is.
    issuer: str = ""
    #: Patient ID from then on.
    code: str
    #: Patient's Name from then on; empty where it is the code.
    name: str = ""
    #: By how many days the patient's dates go back; None where that is derived.
    shift_days: int | None = None


class OfProject(Document):
    """Whose list it is."""

    project: Project
    #: The id of the destination, where the project is `@destination`.
    destination: str = Field(default="", max_length=64)


class CodeListDraft(OfProject):
    """A list to be imported in the place of what the project has."""

    #: The list with a head: `patient_id`, `code`, and where there are such `issuer`, `name`, `shift_days`.
    #: None: the codes stay as they are.
    csv: str | None = Field(default=None, min_length=1)
    on_miss: OnMiss = "derive"
    comment: Comment = ""
    #: Which revision it replaces, 0 for none; None: whichever there is.
    revision: int | None = Field(default=None, ge=0)
    #: Whether only to look at it.
    dry_run: bool = False


class CodeListRevision(Document):
    """What is told of one revision of a list; nothing of any patient."""

    revision: int
    #: How many there are.
    codes: int
    on_miss: OnMiss
    comment: str
    updated_at: Instant
    updated_by: str


class CodeList(OfProject):
    """What is told of a project's list."""

    current: CodeListRevision
    #: What the current one has replaced, and what is there again once that is undone.
    previous: CodeListRevision | None = None


Count = Annotated[int, Field(ge=0)]


class CodeListImported(Document):
    """What an import does, or would do."""

    dry_run: bool
    #: Patients in the list.
    codes: Count
    #: Patients who were not in the list before, who have another code, name or shift, who are not in it any
    #: more.
    added: Count
    changed: Count
    removed: Count
    #: What a person should look at, though it is possible.
    warnings: list[str]
