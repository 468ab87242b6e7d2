"""Saving and testing destinations."""

import time
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from router.administration.destination_drafts import SECRETS_SET, DestinationDrafts
from router.administration.fitness import unfit_user
from router.administration.policy_drafts import SERVER_FIELDS
from router.audit import Audit
from router.clock import Clock
from router.destinations import DestinationUnavailable, Opening
from router.documents.action import DestinationAction
from router.documents.audit import Actor
from router.documents.destination import Destination, DestinationDraft
from router.documents.differences import Difference, differences
from router.documents.document import new_id
from router.documents.invalid import Invalid
from router.documents.policy import Policy
from router.secrets import sealed_names
from router.store import NotFound, RevisionConflict, Store

_RESTORED = "destination.restored"


class DestinationInUse(Exception):  # noqa: N818 - it reads as what it says
    """A destination cannot be deleted while policies or other destinations name it."""

    def __init__(self, users: list[str]) -> None:
        super().__init__(f"It is used by {', '.join(users)}.")


@dataclass(frozen=True, slots=True)
class TestResult:
    """What came of a test."""

    ok: bool
    detail: str
    milliseconds: int


def shown(destination: Destination) -> dict[str, Any]:
    """A destination as people and programs see it: without its secrets, but with the names of those that
    are set (`secrets_set`)."""
    document = destination.model_dump(mode="json")
    names = sealed_names(destination.settings)
    document["settings"] = {name: value for name, value in document["settings"].items() if name not in names}
    return {**document, SECRETS_SET: names}


def _comparable(destination: Destination) -> dict[str, Any]:
    """What a person has written, without the secrets."""
    document = shown(destination)
    return {
        name: value
        for name, value in document.items()
        if name not in {*SERVER_FIELDS, SECRETS_SET, "comment"}
    }


