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
    """A document to save together with others, and the act that its save is part of."""

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
    """A policy or destination that differs from what the router wrote: it was changed directly in the
    database, or damaged."""

    id: str
    name: str
    #: When the router noticed it.
    since: datetime


class Documents(Protocol, Generic[DocumentType]):
    """Named documents of one kind (policies or destinations); each save is kept as a revision.

    A document that this version of the router cannot read is only in the list `unreadable`; `get` raises
    Unreadable for it, which is a NotFound. It can be deleted.

    Each write also queues the `act` that it is part of for the audit trail.
    """

    def generation(self) -> int:
        """Return a number that grows with every write to this kind; cheap enough to call every second."""
        ...

    def all(self) -> list[DocumentType]:
        """Return the current revision of every document, by name."""
        ...

    def unreadable(self) -> list[UnreadableDocument]:
        """Return the documents whose current revision cannot be read, by name."""
        ...

    def altered(self) -> list[AlteredDocument]:
        """Return the documents that were noticed as altered and have not been saved since, by name. All other
        lists have them as they are now."""
        ...

    def notice_altered(self, act: Act) -> list[str]:
        """Compare each document with its digest, and note those altered since the last call, with the act
        (`act.at` is the time of this call). Return their names. A document that again is as the router wrote
        it no longer counts as altered. A document saved by an older router has no digest until its next
        save."""
        ...

    def get(self, identifier: str) -> DocumentType:
        """Return the current revision. Raises NotFound."""
        ...

    def create(self, document: DocumentType, act: Act | None = None) -> None:
        """Add a document, at revision 1. Raises NameTaken."""
        ...

    def replace(self, document: DocumentType, act: Act | None = None) -> None:
        """Save `document`; its `revision` is one more than the revision that it replaces.

        Raises NotFound, NameTaken, or RevisionConflict where the store is at another revision.
        """
        ...

    def delete(self, identifier: str, revision: int | None = None, act: Act | None = None) -> None:
        """Delete the document; its revisions stay readable and its name is free again.

        Raises NotFound, or RevisionConflict where `revision` is given and is not the current one.
        """
        ...

    def revive(self, document: DocumentType, act: Act | None = None) -> None:
        """Bring a deleted document back, as the revision after its last one.

        Raises NotFound where no deleted document has the revision before this one, NameTaken.
        """
        ...

    def revisions(self, identifier: str) -> list[DocumentType]:
        """Return every readable revision, newest first, also of a deleted document. Raises NotFound."""
        ...

    def revision(self, identifier: str, number: int) -> DocumentType:
        """Return one revision, also of a deleted document. Raises NotFound."""
        ...
