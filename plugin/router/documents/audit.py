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


#: Text that every store can keep and every program can read: without lone surrogates.
Text = Annotated[str, AfterValidator(_encodable)]

#: The `previous` of the first entry.
NOTHING_BEFORE: Final = "0" * 64


def signature(key: bytes, of: Literal["act", "anchor"], text: str) -> str:
    """The HMAC-SHA256 of `text` under the key of the trail, in hexadecimal digits.

    It never equals the hash of an entry: the first line of what is signed says what it is of.
    """
    return hmac.digest(key, f"{of}\n{text}".encode(), hashlib.sha256).hex()


class Actor(Document):
    """The actor: a person (or a program that logs in), a policy, or the router itself."""

    type: Literal["user", "policy", "router"]
    #: The name of the login or of the policy; empty where Orthanc requires no login.
    name: Text = ""
    #: The id of the policy; of a person, if the authorization plugin gives one.
    id: Text = ""
    #: The address that a person's request came from, if a trusted proxy gives it.
    address: Text = ""


class ObjectReference(Document):
    """The object of an act."""

    #: `policy`, `destination`, `delivery`, `run`, ...
    type: Text
    id: Text
    name: Text = ""
    revision: int | None = None


class Patient(Document):
    """The patient whose data it is, in terms that a person searches for; `study` is Orthanc's identifier."""

    patient_id: Text = ""
    patient_name: Text = ""
    accession_number: Text = ""
    study_instance_uid: Text = ""
    study: Text = ""


class Act(Document):
    """What an actor does. The store that records it with a change adds what was changed."""

    #: Such as `policy.changed`.
    event: Text
    at: Instant
    #: The name of the Orthanc at which the act was done.
    node: Text
    actor: Actor
    outcome: Literal["success", "failure"] = "success"
    detail: Text = ""


class AuditRecord(Act):
    """An act with its object, patient and destination."""

    object: ObjectReference | None = None
    patient: Patient | None = None
    destination: DestinationReference | None = None
    #: How many instances have reached the destination.
    instances: int | None = None
    #: The id of an act that was stored, signed, together with its change; unique among the entries.
    act_id: str | None = None


class AuditEntry(AuditRecord):
    """A record in its place in the chain: each entry holds the hash of the one before it."""

    number: int = Field(ge=1)
    previous: str
    #: Whether `hash` is an HMAC. None where it is not, as in entries that were written without a key.
    keyed: Literal[True] | None = None
    #: The hash of `content` in hexadecimal digits: HMAC-SHA256 under the key of the trail, or SHA-256.
    hash: str

    @classmethod
    def after(cls, number: int, previous: str, record: AuditRecord, key: bytes | None = None) -> Self:
        """The entry that follows the entry with this number and hash."""
        keyed = None if key is None else True
        entry = cls(**dict(record), number=number + 1, previous=previous, keyed=keyed, hash="")
        return entry.model_copy(update={"hash": entry.expected_hash(key)})

    def content(self) -> bytes:
        """What is hashed: the entry as JSON without its hash and without null fields, in ASCII, with
        sorted names and no spaces.

        A field that a later version adds is null in older entries, and so does not change their hash.
        """
        document = self.model_dump(mode="json", exclude={"hash"}, exclude_none=True)
        return json.dumps(document, sort_keys=True, separators=(",", ":")).encode("ascii")

    def expected_hash(self, key: bytes | None = None) -> str:
        """The value of `hash` in an unaltered entry; `key` is used only where the entry is `keyed`."""
        if self.keyed and key is not None:
            return hmac.digest(key, self.content(), hashlib.sha256).hex()
        return hashlib.sha256(self.content()).hexdigest()
