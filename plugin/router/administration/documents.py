# SPDX-License-Identifier: GPL-3.0-or-later
"""Saves documents (policies and destinations): each save is a revision, and an act in the audit trail."""

from abc import ABC, abstractmethod
from typing import Generic, Literal, TypeVar

from router.audit import Audit
from router.clock import Clock
from router.documents.audit import Act, Actor
from router.documents.destination import DestinationDraft
from router.documents.differences import Difference
from router.documents.policy import PolicyDraft
from router.documents.revision import following
from router.store import Documents, DocumentType, NotFound, RevisionConflict

Draft = TypeVar("Draft", PolicyDraft, DestinationDraft)


class DocumentAdministration(ABC, Generic[DocumentType, Draft]):
    """Creates, changes and deletes the documents of one kind. Every method may raise StoreUnavailable."""

    def __init__(
        self,
        kind: Literal["policy", "destination"],
        made: type[DocumentType],
        documents: Documents[DocumentType],
        audit: Audit,
        clock: Clock,
    ) -> None:
        """`kind` is the documents' name in the audit; `made` is the class of a saved draft."""
        self._kind = kind
        self._made: type[DocumentType] = made
        self._documents: Documents[DocumentType] = documents
        self._audit = audit
        self._clock = clock

    @abstractmethod
    def checked(self, data: object, current: DocumentType | None = None) -> Draft:
        """Return the document as it would be saved; `current` is the document that it would replace.

        Raises Invalid with every problem found.
        """

    def create(self, data: object, actor: Actor) -> DocumentType:
        """Create a document. Raises Invalid, NameTaken."""
        document = self._following(None, self.checked(data), actor)
        self._documents.create(document, self._act("created", actor, document.comment))
        return document

    def replace(self, identifier: str, data: object, revision: int | None, actor: Actor) -> DocumentType:
        """Save a document again. `revision` is the revision that the person saw; None: any.

        Raises Invalid, NotFound, NameTaken, RevisionConflict.
        """
        current = self._documents.get(identifier)
        if revision is not None and revision != current.revision:
            raise RevisionConflict(current.revision)
        return self._replace(current, self.checked(data, current), actor, "changed")

    def set_enabled(self, identifier: str, enabled: bool, actor: Actor, comment: str = "") -> DocumentType:
        """Enable or disable a document; saves nothing where that is its state. Raises Invalid, NotFound."""
        current = self._documents.get(identifier)
        if current.enabled == enabled:
            return current
        draft = self._switched(current, enabled, comment)
        return self._save(current, draft, actor, "enabled" if enabled else "disabled")

    def restore(self, identifier: str, revision: int, actor: Actor, comment: str = "") -> DocumentType:
        """Make an earlier revision the current one, as a new revision. A deleted document comes back.

        Raises Invalid, NotFound, NameTaken.
        """
        draft = self._restored(self._documents.revision(identifier, revision), comment)
        [last, *_] = self._documents.revisions(identifier)
        try:
            return self._replace(self._documents.get(identifier), draft, actor, "restored")
        except NotFound:
            document = self._following(last, draft, actor)
            self._documents.revive(document, self._act("restored", actor, document.comment))
            return document

    def accept(self, identifier: str, actor: Actor, comment: str = "") -> DocumentType:
        """Save a document that was changed outside the router as it is now. An unchanged document stays as it
        is.

        Raises Invalid, NotFound, NameTaken, RevisionConflict.
        """
        current = self._documents.get(identifier)
        if all(one.id != identifier for one in self._documents.altered()):
            return current
        return self._save(current, self._restored(current, comment), actor, "accepted")

    def differences(self, identifier: str, before: int, after: int) -> list[Difference]:
        """Return the differences between two revisions, also of a deleted document. Raises NotFound."""
        revision = self._documents.revision
        return self._differences(revision(identifier, before), revision(identifier, after))

    def delete(self, identifier: str, revision: int | None, actor: Actor) -> None:
        """Delete a document. Raises NotFound, RevisionConflict."""
        self._documents.delete(identifier, revision, self._act("deleted", actor))

    @abstractmethod
    def _switched(self, current: DocumentType, enabled: bool, comment: str) -> Draft:
        """Return the draft that enables or disables a document. Raises Invalid."""

    @abstractmethod
    def _restored(self, earlier: DocumentType, comment: str) -> Draft:
        """Return the draft that restores an earlier revision. Raises Invalid."""

    @abstractmethod
    def _differences(self, before: DocumentType, after: DocumentType) -> list[Difference]:
        """Return what people have changed between two revisions."""

    def _replace(self, current: DocumentType, draft: Draft, actor: Actor, change: str) -> DocumentType:
        """Save a draft in place of `current`. Raises Invalid, NotFound, NameTaken, RevisionConflict."""
        return self._save(current, draft, actor, change)

    def _save(self, current: DocumentType, draft: Draft, actor: Actor, change: str) -> DocumentType:
        document = self._following(current, draft, actor)
        self._documents.replace(document, self._act(change, actor, document.comment))
        return document

    def _following(self, current: DocumentType | None, draft: Draft, actor: Actor) -> DocumentType:
        """Return the next revision of `current`, or the first revision."""
        return self._made(**dict(draft), **following(current, self._clock(), actor.name))

    def _act(self, change: str, actor: Actor, comment: str = "") -> Act:
        return self._audit.act(f"{self._kind}.{change}", actor, comment)
