# SPDX-License-Identifier: GPL-3.0-or-later
"""Policies and destinations."""

from dataclasses import dataclass
from datetime import datetime
from typing import Generic, Protocol, TypeVar

from router.documents.audit import Act
from router.documents.destination import Destination
from router.documents.policy import Policy

DocumentType = TypeVar("DocumentType", Policy, Destination)


@dataclass(frozen=True, slots=True)
class Save:
    """One of several documents that are saved as one, and the act that its save is part of."""

    document: Policy | Destination
    act: Act | None = None


@dataclass(frozen=True, slots=True)
class UnreadableDocument:
    """A policy or destination that this version of the router cannot read, and why."""

    id: str
    name: str
    reason: str


@dataclass(frozen=True, slots=True)
class AlteredDocument:
    """A policy or destination that is not as the router has written it: somebody has changed it in the
    database, or it was damaged."""

    id: str
    name: str
    #: When that was noticed.
    since: datetime


class Documents(Protocol, Generic[DocumentType]):
    """Named documents of one kind (policies or destinations), each save kept as a revision.

    Those that this version of the router cannot read are in no list but `unreadable`; asking for one by its
    id raises Unreadable, which is a NotFound. They can be deleted.

    The `act` that a write is part of is put down for the audit in the same write.
    """

    def generation(self) -> int:
        """A number that grows with every write to this kind; cheap enough to ask every second."""
        ...

    def all(self) -> list[DocumentType]:
        """The current revision of every document, by name."""
        ...

    def unreadable(self) -> list[UnreadableDocument]:
        """Those whose current revision cannot be read, by name."""
        ...

    def altered(self) -> list[AlteredDocument]:
        """Those that have been noticed as altered and not been saved since, by name. They are in all other
        lists as they are now."""
        ...

    def notice_altered(self, act: Act) -> list[str]:
        """Look at the digest of each, and note what has been altered since the last look, with the act, which
        is of that moment; their names. What is again as it was written is altered no more. A document that an
        older router has saved has no digest until it is saved again."""
        ...

    def get(self, identifier: str) -> DocumentType:
        """The current revision. Raises NotFound."""
        ...

    def create(self, document: DocumentType, act: Act | None = None) -> None:
        """Add a document at revision 1. Raises NameTaken."""
        ...

    def replace(self, document: DocumentType, act: Act | None = None) -> None:
        """Save `document`, whose `revision` is one more than the revision it replaces.

        Raises NotFound, NameTaken, or RevisionConflict where the store is at another revision.
        """
        ...

    def delete(self, identifier: str, revision: int | None = None, act: Act | None = None) -> None:
        """Take the document away; its revisions stay readable and its name is free again.

        Raises NotFound, or RevisionConflict where `revision` is given and is not the current one.
        """
        ...

    def revive(self, document: DocumentType, act: Act | None = None) -> None:
        """Bring a deleted document back, as the revision after its last one.

        Raises NotFound where there is no deleted document at that revision, NameTaken.
        """
        ...

    def revisions(self, identifier: str) -> list[DocumentType]:
        """Every revision, newest first, also of a deleted document. Raises NotFound."""
        ...

    def revision(self, identifier: str, number: int) -> DocumentType:
        """One revision, also of a deleted document. Raises NotFound."""
        ...
