"""A policy among the others that are in force, for the checks."""

from collections.abc import Callable

from router.catalog import Catalog, Snapshot
from router.checks import Considered, PolicyWarning, targets_of, warnings_of
from router.documents.destination import DestinationDraft
from router.documents.policy import PolicyDraft
from router.rules import compile_rule

#: Whether what is sent to a destination comes in at this very Orthanc again (`Opening.leads_here`).
LeadsHere = Callable[[DestinationDraft], bool]


def policy_warnings(
    catalog: Catalog, snapshot: Snapshot, draft: PolicyDraft, identifier: str, leads_here: LeadsHere
) -> list[PolicyWarning]:
    """What is most likely not meant in a valid policy, which is in this one's place in the snapshot."""
    others = [
        Considered(one.id, snapshot.policies[one.id], one.rule, trigger)
        for trigger, policies in snapshot.triggers.items()
        for one in policies.policies
        if one.id != identifier
    ]
    rule = compile_rule(draft.rule, draft.trigger.level)
    considered = Considered(identifier, draft, rule, catalog.trigger_of(draft))
    used = targets_of([draft, *(other.policy for other in others)]) & snapshot.destinations.keys()
    here = frozenset(one for one in used if leads_here(snapshot.destinations[one]))
    return warnings_of(considered, others, snapshot.destinations, here)
