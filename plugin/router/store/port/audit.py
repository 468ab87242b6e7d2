# SPDX-License-Identifier: GPL-3.0-or-later
"""The audit trail."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from router.documents.audit import AuditEntry, AuditRecord


@dataclass(frozen=True, slots=True)
class AuditFilter:
    """Which entries are meant; every given part must hold.

    `event` is a whole event, or with a dot at its end the beginning of one (`policy.`); `object` is the id
    of what was changed, of the policy that acted or of the destination; `search` is a patient id, an
    accession number or a Study Instance UID; `since` and `until` include their moments; `studies` are those
    that it may be about, by Orthanc identifier and Study Instance UID.
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
    """Where the chain begins and ends, kept apart from its entries so that a missing one is noticed."""

    #: The last entry that has expired; number 0 where none has.
    anchor: Link
    #: The newest entry, or one shortly before it; the anchor where there is no entry.
    head: Link
    #: Of the anchor (see `anchor_text`), under the key of the trail; None where there is none.
    anchor_signature: str | None = None


def anchor_text(anchor: Link) -> str:
    """What is signed of an anchor."""
    return f"{anchor.number} {anchor.hash}"


class AuditTrail(Protocol):
    """The record of what was done. It only grows, but for what expires.

    What is done to stored documents and deliveries is put down in the same write that does it, so that there
    is never the one without the other; `settle` brings it into the chain. Several nodes may do so at once:
    everything gets into the chain once.
    """

    def record(self, record: AuditRecord, key: bytes | None = None) -> None:
        """Add to the chain at once, hashed under the trail's key where it is given."""
        ...

    def settle(self, key: bytes | None = None, *, believes_all: bool = False) -> int:
        """Bring into the chain what has been put down since, as `record`; how many entries. In portions, and
        0 once there is nothing left.

        What is not signed with the key (see `Store.sign_with`) gets into it without the key, so that
        verification finds it; unless all is believed, as of a router that signed nothing. An act that is in
        the chain already is not brought in again: an entry `audit.repeated` tells of it.
        """
        ...

    def find(
        self, wanted: AuditFilter, limit: int, offset: int = 0, total: int | None = None
    ) -> tuple[list[AuditEntry], int]:
        """Newest first, and how many there are in all; that is not counted where `total` says it."""
        ...

    def after(self, number: int, limit: int) -> Sequence[AuditEntry]:
        """The entries with a greater number, oldest first."""
        ...

    def ends(self) -> Ends:
        """Where the chain begins and ends."""
        ...

    def expire(self, before: datetime, key: bytes | None = None) -> int:
        """Forget the oldest entries, up to the first that is not older than this; how many. In portions, as
        `IntakeLedger.expire`. The anchor is signed under the key."""
        ...

    def sign_anchor(self, key: bytes) -> None:
        """Sign the anchor as it is: that of a router that signed none."""
        ...

    def take_up(self, reader: str, owner: str, until: datetime, now: datetime) -> int | None:
        """The number of the entry up to which a reader of the trail has come, for `owner` alone until then;
        None while another owner is at it."""
        ...

    def put_down(self, reader: str, owner: str, number: int) -> bool:
        """Keep how far the reader has come. False, and nothing kept, where another owner is at it."""
        ...
