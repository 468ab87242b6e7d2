# SPDX-License-Identifier: GPL-3.0-or-later
"""Reviews policies together with the others in force."""

from collections.abc import Callable, Iterable

from router.catalog import Catalog, Snapshot
from router.documents.destination import DestinationDraft
from router.documents.policy import PolicyDraft
from router.review import Among, Considered, PolicyWarning, targets_of, warnings_of
from router.rules import compile_rule

#: Tells whether images sent to a destination come in at this same Orthanc again (`Opening.leads_here`).
LeadsHere = Callable[[DestinationDraft], bool]


class PolicyWarnings:
    """Finds likely mistakes in policies, against the policies of one snapshot."""

    def __init__(self, catalog: Catalog, snapshot: Snapshot, leads_here: LeadsHere, checked: int = 1) -> None:
        """`checked` is how many policies will be checked."""
        self._catalog = catalog
        self._snapshot = snapshot
        self._leads_here = leads_here
        self._checked = checked
        self._in_force = [
            Considered(one.id, snapshot.policies[one.id], one.rule, trigger)
            for trigger, policies in snapshot.triggers.items()
            for one in policies.policies
        ]
        self._by_id = {one.id: one for one in self._in_force}
        self._known_here: dict[str, bool] = {}
        self._among: Among | None = None

    def of(self, draft: PolicyDraft, identifier: str) -> list[PolicyWarning]:
        """Return the warnings about a valid policy that takes the place of `identifier` in the snapshot."""
        destinations = self._snapshot.destinations
        in_force = self._by_id.get(identifier)
        if in_force is not None and in_force.policy is draft:
            here = self._here(one.policy for one in self._in_force)
            if self._among is None:
                self._among = Among(self._in_force, here, self._checked)
            return warnings_of(in_force, self._in_force, destinations, here, self._among)
        others = [one for one in self._in_force if one.id != identifier]
        rule = compile_rule(draft.rule, draft.trigger.level)
        considered = Considered(identifier, draft, rule, self._catalog.trigger_of(draft))
        here = self._here([draft, *(one.policy for one in others)])
        among = Among([considered, *others], here, self._checked)
        return warnings_of(considered, others, destinations, here, among)

    def _here(self, policies: Iterable[PolicyDraft]) -> frozenset[str]:
        """Return the destinations of these policies that lead to this same Orthanc; looks up each one
        once."""
        destinations = self._snapshot.destinations
        used = targets_of(policies) & destinations.keys()
        for one in used - self._known_here.keys():
            self._known_here[one] = self._leads_here(destinations[one])
        return frozenset(one for one in used if self._known_here[one])
