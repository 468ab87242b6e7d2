"""`DeliveryFilter` as a condition in SQL."""

from router.store.keys import above_all_with_prefix, text_key
from router.store.port import DeliveryFilter
from router.store.sqlite.moments import milliseconds

_OF_RESOURCE = "number IN (SELECT delivery FROM delivery_terms WHERE kind = 'resource' AND term = :resource)"
_SEARCHED = """number IN (
    SELECT delivery FROM delivery_terms WHERE kind = 'identifier' AND term = :search
    UNION SELECT delivery FROM delivery_terms
    WHERE kind = 'patient_name' AND term >= :search AND term < :above_search)"""


def condition(wanted: DeliveryFilter) -> tuple[str, dict[str, str | int]]:
    """What follows WHERE, and the values of its parameters."""
    parts: list[str] = []
    values: dict[str, str | int] = {}
    if wanted.resource is not None:
        parts.append(_OF_RESOURCE)
        values["resource"] = wanted.resource
    if wanted.search is not None:
        parts.append(_SEARCHED)
        values["search"] = text_key(wanted.search.strip())
        values["above_search"] = above_all_with_prefix(text_key(wanted.search.strip()))
    if wanted.policy is not None:
        parts.append("policy = :policy")
        values["policy"] = wanted.policy
    if wanted.destination is not None:
        parts.append("destination = :destination")
        values["destination"] = wanted.destination
    if wanted.since is not None:
        parts.append("created_at >= :since")
        values["since"] = milliseconds(wanted.since)
    if wanted.states:
        # With the plus the state is looked up in the index that serves another part, or read from
        # the row, but never chosen itself: nearly all deliveries are in the same state.
        other_index = bool(parts)
        names = ", ".join(f":state_{position}" for position in range(len(wanted.states)))
        parts.append(f"{'+' if other_index else ''}state IN ({names})")
        values |= {f"state_{position}": state for position, state in enumerate(sorted(wanted.states))}
    return " AND ".join(parts) or "TRUE", values
