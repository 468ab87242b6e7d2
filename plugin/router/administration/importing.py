"""Importing a document of policies and destinations: looked at as a whole, saved as a whole."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Literal, TypeVar

from router.administration.destination_drafts import SECRETS_SET, DestinationDrafts
from router.administration.exporting import written_destination, written_policy
from router.administration.fitness import unfit_user
from router.administration.policy_drafts import PolicyDrafts
from router.administration.policy_warnings import LeadsHere, policy_warnings
from router.administration.secret_references import Secret, with_secrets
from router.audit import Audit
from router.catalog import Catalog
from router.checks import PolicyWarning
from router.clock import Clock
from router.documents.audit import Actor
from router.documents.destination import Destination
from router.documents.differences import Difference, differences
from router.documents.invalid import Invalid
from router.documents.policy import Policy
from router.documents.revision import following
from router.documents.routing_document import RoutingDocument
from router.secrets import sealed_names
from router.store import Save, Store
from router.store.keys import text_key

_Stored = TypeVar("_Stored", Destination, Policy)


@dataclass(frozen=True, slots=True)
class Change:
    """What becomes of one document. `differences` are from the revision that it replaces."""

    kind: Literal["policy", "destination"]
    name: str
    change: Literal["create", "update", "unchanged"]
    differences: Sequence[Difference] = ()


@dataclass(frozen=True, slots=True)
class ImportPlan:
    """What an import would do; nothing of it is done yet."""

    changes: Sequence[Change]
    #: Their paths begin with that of the policy or destination in the document.
    warnings: Sequence[PolicyWarning]
    #: All of the document, as it would be.
    destinations: Sequence[Destination]
    policies: Sequence[Policy]
    saves: Sequence[Save]


class Importing:
    """Imports. Every method may raise StoreUnavailable, OrthancError, OrthancUnreachable."""

    def __init__(
        self,
        store: Store,
        catalog: Catalog,
        destinations: DestinationDrafts,
        policies: PolicyDrafts,
        audit: Audit,
        clock: Clock,
        secret: Secret,
        leads_here: LeadsHere,
    ) -> None:
        self._store = store
        self._catalog = catalog
        self._destination_drafts = destinations
        self._policy_drafts = policies
        self._audit = audit
        self._clock = clock
        self._secret = secret
        self._leads_here = leads_here

    def plan(self, document: RoutingDocument, actor: Actor, comment: str = "") -> ImportPlan:
        """What importing the document would do. What it does not name stays as it is.

        Raises Invalid with every problem found, by paths in the document.
        """
        return _Planning(self, document, actor, comment).plan()

    def carry_out(self, plan: ImportPlan) -> None:
        """All of it, as one. Raises NameTaken, RevisionConflict, NotFound where somebody has saved since."""
        if plan.saves:
            self._store.save_together(plan.saves)


class _Planning:
    """One plan in the making."""

    def __init__(self, importing: Importing, document: RoutingDocument, actor: Actor, comment: str) -> None:
        self._catalog = importing._catalog
        self._destination_drafts = importing._destination_drafts
        self._policy_drafts = importing._policy_drafts
        self._audit = importing._audit
        self._secret = importing._secret
        self._leads_here = importing._leads_here
        self._now = importing._clock()
        self._document = document
        self._actor = actor
        self._comment = comment
        self._stored_destinations = importing._store.destinations.all()
        self._stored_policies = importing._store.policies.all()
        self._problems: list[tuple[str, str]] = []
        self._changes: list[Change] = []
        self._saves: list[Save] = []
        self._warnings: list[PolicyWarning] = []

    def plan(self) -> ImportPlan:
        destinations = self._destinations()
        policies = self._policies(_instead(self._stored_destinations, destinations.values()))
        self._check_users(destinations)
        if self._problems:
            raise Invalid(self._problems)
        there = _instead(self._stored_destinations, destinations.values())
        names = {one.id: one.name for one in there}
        self._add_destinations(destinations, names)
        self._add_policies(policies, names)
        self._warn(destinations, policies, there)
        return ImportPlan(
            self._changes,
            self._warnings,
            list(destinations.values()),
            list(policies.values()),
            self._saves,
        )

    def _destinations(self) -> dict[str, Destination]:
        """By path. First without the alternates, which may be made by the same document."""
        stored = {text_key(one.name): one for one in self._stored_destinations}
        written = {
            path: with_secrets(data, path, self._secret, self._problems)
            for path, data in self._entries("destinations")
        }
        found: dict[str, Destination] = {}
        for path, data in written.items():
            current = stored.get(text_key(data["name"]))
            try:
                draft = self._destination_drafts.checked({**data, "alternate": None}, [], current)
            except Invalid as invalid:
                self._refuse(path, invalid)
            else:
                found[path] = Destination(**dict(draft), **following(current, self._now, self._actor.name))
        there = _instead(self._stored_destinations, found.values())
        for path, destination in found.items():
            try:
                draft = self._destination_drafts.checked(
                    {**written[path], "comment": self._comment}, there, destination
                )
            except Invalid as invalid:
                self._refuse(path, invalid)
            else:
                found[path] = destination.model_copy(update=dict(draft))
        return found

    def _policies(self, destinations: Sequence[Destination]) -> dict[str, Policy]:
        """By path."""
        stored = {text_key(one.name): one for one in self._stored_policies}
        found = {}
        for path, data in self._entries("policies"):
            current = stored.get(text_key(data["name"]))
            try:
                draft = self._policy_drafts.checked({**data, "comment": self._comment}, destinations, current)
            except Invalid as invalid:
                self._refuse(path, invalid)
            else:
                found[path] = Policy(**dict(draft), **following(current, self._now, self._actor.name))
        return found

    def _entries(self, part: Literal["destinations", "policies"]) -> Iterator[tuple[str, dict[str, Any]]]:
        """The documents that have a name of their own, by path."""
        names: set[str] = set()
        for index, data in enumerate(getattr(self._document, part)):
            path, name = f"{part}[{index}]", data.get("name")
            if not isinstance(name, str) or not name.strip():
                self._problems.append((f"{path}.name", "must be a text"))
                continue
            key = text_key(name.strip())
            if key in names:
                self._problems.append((f"{path}.name", f"{name.strip()!r} is there twice."))
                continue
            names.add(key)
            yield path, {**data, "name": name.strip()}

    def _refuse(self, path: str, invalid: Invalid) -> None:
        self._problems += [(f"{path}.{at}" if at else path, message) for at, message in invalid.problems]

    def _check_users(self, destinations: Mapping[str, Destination]) -> None:
        """Of the policies that the document does not name: those it names have been checked."""
        named = {text_key(str(data.get("name", "")).strip()) for data in self._document.policies}
        others = [policy for policy in self._stored_policies if text_key(policy.name) not in named]
        for path, destination in destinations.items():
            problem = unfit_user(destination.id, destination.kind, others)
            if problem is not None:
                self._problems.append((f"{path}.kind", problem))

    def _add_destinations(self, destinations: Mapping[str, Destination], names: Mapping[str, str]) -> None:
        stored = {one.id: one for one in self._stored_destinations}
        for destination in destinations.values():
            current = stored.get(destination.id)
            told: Sequence[Difference] = ()
            if current is not None:
                before, after = (
                    {
                        name: value
                        for name, value in written_destination(one, names, whole=True).items()
                        if name != SECRETS_SET
                    }
                    for one in (current, destination)
                )
                told = [
                    *differences(before, after),
                    *self._destination_drafts.secrets_between(current, destination),
                ]
            self._add("destination", destination, current is None, told)

    def _add_policies(self, policies: Mapping[str, Policy], names: Mapping[str, str]) -> None:
        stored = {one.id: one for one in self._stored_policies}
        for policy in policies.values():
            current = stored.get(policy.id)
            told: Sequence[Difference] = ()
            if current is not None:
                before, after = (written_policy(one, names, whole=True) for one in (current, policy))
                told = differences(before, after)
            self._add("policy", policy, current is None, told)

    def _add(
        self,
        kind: Literal["policy", "destination"],
        document: Destination | Policy,
        is_new: bool,
        told: Sequence[Difference],
    ) -> None:
        change: Literal["create", "update", "unchanged"] = (
            "create" if is_new else "update" if told else "unchanged"
        )
        self._changes.append(Change(kind, document.name, change, told))
        if change != "unchanged":
            event = f"{kind}.{'created' if is_new else 'changed'}"
            self._saves.append(Save(document, self._audit.act(event, self._actor, self._comment)))

    def _warn(
        self,
        destinations: Mapping[str, Destination],
        policies: Mapping[str, Policy],
        there: Sequence[Destination],
    ) -> None:
        for (path, destination), data in zip(destinations.items(), self._document.destinations, strict=True):
            missing = set(data.get(SECRETS_SET) or ()) - set(sealed_names(destination.settings))
            self._warnings += [
                PolicyWarning(
                    "secret_missing",
                    f"{path}.settings.{name}",
                    f"The destination {destination.name} had the secret {name!r} where it was exported:"
                    " enter it once more.",
                )
                for name in sorted(map(str, missing))
            ]
        snapshot = self._catalog.of(_instead(self._stored_policies, policies.values()), there)
        for path, policy in policies.items():
            self._warnings += [
                replace(warning, path=f"{path}.{warning.path}" if warning.path else path)
                for warning in policy_warnings(self._catalog, snapshot, policy, policy.id, self._leads_here)
            ]


def _instead(stored: Sequence[_Stored], new: Iterable[_Stored]) -> list[_Stored]:
    """What there would be, with the new ones in the place of those that have their ids."""
    by_id = {one.id: one for one in stored}
    by_id |= {one.id: one for one in new}
    return list(by_id.values())
