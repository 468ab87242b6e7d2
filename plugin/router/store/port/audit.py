# SPDX-License-Identifier: GPL-3.0-or-later
"""The audit trail."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from router.documents.audit import AuditEntry, AuditRecord


@dataclass(frozen=True, slots=True)
class AuditFilter:
    """Which entries to find; an entry must match every given field.

    `event` is a whole event, or the beginning of one where it ends with a dot (`policy.`). `actor` is the
    actor's name. `object` is the id of the changed document, of the acting policy or of the destination.
    `search` is a patient id, an accession number or a Study Instance UID. `since` and `until` are inclusive.
    `studies` are the allowed studies, each as Orthanc identifier and Study Instance UID.
    """

    event: str | None = None
    actor: str | None = None
    object: str | None = None
    search: str | None = None
    outcome: str | None = None
    since: datetime | None = None
    until: datetime | None = None
    studies: frozenset[tuple[str, str]] | None = None


@dataclass(frozen=True, slots=True)
class Link:
    """A place in the chain: an entry's number and hash."""

    number: int
    hash: str


@dataclass(frozen=True, slots=True)
class Ends:
    """The two ends of the chain. They are kept apart from the entries, so that a missing entry is noticed."""

    #: The last expired entry; number 0 where none has expired.
    anchor: Link
    #: The newest entry, or one shortly before it; the anchor where there is no entry.
    head: Link
    #: The anchor's signature (see `anchor_text`) under the key of the trail; None where it is not signed.
    anchor_signature: str | None = None


def anchor_text(anchor: Link) -> str:
    """Return the text of an anchor that is signed."""
    return f"{anchor.number} {anchor.hash}"


class AuditTrail(Protocol):
    """The record of all acts. It only grows, except that old entries expire.

    A write that changes a stored document or a delivery also queues its act, so that neither exists without
    the other. `settle` moves queued acts into the chain. Several nodes may do so at once: each act gets into
    the chain once.
    """

    def record(self, record: AuditRecord, key: bytes | None = None) -> None:
        """Add an entry to the chain at once, hashed under the trail's key where it is given."""
        ...

    def settle(self, key: bytes | None = None, *, believes_all: bool = False) -> int:
        """Move one portion of the queued acts into the chain, as `record` does. Return how many; 0 where the
        queue is empty.

        An act that is not signed with the key (see `Store.sign_with`) is added without the key, so that
        verification finds it. `believes_all` adds such acts with the key: an older router signed nothing.
        An act that is in the chain already is not added again; an entry `audit.repeated` is added instead.
        """
        ...

    def find(
        self, wanted: AuditFilter, limit: int, offset: int = 0, total: int | None = None
    ) -> tuple[list[AuditEntry], int]:
        """Return a page of matching entries, newest first, and how many match. A given `total` saves the
        count and is returned as it is."""
        ...

    def after(self, number: int, limit: int) -> Sequence[AuditEntry]:
        """Return entries with a greater number, at most `limit`, oldest first."""
        ...

    def ends(self) -> Ends:
        """Return the two ends of the chain."""
        ...

    def expire(self, before: datetime, key: bytes | None = None) -> int:
        """Delete the oldest entries, up to the first that is not older than `before`; return how many. Works
        in portions, as `IntakeLedger.expire`. Signs the new anchor under the key, where it is given."""
        ...

    def sign_anchor(self, key: bytes) -> None:
        """Sign the present anchor, which an older router has left unsigned."""
        ...

    def take_up(self, reader: str, owner: str, until: datetime, now: datetime) -> int | None:
        """Lease a reader of the trail to `owner` until `until`. Return the number of the last entry that the
        reader has finished; None while another owner holds the lease."""
        ...

    def put_down(self, reader: str, owner: str, number: int) -> bool:
        """Keep `number` as the last entry that the reader has finished. Return False, and keep nothing, where
        another owner holds the lease."""
        ...
