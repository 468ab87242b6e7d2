# SPDX-License-Identifier: GPL-3.0-or-later
"""Codes that a list gives patients; they replace the pseudonyms derived from the key."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import NamedTuple

from router.documents.code_list import OnMiss
from router.transforms.pseudonyms import Pseudonyms
from router.transforms.untransformable import Untransformable

_ANY_ISSUER = "*"


class Row(NamedTuple):
    """A code in the form in which many are kept; see `router.documents.code_list.Code`."""

    patient_id: str
    issuer: str
    code: str
    name: str
    shift_days: int | None


class Unlisted(Untransformable):
    """The patient is not in the list of codes; the image must wait until a list has the patient."""


class Codes:
    """The list of one project. May be used by several threads at once."""

    def __init__(self, project: str, on_miss: OnMiss, rows: Iterable[Row]) -> None:
        self.on_miss = on_miss
        self._project = project
        self._codes = {(row.patient_id, row.issuer): row for row in rows}
        self._identifiers = frozenset(identifier for identifier, _ in self._codes)

    def find(self, identifier: str, issuer: str) -> Row | None:
        """The code of a patient; None where the list has none."""
        return self._codes.get((identifier, issuer)) or self._codes.get((identifier, _ANY_ISSUER))

    def miss(self, identifier: str) -> str:
        """Say why the list has no code for a patient, without a value of the image.

        Raises Unlisted or Untransformable where the image must not be changed without a code.
        """
        reason = f"The patient is not in the list of codes of {self._project}"
        if not identifier:
            reason += ": the image has no Patient ID"
        elif identifier in self._identifiers:
            reason += " with this Issuer of Patient ID, but the identifier is"
        elif identifier.lstrip("0") in self._identifiers:
            reason += (
                ", but the identifier without its leading zeros is: spreadsheets take them away unless the"
                " column is text"
            )
        if self.on_miss == "hold":
            raise Unlisted(reason)
        if self.on_miss == "refuse":
            raise Untransformable(reason)
        return f"{reason}: the pseudonym was derived"


@dataclass(frozen=True, slots=True)
class NamedPatient:
    """A patient as named in an image, and the code or pseudonyms that replace the name."""

    identifier: str
    issuer: str
    #: None where there is no list, or no code in it.
    code: Row | None
    pseudonyms: Pseudonyms = field(repr=False)

    @property
    def own(self) -> str:
        """The patient's code or pseudonym; empty where the image has no identifier."""
        return self.code.code if self.code else self.pseudonyms.pseudonym(self.identifier, self.issuer)

    def pseudonym(self, value: str, issuer: str = "") -> str:
        """The pseudonym of a value in a template: the code, if the value is the patient's identifier."""
        if self.code and value.strip() == self.identifier and issuer.strip() in {"", self.issuer}:
            return self.code.code
        return self.pseudonyms.pseudonym(value, issuer)


@dataclass(frozen=True, slots=True)
class Naming:
    """The naming of a project's patients: codes from its list, else pseudonyms derived from its key."""

    pseudonyms: Pseudonyms
    codes: Codes | None = None

    def patient(self, identifier: str, issuer: str) -> NamedPatient:
        """The patient with this identifier and issuer, and the patient's code."""
        identifier, issuer = identifier.strip(), issuer.strip()
        code = self.codes.find(identifier, issuer) if self.codes else None
        return NamedPatient(identifier, issuer, code, self.pseudonyms)
