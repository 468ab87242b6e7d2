# SPDX-License-Identifier: GPL-3.0-or-later
"""`DeliveryFilter` as a condition in SQL."""

import json

from router.store.keys import above_all_with_prefix, text_key
from router.store.port import DeliveryFilter
from router.store.sqlite.moments import milliseconds

_OF_RESOURCE = "number IN (SELECT delivery FROM delivery_terms WHERE kind = 'resource' AND term = :resource)"
_OF_STUDIES = """number IN (
    SELECT delivery FROM delivery_terms
    WHERE kind = 'resource' AND term IN (SELECT value FROM json_each(:studies)))"""
_SEARCHED = """number IN (
    SELECT delivery FROM delivery_terms WHERE kind = 'identifier' AND term = :search
    UNION SELECT delivery FROM delivery_terms
    WHERE kind = 'patient_name' AND term >= :search AND term < :above_search)"""


def condition(wanted: DeliveryFilter) -> tuple[str, dict[str, str | int]]:
    """Return the condition for WHERE, and the values of its parameters.

    SQLite guesses badly which part matches the fewest deliveries: a patient, then a run, then a policy, then
    a destination; nearly all deliveries share a state. A plus before a column keeps SQLite from using its
    index, so that only the best index is left. The indexes of run, policy and destination contain the state.
    The only Orthanc database (index) here has no name, and is among any `indexes`.
    """
    parts: list[str] = ["FALSE"] if wanted.index else []
    values: dict[str, str | int] = {}
    one_patients = any(part is not None for part in (wanted.resource, wanted.search, wanted.studies))
    hidden = "+" if one_patients else ""
    if wanted.resource is not None:
        parts.append(_OF_RESOURCE)
        values["resource"] = wanted.resource
    if wanted.studies is not None:
        parts.append(_OF_STUDIES)
        values["studies"] = json.dumps(sorted(wanted.studies))
    if wanted.search is not None:
        parts.append(_SEARCHED)
        values["search"] = text_key(wanted.search.strip())
        values["above_search"] = above_all_with_prefix(text_key(wanted.search.strip()))
    if wanted.run is not None:
        parts.append(f"{hidden}run = :run")
        values["run"] = wanted.run
        hidden = "+"
    if wanted.policy is not None:
        parts.append(f"{hidden}policy = :policy")
        values["policy"] = wanted.policy
        hidden = "+"
    if wanted.destination is not None:
        parts.append(f"{hidden}destination = :destination")
        values["destination"] = wanted.destination
        hidden = "+"
    if wanted.states:
        names = ", ".join(f":state_{position}" for position in range(len(wanted.states)))
        parts.append(f"{hidden}state IN ({names})")
        values |= {f"state_{position}": state for position, state in enumerate(sorted(wanted.states))}
    if wanted.since is not None:
        parts.append(f"{'+' if one_patients else ''}created_at >= :since")
        values["since"] = milliseconds(wanted.since)
    return " AND ".join(parts) or "TRUE", values
