# SPDX-License-Identifier: GPL-3.0-or-later
"""Rules and policies for the tests of the review of policies."""

from typing import Any

from router.documents.destination import Destination
from router.documents.document import new_id
from router.documents.policy import PolicyDraft
from router.review import Considered
from router.rules import compile_rule
from unit.store.stored_samples import destination as stored_destination

Json = dict[str, Any]


def tag(name: str, operator: str, value: object = None, **more: object) -> Json:
    """A condition."""
    return {"tag": name, "operator": operator, **({} if value is None else {"value": value}), **more}


CT = tag("Modality", "equals", "CT")
MR = tag("Modality", "equals", "MR")
CHEST = tag("StudyDescription", "contains", "chest")


def considered(name: str, rule: Json, *actions: Json, **fields: Any) -> Considered:
    """A policy whose id is its name."""
    draft = PolicyDraft(name=name, rule=rule, actions=list(actions), **fields)
    trigger = draft.trigger
    return Considered(name, draft, compile_rule(rule, "study"), (trigger.level, trigger.quiet_seconds))


def destination(identifier: str, **fields: Any) -> Destination:
    """A destination whose name is its id, at an address of its own."""
    settings = {"aet": identifier.upper()[:16], "host": "localhost", "port": 104}
    made = stored_destination(identifier)
    return made.model_copy(update={"id": identifier, "settings": settings, **fields})


def forward(to: str, **fields: Any) -> Json:
    return {"type": "forward", "id": new_id(), "destination": to, **fields}
