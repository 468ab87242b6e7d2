"""The policies and destinations in force: read from the store when they change, compiled once."""

import logging
import threading
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property

from router.documents.destination import THIS_ORTHANC, Destination
from router.documents.policy import Level, Policy, PolicyDraft
from router.rules import PolicyRule, PolicySet, RuleError, compile_rule
from router.store import AlteredDocument, Store, UnreadableDocument

_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class TriggerKey:
    """Policies of the same trigger are considered together (`stop`, `fallback`)."""

    level: Level
    #: 0 for instances, which fire at once.
    quiet_seconds: int


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
    #: Those among the others that somebody has changed outside the router, or that were damaged.
    altered_policies: Sequence[AlteredDocument] = ()
    altered_destinations: Sequence[AlteredDocument] = ()

    @cached_property
    def tags(self) -> frozenset[str]:
        """All tags that enabled policies ask, as rules write them."""
        return frozenset().union(*(policies.tags for policies in self.triggers.values()))

    def of_level(self, level: Level) -> Sequence[tuple[TriggerKey, PolicySet]]:
        """The triggers of a level."""
        return [(key, policies) for key, policies in self.triggers.items() if key.level == level]


class Catalog:
    """Keeps the current snapshot. May be used from any thread."""

    def __init__(self, store: Store, stable_age: int) -> None:
        self._store = store
        self._stable_age = stable_age
        self._lock = threading.Lock()
        self._snapshot: Snapshot | None = None

    def current(self) -> Snapshot:
        """What is in force now. Raises StoreUnavailable."""
        generation = (self._store.policies.generation(), self._store.destinations.generation())
        with self._lock:
            if self._snapshot is None or self._snapshot.generation != generation:
                self._snapshot = self._read(generation)
            return self._snapshot

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
