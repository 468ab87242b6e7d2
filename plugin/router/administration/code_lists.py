# SPDX-License-Identifier: GPL-3.0-or-later
"""Imports, undoes, exports and deletes lists of codes. Records each act, without patient data."""

from collections.abc import Callable, Iterable, Sequence

from router.administration.code_list_reading import read_code_list
from router.audit import Audit
from router.clock import Clock
from router.documents.audit import Actor
from router.documents.code_list import (
    Code,
    CodeList,
    CodeListDraft,
    CodeListImported,
    CodeListRevision,
    OfProject,
)
from router.documents.delivery import UNLISTED, State
from router.documents.invalid import Invalid
from router.store import DeliveryFilter, NotFound, RevisionConflict, Store
from router.transforms import CodeLists, key_of, parts_of

#: How many deliveries an import makes due at once; the others try again by themselves.
_MOST_HASTENED = 1000


class CodeListAdministration:
    """Changes lists of codes. Every method may raise StoreUnavailable and SecretsUnreadable."""

    def __init__(
        self,
        store: Store,
        lists: CodeLists,
        audit: Audit,
        clock: Clock,
        wake_lanes: Callable[[Iterable[str]], None],
    ) -> None:
        """`wake_lanes` is called with the lanes that have work."""
        self._store = store
        self._lists = lists
        self._audit = audit
        self._clock = clock
        self._wake_lanes = wake_lanes

    def all(self) -> list[CodeList]:
        """Return the description of each list, by project."""
        return [found for key in self._lists.projects() if (found := self._told(key)) is not None]

    def save(self, draft: CodeListDraft, actor: Actor) -> CodeListImported:
        """Import a list; a dry run only checks it.

        Raises Invalid, RevisionConflict, and NotFound where codes to keep do not exist.
        """
        key = _key(draft)
        number = self._lists.revision(key)
        revisions = self._lists.revisions(key)
        current = revisions[0].revision if revisions else 0
        if draft.revision is not None and draft.revision != current:
            raise RevisionConflict(current)
        before = self._lists.codes(key)
        warnings: list[str] = []
        if draft.csv is not None:
            codes, warnings = read_code_list(draft.csv)
        elif current:
            codes = list(before)
        else:
            raise _nothing()
        if not draft.dry_run:
            told = f"{len(codes)} codes of {_called(draft)}; of others: {draft.on_miss}"
            self._record("imported", actor, f"{told}. {draft.comment}" if draft.comment else told)
            about = self._about(number + 1, draft, len(codes), actor)
            self._lists.save(key, about, codes)
            self._hasten()
        return _imported(draft, before, codes, warnings)

    def undo(self, of: OfProject, comment: str, actor: Actor) -> CodeList:
        """Bring back the list that the current one replaced. Raises NotFound, RevisionConflict."""
        key = _key(of)
        revisions = self._lists.revisions(key)
        if len(revisions) < 2:
            raise NotFound("There is no list of codes to go back to.")
        current, previous = revisions
        self._record("undone", actor, f"{previous.codes} codes of {_called(of)} again")
        again = {"revision": current.revision + 1, "updated_at": self._clock(), "updated_by": actor.name}
        about = previous.model_copy(update=again | {"comment": comment or previous.comment})
        self._lists.undo(key, about)
        self._hasten()
        found = self._told(key)
        assert found is not None
        return found

    def delete(self, key: str, actor: Actor) -> None:
        """Delete a list for good, with the list that it replaced.

        `key` is the project, or `@destination` and a destination's id. Raises NotFound, RevisionConflict.
        """
        found = self._told(key)
        if found is None:
            raise _nothing()
        self._record("deleted", actor, f"{found.current.codes} codes of {_called(found)}")
        again = {"revision": found.current.revision + 1, "updated_at": self._clock(), "codes": 0}
        self._lists.delete(key, found.current.model_copy(update=again | {"updated_by": actor.name}))

    def exported(self, of: OfProject, actor: Actor) -> Sequence[Code]:
        """Return the codes of a list. Raises NotFound."""
        key = _key(of)
        if not self._lists.revisions(key):
            raise _nothing()
        codes = self._lists.codes(key)
        self._record("exported", actor, f"{len(codes)} codes of {_called(of)}")
        return codes

    def _told(self, key: str) -> CodeList | None:
        revisions = self._lists.revisions(key)
        if not revisions:
            return None
        project, destination = parts_of(key)
        current, previous = (*revisions, None)[:2]
        assert current is not None
        return CodeList(project=project, destination=destination, current=current, previous=previous)

    def _about(self, number: int, draft: CodeListDraft, codes: int, actor: Actor) -> CodeListRevision:
        return CodeListRevision(
            revision=number,
            codes=codes,
            on_miss=draft.on_miss,
            comment=draft.comment,
            updated_at=self._clock(),
            updated_by=actor.name,
        )

    def _record(self, done: str, actor: Actor, detail: str) -> None:
        self._audit.record(f"codes.{done}", actor, detail)

    def _hasten(self) -> None:
        """Make the deliveries that wait for a list due now."""
        held = DeliveryFilter(states=frozenset({State.HELD}))
        found, _ = self._store.deliveries.find(held, _MOST_HASTENED)
        waiting = [one.id for one in found if (one.note or "").startswith(UNLISTED)]
        if waiting:
            self._wake_lanes(self._store.deliveries.hasten(waiting, self._clock()))


def _key(of: OfProject) -> str:
    """Return the key of a project's list. Raises Invalid."""
    if (of.project == "@destination") != bool(of.destination):
        raise Invalid([("destination", "is the id of one with the project @destination, and with no other")])
    return key_of(of.project, of.destination)


def _called(of: OfProject) -> str:
    return f"destination {of.destination}" if of.destination else f"project {of.project}"


def _nothing() -> NotFound:
    return NotFound("The project has no list of codes.")


def _imported(
    draft: CodeListDraft, before: Sequence[Code], codes: Sequence[Code], warnings: list[str]
) -> CodeListImported:
    was, now = ({(one.patient_id, one.issuer): one for one in some} for some in (before, codes))
    both = was.keys() & now.keys()
    return CodeListImported(
        dry_run=draft.dry_run,
        codes=len(codes),
        added=len(now.keys() - was.keys()),
        changed=sum(was[key] != now[key] for key in both),
        removed=len(was.keys() - now.keys()),
        warnings=warnings,
    )