class DestinationAdministration:
    """Creates, changes, deletes and tests destinations. Every method may raise StoreUnavailable."""

    def __init__(
        self, store: Store, drafts: DestinationDrafts, opening: Opening, audit: Audit, clock: Clock
    ) -> None:
        self._store = store
        self._drafts = drafts
        self._opening = opening
        self._audit = audit
        self._clock = clock

    def create(self, data: object, actor: Actor) -> Destination:
        """A new destination. Raises Invalid, NameTaken."""
        draft = self.checked(data)
        now = self._clock()
        destination = Destination(
            **dict(draft), id=new_id(), revision=1, created_at=now, updated_at=now, updated_by=actor.name
        )
        self._store.destinations.create(
            destination, self._audit.act("destination.created", actor, destination.comment)
        )
        return destination

    def replace(self, identifier: str, data: object, revision: int | None, actor: Actor) -> Destination:
        """Save a destination anew; `revision` is the one the writer has seen, None where that does not
        matter. A secret that is left out stays, null removes it.

        Raises Invalid, NotFound, NameTaken, RevisionConflict.
        """
        current = self._store.destinations.get(identifier)
        if revision is not None and revision != current.revision:
            raise RevisionConflict(current.revision)
        draft = self.checked(data, current)
        self._check_users(current, draft.kind)
        return self._save(current, draft, actor, "destination.changed")

    def set_enabled(self, identifier: str, enabled: bool, actor: Actor, comment: str = "") -> Destination:
        """Pause or resume; nothing is saved where it is so already. Raises NotFound."""
        current = self._store.destinations.get(identifier)
        if current.enabled == enabled:
            return current
        draft = DestinationDraft.model_validate(
            current.model_dump(mode="json", exclude=set(SERVER_FIELDS))
            | {"enabled": enabled, "comment": comment}
        )
        event = "destination.enabled" if enabled else "destination.disabled"
        return self._save(current, draft, actor, event)

    def restore(self, identifier: str, revision: int, actor: Actor, comment: str = "") -> Destination:
        """Make an earlier revision, with the secrets it had, the current one, as a new revision. A deleted
        destination comes back.

        Raises Invalid, NotFound, NameTaken.
        """
        earlier = self._store.destinations.revision(identifier, revision)
        draft = self.checked({**shown(earlier), "comment": comment}, earlier)
        [last, *_] = self._store.destinations.revisions(identifier)
        try:
            current = self._store.destinations.get(identifier)
        except NotFound:
            destination = self._following(last, draft, actor)
            act = self._audit.act(_RESTORED, actor, destination.comment)
            self._store.destinations.revive(destination, act)
            return destination
        self._check_users(current, draft.kind)
        return self._save(current, draft, actor, _RESTORED)

    def differences(self, identifier: str, before: int, after: int) -> list[Difference]:
        """What leads from one revision to another. Of a secret it tells only that it is another one: both
        values are None. Raises NotFound."""
        revision = self._store.destinations.revision
        was, now = revision(identifier, before), revision(identifier, after)
        return differences(_comparable(was), _comparable(now)) + self._drafts.secrets_between(was, now)

    def delete(self, identifier: str, revision: int | None, actor: Actor) -> None:
        """Take a destination away. Raises NotFound, RevisionConflict, DestinationInUse."""
        self._store.destinations.get(identifier)
        users = [f"policy {policy.name}" for policy in self.policies_using(identifier)]
        users += [
            f"destination {other.name}"
            for other in self._store.destinations.all()
            if other.alternate == identifier
        ]
        if users:
            raise DestinationInUse(users)
        self._store.destinations.delete(identifier, revision, self._audit.act("destination.deleted", actor))

    def policies_using(self, identifier: str) -> list[Policy]:
        """The policies that send to it."""
        return [
            policy
            for policy in self._store.policies.all()
            if any(
                isinstance(action, DestinationAction) and action.destination == identifier
                for action in policy.actions
            )
        ]

    def test(self, identifier: str) -> TestResult:
        """Try whether a stored destination would take data. Raises NotFound."""
        destination = self._store.destinations.get(identifier)
        return self._tested(identifier, destination)

    def test_draft(self, data: object) -> TestResult:
        """Try a destination before it is saved; where it has the `id` of a stored one, secrets that are left
        out are the stored ones. Raises Invalid."""
        identifier = data.get("id") if isinstance(data, Mapping) else None
        current = None
        if isinstance(identifier, str):
            try:
                current = self._store.destinations.get(identifier)
            except NotFound:
                current = None
        return self._tested(f"draft-{new_id()}", self.checked(data, current))

    def checked(self, data: object, current: Destination | None = None) -> DestinationDraft:
        """A document as it would be saved; `current` is what it would replace.

        Raises Invalid with every problem found.
        """
        return self._drafts.checked(data, self._store.destinations.all(), current)

    def _check_users(self, current: Destination, kind: str) -> None:
        """Raises Invalid where a policy could not use the destination any more."""
        problem = unfit_user(current.id, kind, self._store.policies.all())
        if problem is not None:
            raise Invalid([("kind", problem)])

    def _tested(self, identifier: str, destination: DestinationDraft) -> TestResult:
        began = time.monotonic()
        try:
            sender = self._opening.open(identifier, destination)
            try:
                ok, detail = True, sender.test()
            finally:
                sender.close()
        except DestinationUnavailable as error:
            ok, detail = False, str(error)
        return TestResult(ok, detail, round((time.monotonic() - began) * 1000))

    def _save(self, current: Destination, draft: DestinationDraft, actor: Actor, event: str) -> Destination:
        destination = self._following(current, draft, actor)
        self._store.destinations.replace(destination, self._audit.act(event, actor, destination.comment))
        return destination

    def _following(self, current: Destination, draft: DestinationDraft, actor: Actor) -> Destination:
        """The next revision."""
        return Destination(
            **dict(draft),
            id=current.id,
            revision=current.revision + 1,
            created_at=current.created_at,
            updated_at=self._clock(),
            updated_by=actor.name,
        )
