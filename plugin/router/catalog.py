# SPDX-License-Identifier: GPL-3.0-or-later
"""The policies and destinations in force: read from the store when they change, compiled once."""

import logging
import threading
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from functools import cached_property
from typing import Literal

from router.documents.destination import THIS_ORTHANC, Destination
from router.documents.policy import Level, Policy, PolicyDraft
from router.health import Health, Problem
from router.rules import PolicyRule, PolicySet, RuleError, compile_rule
from router.store import AlteredDocument, Store, StoreUnavailable, UnreadableDocument

_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class TriggerKey:
    """Policies of the same trigger are considered together (`stop`, `fallback`)."""

    level: Level
    #: 0 for instances, which fire at once.
    quiet_seconds: int


@dataclass(frozen=True, slots=True)
class Altered:
    """A policy or destination that was changed outside the router."""

    kind: Literal["policy", "destination"]
    id: str
    name: str
    since: datetime


@dataclass(frozen=True)
class Snapshot:
    """The policies and destinations at one moment; never changes."""

    generation: tuple[int, int]
    policies: Mapping[str, Policy]
    destinations: Mapping[str, Destination]
    #: The enabled policies of each trigger, compiled.
    triggers: Mapping[TriggerKey, PolicySet]
    #: Policies whose rule cannot be used, by id, and why.
    unusable: Mapping[str, str]
    #: Policies and destinations that cannot be read at all, and are not among the others.
    unreadable_policies: Sequence[UnreadableDocument] = ()
    unreadable_destinations: Sequence[UnreadableDocument] = ()
    #: Policies and destinations, among those above, that were changed outside the router or damaged.
    altered_policies: Sequence[AlteredDocument] = ()
    altered_destinations: Sequence[AlteredDocument] = ()

    @cached_property
    def tags(self) -> frozenset[str]:
        """All tags that enabled policies use, as rules write them."""
        return frozenset().union(*(policies.tags for policies in self.triggers.values()))

    def of_level(self, level: Level) -> Sequence[tuple[TriggerKey, PolicySet]]:
        """The triggers of a level."""
        return [(key, policies) for key, policies in self.triggers.items() if key.level == level]

    @property
    def altered(self) -> list[Altered]:
        """Both policies and destinations."""
        return [
            *(Altered("policy", one.id, one.name, one.since) for one in self.altered_policies),
            *(Altered("destination", one.id, one.name, one.since) for one in self.altered_destinations),
        ]


class Catalog:
    """Keeps the current snapshot. May be used from any thread."""

    def __init__(self, store: Store, stable_age: int) -> None:
        self._store = store
        self._stable_age = stable_age
        self._lock = threading.Lock()
        self._snapshot: Snapshot | None = None

    def current(self) -> Snapshot:
        """Return the snapshot in force. Raises StoreUnavailable."""
        generation = (self._store.policies.generation(), self._store.destinations.generation())
        with self._lock:
            if self._snapshot is None or self._snapshot.generation != generation:
                self._snapshot = self._read(generation)
            return self._snapshot

    def health(self, *, store_answers: bool) -> Health:
        """What is wrong with policies and destinations."""
        try:
            if store_answers:
                snapshot = self.current()
                return Health(_problems(snapshot), answer={"altered": snapshot.altered})
        except StoreUnavailable as error:
            return Health([Problem.of_store(error)], answer={"altered": []})
        return Health(answer={"altered": []})

    def trigger_of(self, policy: PolicyDraft) -> TriggerKey:
        """The trigger, with Orthanc's StableAge where the policy names no quiet time."""
        if policy.trigger.level == "instance":
            return TriggerKey("instance", 0)
        return TriggerKey(policy.trigger.level, policy.trigger.quiet_seconds or self._stable_age)

    def _read(self, generation: tuple[int, int]) -> Snapshot:
        snapshot = self.of(self._store.policies.all(), self._store.destinations.all(), generation)
        whole = replace(
            snapshot,
            unreadable_policies=self._store.policies.unreadable(),
            unreadable_destinations=self._store.destinations.unreadable(),
            altered_policies=self._store.policies.altered(),
            altered_destinations=self._store.destinations.altered(),
        )
        for one in (*whole.unreadable_policies, *whole.unreadable_destinations):
            _log.error("%s (%s) cannot be used: %s", one.name, one.id, one.reason)
        return whole

    def of(
        self,
        policies: Sequence[Policy],
        destinations: Sequence[Destination],
        generation: tuple[int, int] = (0, 0),
    ) -> Snapshot:
        """What would be in force if these were the policies and destinations."""
        rules: dict[TriggerKey, list[PolicyRule]] = defaultdict(list)
        unusable = {}
        for policy in policies:
            if not policy.enabled:
                continue
            try:
                rule = compile_rule(policy.rule, policy.trigger.level)
            except RuleError as error:
                unusable[policy.id] = "; ".join(f"{at.path}: {at.message}" for at in error.problems)
                _log.error("The policy %s cannot be used: %s", policy.name, unusable[policy.id])
                continue
            rules[self.trigger_of(policy)].append(
                PolicyRule(policy.id, policy.order, policy.name, rule, policy.stop, policy.fallback)
            )
        return Snapshot(
            generation=generation,
            policies={policy.id: policy for policy in policies},
            destinations={destination.id: destination for destination in (*destinations, THIS_ORTHANC)},
            triggers={key: PolicySet(of_trigger) for key, of_trigger in rules.items()},
            unusable=unusable,
        )


def _problems(snapshot: Snapshot) -> list[Problem]:
    problems = [
        Problem("policy", f"The policy {snapshot.policies[identifier].name!r} cannot be used: {reason}")
        for identifier, reason in snapshot.unusable.items()
    ]
    for kind, unreadable in (
        ("policy", snapshot.unreadable_policies),
        ("destination", snapshot.unreadable_destinations),
    ):
        problems += [
            Problem(
                kind,
                f"The {kind} {one.name!r} ({one.id}) cannot be used: {one.reason}. Have all routers of"
                " one version, or delete it and restore a revision of it that can be read",
            )
            for one in unreadable
        ]
    return problems + [
        Problem(
            one.kind,
            f"The {one.kind} {one.name!r} was changed outside the router, or damaged; that was noticed at"
            f" {one.since:%Y-%m-%d %H:%M:%S} UTC. It is used as it is now, as far as it can be. Open it:"
            " Accept keeps it so, and History brings an earlier revision back",
        )
        for one in snapshot.altered
    ]
