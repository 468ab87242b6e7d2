"""Saving and testing destinations."""

import time
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from router.administration.fitness import misfits
from router.administration.policies import SERVER_FIELDS
from router.audit import Audit
from router.clock import Clock
from router.destinations import KINDS, DestinationUnavailable, Installation, Kind, Opening
from router.documents.action import DestinationAction
from router.documents.audit import Actor
from router.documents.destination import Destination, DestinationDraft
from router.documents.differences import Difference, differences
from router.documents.document import new_id
from router.documents.invalid import Invalid, validated
from router.documents.policy import Policy
from router.secrets import SecretsUnreadable, Vault, is_sealed, sealed_names, secret_names
from router.store import NotFound, RevisionConflict, Store

#: What `shown` adds; a client that sends back what it got is not refused for it.
_SECRETS_SET = "secrets_set"


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
    return {**document, _SECRETS_SET: names}


def _comparable(destination: Destination) -> dict[str, Any]:
    """What a person has written, without the secrets."""
    document = shown(destination)
    return {
        name: value
        for name, value in document.items()
        if name not in {*SERVER_FIELDS, _SECRETS_SET, "comment"}
    }


class DestinationAdministration:
    """Creates, changes, deletes and tests destinations. Every method may raise StoreUnavailable."""

    def __init__(
        self, store: Store, installation: Installation, vault: Vault, audit: Audit, clock: Clock
    ) -> None:
        self._store = store
        self._installation = installation
        self._vault = vault
        self._audit = audit
        self._opening = Opening(KINDS, installation, vault)
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
        """Make an earlier revision, with the secrets it had, the current one, as a new revision.

        Raises Invalid, NotFound, NameTaken.
        """
        earlier = self._store.destinations.revision(identifier, revision)
        current = self._store.destinations.get(identifier)
        draft = self.checked({**shown(earlier), "comment": comment}, earlier)
        self._check_users(current, draft.kind)
        return self._save(current, draft, actor, "destination.restored")

    def differences(self, identifier: str, before: int, after: int) -> list[Difference]:
        """What leads from one revision to another. Of a secret it tells only that it is another one: both
        values are None. Raises NotFound."""
        revision = self._store.destinations.revision
        was, now = revision(identifier, before), revision(identifier, after)
        return differences(_comparable(was), _comparable(now)) + self._secrets_between(was, now)

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
        """A document as it would be saved, secrets encrypted; `current` is what it would replace.

        Raises Invalid with every problem found.
        """
        if isinstance(data, Mapping):
            data = {
                name: value
                for name, value in data.items()
                if name not in SERVER_FIELDS and name != _SECRETS_SET
            }
        draft = validated(DestinationDraft, data)
        kind = KINDS.get(draft.kind)
        if kind is None:
            raise Invalid(
                [("kind", f"There is no kind {draft.kind!r}; there are {', '.join(sorted(KINDS))}.")]
            )
        settings = self._settings(kind, draft.settings, current)
        alternate = self._alternate(draft.alternate, kind, current.id if current else None)
        return draft.model_copy(update={"settings": settings, "alternate": alternate})

    def _settings(
        self, kind: Kind, written: Mapping[str, Any], current: Destination | None
    ) -> dict[str, Any]:
        """The settings as they would be stored. Raises Invalid."""
        secrets = secret_names(kind.settings)
        stored = current.settings if current is not None and current.kind == kind.name else {}
        kept = {name: stored[name] for name in secrets if name not in written and is_sealed(stored.get(name))}
        opened: dict[str, Any] = {}
        for name, value in kept.items():
            try:
                opened[name] = self._vault.unseal(value)
            except SecretsUnreadable as error:
                raise Invalid([(f"settings.{name}", str(error))]) from error
        settings = validated(kind.settings, {**written, **opened}, "settings")
        problems = [
            (f"settings.{field}" if field else "settings", message)
            for field, message in kind.problems(settings, self._installation)
        ]
        if problems:
            raise Invalid(problems)
        document = settings.model_dump(mode="json", exclude_none=True)
        for name in secrets & document.keys():
            try:
                document[name] = kept.get(name) or self._vault.seal(document[name])
            except SecretsUnreadable as error:
                raise Invalid([(f"settings.{name}", str(error))]) from error
        return document

    def _secrets_between(self, before: Destination, after: Destination) -> list[Difference]:
        names_before, names_after = sealed_names(before.settings), sealed_names(after.settings)
        found = []
        for name in sorted({*names_before, *names_after}):
            path = f"settings.{name}"
            if name not in names_after:
                found.append(Difference(path, "removed", None, None))
            elif name not in names_before:
                found.append(Difference(path, "added", None, None))
            elif not self._are_same(before.settings[name], after.settings[name]):
                found.append(Difference(path, "changed", None, None))
        return found

    def _are_same(self, sealed: object, other: object) -> bool:
        """Whether two secrets are one, as far as that can be told."""
        if sealed == other:
            return True
        try:
            return bool(self._vault.unseal(sealed) == self._vault.unseal(other))
        except SecretsUnreadable:
            return False

    def _check_users(self, current: Destination, kind: str) -> None:
        """Raises Invalid where a policy could not use the destination any more."""
        if kind == current.kind:
            return
        for policy in self._store.policies.all():
            for action in policy.actions:
                if not isinstance(action, DestinationAction) or action.destination != current.id:
                    continue
                if any(misfits(action, kind)):
                    raise Invalid([("kind", f"The policy {policy.name!r} uses it to {action.type}.")])

    def _alternate(self, wanted: str | None, kind: Kind, identifier: str | None) -> str | None:
        if wanted is None:
            return None
        for other in self._store.destinations.all():
            if wanted == other.id or wanted.casefold() == other.name.casefold():
                if other.id == identifier:
                    raise Invalid([("alternate", "A destination cannot be its own alternate.")])
                able = KINDS[other.kind].actions if other.kind in KINDS else frozenset()
                if not able & kind.actions:
                    raise Invalid([("alternate", f"A {other.kind} destination does other things.")])
                return other.id
        raise Invalid([("alternate", f"There is no destination {wanted!r}.")])

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
        destination = Destination(
            **dict(draft),
            id=current.id,
            revision=current.revision + 1,
            created_at=current.created_at,
            updated_at=self._clock(),
            updated_by=actor.name,
        )
        self._store.destinations.replace(destination, self._audit.act(event, actor, destination.comment))
        return destination
