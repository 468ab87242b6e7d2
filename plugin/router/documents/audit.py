# SPDX-License-Identifier: GPL-3.0-or-later
"""The audit trail: who did what, and to which patient's data, in a chain that shows tampering."""

import hashlib
import hmac
import json
from typing import Annotated, Final, Literal, Self

from pydantic import AfterValidator, Field

from router.documents.delivery import DestinationReference
from router.documents.document import Document, Instant


def _encodable(text: str) -> str:
    return text.encode("utf-8", "replace").decode("utf-8")


#: What every store can keep and every program can read: no half of a surrogate pair.
Text = Annotated[str, AfterValidator(_encodable)]

#: Stands before the first entry.
NOTHING_BEFORE: Final = "0" * 64


def signature(key: bytes, of: Literal["act", "anchor"], text: str) -> str:
    """What nobody can make without the key of the trail, in hexadecimal digits. No entry has the same."""
    return hmac.digest(key, f"{of}\n{text}".encode(), hashlib.sha256).hex()


class Actor(Document):
    """Who acts: a person (or a program that logs in), a policy, or the router by itself."""

    type: Literal["user", "policy", "router"]
    #: The name of the login or of the policy; empty where Orthanc asks for no login.
    name: Text = ""
    #: Of the policy; of a person, where the authorization plugin tells it.
    id: Text = ""
    #: Where a person's request came from, where a trusted proxy tells.
    address: Text = ""


class ObjectReference(Document):
    """What something was done to."""

    #: `policy`, `destination`, `delivery`, `run`, ...
    type: Text
    id: Text
    name: Text = ""
    revision: int | None = None


class Patient(Document):
    """Whose data it is, as a person would look for it; `study` is Orthanc's identifier."""

    patient_id: Text = ""
    patient_name: Text = ""
    accession_number: Text = ""
    study_instance_uid: Text = ""
    study: Text = ""


class Act(Document):
    """What somebody does. Who writes it with a change says with it what was changed."""

    #: Such as `policy.changed`.
    event: Text
    at: Instant
    #: The name of the Orthanc at which it was done.
    node: Text
    actor: Actor
    outcome: Literal["success", "failure"] = "success"
    detail: Text = ""


class AuditRecord(Act):
    """An act with all that it is about."""

    object: ObjectReference | None = None
    patient: Patient | None = None
    destination: DestinationReference | None = None
    #: How many instances have reached the destination.
    instances: int | None = None
    #: Of an act that was put down with a change, and signed there; no two entries have the same.
    act_id: str | None = None


class AuditEntry(AuditRecord):
    """A record in its place in the chain: each entry holds the hash of the one before it."""

    number: int = Field(ge=1)
    previous: str
    #: Whether `hash` is an HMAC; None for False, as in entries of a router that knew no key.
    keyed: Literal[True] | None = None
    #: In hexadecimal digits, of `content`: HMAC-SHA256 under the key of the trail, or SHA-256.
    hash: str

    @classmethod
    def after(cls, number: int, previous: str, record: AuditRecord, key: bytes | None = None) -> Self:
        """The entry that comes after the one with this number and hash."""
        keyed = None if key is None else True
        entry = cls(**dict(record), number=number + 1, previous=previous, keyed=keyed, hash="")
        return entry.model_copy(update={"hash": entry.expected_hash(key)})

    def content(self) -> bytes:
        """What is hashed: the entry as JSON without its hash and without what is null, in ASCII, with
        sorted names and no spaces.

        A field that a later version adds is null in older entries, and changes nothing.
        """
        document = self.model_dump(mode="json", exclude={"hash"}, exclude_none=True)
        return json.dumps(document, sort_keys=True, separators=(",", ":")).encode("ascii")

    def expected_hash(self, key: bytes | None = None) -> str:
        """What `hash` is unless somebody has changed the entry; `key` counts where it is keyed."""
        if self.keyed and key is not None:
            return hmac.digest(key, self.content(), hashlib.sha256).hex()
        return hashlib.sha256(self.content()).hexdigest()
