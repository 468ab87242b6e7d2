# SPDX-License-Identifier: GPL-3.0-or-later
"""Imports a document of policies and destinations: checks all of it, then saves all of it at once."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial
from typing import Any, Final, Literal

from router.administration.destination_drafts import SECRETS_SET
from router.administration.exporting import written_destination, written_policy
from router.administration.policy_warnings import LeadsHere, PolicyWarnings
from router.administration.routing_document_reading import (
    Checking,
    RoutingDocumentReading,
    Said,
    Stored,
    instead,
)
from router.audit import Audit
from router.catalog import Catalog
from router.clock import Clock
from router.documents.audit import Actor
from router.documents.destination import Destination
from router.documents.differences import Difference, differences
from router.documents.policy import Policy
from router.documents.revision import following
from router.documents.routing_document import RoutingDocument
from router.review import PolicyWarning
from router.secrets import sealed_names
from router.store import Save, Store

#: The audit's names for what an import does.
_EVENTS: Final = {"create": "created", "update": "changed"}


@dataclass(frozen=True, slots=True)
class Change:
    """The change of one document. `differences` are from the revision that it replaces."""

    kind: Literal["policy", "destination"]
    name: str
    change: Literal["create", "update", "unchanged"]
    differences: Sequence[Difference] = ()


@dataclass(frozen=True, slots=True)
class ImportPlan:
    """The changes that an import would make; none is made yet."""

    changes: Sequence[Change]
    #: Their paths begin with the path of the policy or destination in the document.
    warnings: Sequence[PolicyWarning]
    #: All destinations and policies of the document, as they would be saved.
    destinations: Sequence[Destination]
    policies: Sequence[Policy]
    saves: Sequence[Save]


class Importing:
    """Imports. Every method may raise StoreUnavailable, OrthancError, OrthancUnreachable."""

    def __init__(
        self,
        store: Store,
        catalog: Catalog,
        checking: Checking,
        audit: Audit,
        clock: Clock,
        leads_here: LeadsHere,
    ) -> None:
        self._store = store
        self._catalog = catalog
        self._checking = checking
        self._audit = audit
        self._clock = clock
        self._leads_here = leads_here

    def plan(self, document: RoutingDocument, actor: Actor, comment: str = "") -> ImportPlan:
        """Return what importing the document would do. What it does not name stays as it is.

        Raises Invalid with every problem found, by paths in the document.
        """
        stored = Stored(self._store.destinations.all(), self._store.policies.all())
        server = partial(following, at=self._clock(), user=actor.name)
        said = RoutingDocumentReading(document, stored, self._checking, server, comment).read()
        there = instead(stored.destinations, said.destinations.values())
        names = {one.id: one.name for one in there}
        found: list[tuple[Change, Destination | Policy]] = [
            *self._destination_changes(said, stored, names),
            *_policy_changes(said, stored, names),
        ]
        return ImportPlan(
            [change for change, _ in found],
            [*_secrets_missing(document, said), *self._policy_warnings(said, stored, there)],
            list(said.destinations.values()),
            list(said.policies.values()),
            [
                Save(saved, self._audit.act(f"{change.kind}.{_EVENTS[change.change]}", actor, comment))
                for change, saved in found
                if change.change != "unchanged"
            ],
        )

    def carry_out(self, plan: ImportPlan) -> None:
        """Save all of a plan at once. Raises NameTaken, RevisionConflict, NotFound after a conflicting
        save."""
        if plan.saves:
            self._store.save_together(plan.saves)

    def _destination_changes(
        self, said: Said, stored: Stored, names: Mapping[str, str]
    ) -> Iterator[tuple[Change, Destination]]:
        before = {one.id: one for one in stored.destinations}
        for destination in said.destinations.values():
            current = before.get(destination.id)
            told = None
            if current is not None:
                told = [
                    *differences(*(_without_secrets(one, names) for one in (current, destination))),
                    *self._checking.destinations.secrets_between(current, destination),
                ]
            yield _change("destination", destination.name, told), destination

    def _policy_warnings(
        self, said: Said, stored: Stored, there: Sequence[Destination]
    ) -> Iterator[PolicyWarning]:
        snapshot = self._catalog.of(instead(stored.policies, said.policies.values()), there)
        warnings = PolicyWarnings(self._catalog, snapshot, self._leads_here, len(said.policies))
        for path, policy in said.policies.items():
            for warning in warnings.of(policy, policy.id):
                yield replace(warning, path=f"{path}.{warning.path}" if warning.path else path)


def _policy_changes(said: Said, stored: Stored, names: Mapping[str, str]) -> Iterator[tuple[Change, Policy]]:
    before = {one.id: one for one in stored.policies}
    for policy in said.policies.values():
        current = before.get(policy.id)
        told = None
        if current is not None:
            told = differences(*(written_policy(one, names, whole=True) for one in (current, policy)))
        yield _change("policy", policy.name, told), policy


def _without_secrets(destination: Destination, names: Mapping[str, str]) -> dict[str, Any]:
    written = written_destination(destination, names, whole=True)
    return {name: value for name, value in written.items() if name != SECRETS_SET}


def _change(kind: Literal["policy", "destination"], name: str, told: Sequence[Difference] | None) -> Change:
    """Return the change. `told`: the differences from the stored document; None where none is stored."""
    if told is None:
        return Change(kind, name, "create")
    return Change(kind, name, "update" if told else "unchanged", told)


def _secrets_missing(document: RoutingDocument, said: Said) -> Iterator[PolicyWarning]:
    for (path, destination), data in zip(said.destinations.items(), document.destinations, strict=True):
        missing = set(data.get(SECRETS_SET) or ()) - set(sealed_names(destination.settings))
        for name in sorted(map(str, missing)):
            yield PolicyWarning(
                "secret_missing",
                f"{path}.settings.{name}",
                f"The destination {destination.name} had the secret {name!r} where it was exported:"
                " enter it once more.",
            )
