# SPDX-License-Identifier: GPL-3.0-or-later
"""Replacements for identities: always the same for the same identity, and not traceable to it.

Everything is an HMAC-SHA256 under the installation's key. So it needs no table of replacements, and is the
same on every node, in every study and after every restart.
"""

import base64
import hashlib
import hmac
import uuid

from pydicom._uid_dict import UID_dictionary

_PSEUDONYM_BYTES = 10


class Pseudonyms:
    """Derives pseudonyms, UIDs and date shifts. May be used by several threads at once."""

    def __init__(self, key: bytes) -> None:
        if len(key) < 32:
            raise ValueError("a key of pseudonyms has at least 32 bytes")
        # A copy for each digest is twice as fast as a new HMAC.
        self._hmac = hmac.new(key, digestmod=hashlib.sha256)

    def of_project(self, project: str) -> "Pseudonyms":
        """The same with a separate key, derived from this one and the project's name."""
        return Pseudonyms(self._digest("project", project))

    def pseudonym(self, value: str, issuer: str = "") -> str:
        """16 letters and digits for an identifier (80 bits, in Base32); empty for an empty one.

        The same identifier from two issuers (PS3.3, C.7.1.1, Issuer of Patient ID) means two persons.
        """
        identifier, issuer = value.strip(), issuer.strip()
        if not identifier:
            return ""
        return self._name("pseudonym", f"{identifier}\0{issuer}" if issuer else identifier)

    def pseudonym_of_study(self, study: str) -> str:
        """The pseudonym of a study's patient without an identifier; `study` is its UID."""
        return self._name("pseudonym of study", study) if study.strip() else ""

    def uid(self, source: str) -> str:
        """The replacement of a UID (PS3.5, B.2: below 2.25 by a UUID). UIDs that DICOM has registered (PS3.6,
        Annex A: classes, transfer syntaxes, well-known frames of reference) identify nobody, and stay."""
        if not source or source in UID_dictionary:
            return source
        return f"2.25.{uuid.UUID(bytes=self._digest('uid', source)[:16], version=5).int}"

    def days(self, patient: str, most: int) -> int:
        """The number of days, from 1 to `most`, by which all dates of a patient go back."""
        return 1 + int.from_bytes(self._digest("days", patient.strip())[:8]) % most

    def _name(self, purpose: str, value: str) -> str:
        return base64.b32encode(self._digest(purpose, value)[:_PSEUDONYM_BYTES]).decode("ascii")

    def _digest(self, purpose: str, value: str) -> bytes:
        begun = self._hmac.copy()
        begun.update(f"{purpose}\0{value}".encode("utf-8", "surrogatepass"))
        return begun.digest()
