"""A policy among the others that are in force, for the checks."""

from router.catalog import Catalog, Snapshot
from router.checks import Considered, PolicyWarning, warnings_of
from router.documents.policy import PolicyDraft
from router.rules import compile_rule


def policy_warnings(
    catalog: Catalog, snapshot: Snapshot, draft: PolicyDraft, identifier: str
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
    return warnings_of(considered, others, snapshot.destinations)
