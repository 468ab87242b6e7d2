# SPDX-License-Identifier: GPL-3.0-or-later
"""The keys by which every store compares, finds and orders documents."""

from datetime import timedelta
from typing import Final

from router.documents.action import Priority
from router.documents.audit import AuditRecord
from router.documents.delivery import Delivery, Resource, State

#: The lower rank goes first.
RANKS: Final[dict[Priority, int]] = {"urgent": 0, "normal": 1, "bulk": 2}

#: How many of its last attempts a delivery keeps.
ATTEMPTS_KEPT: Final = 50

#: The states that `retry` sets to waiting, those that it makes ready at once, and those that `cancel` ends.
ENDED_WITHOUT_SUCCESS: Final = (State.FAILED, State.CANCELLED)
PUT_OFF: Final = (State.RETRYING, State.HELD)
OPEN: Final = (State.WAITING, State.HELD, State.RUNNING, State.RETRYING)

#: The periods that `activity` counts.
DAY: Final = timedelta(days=1)
WEEK: Final = timedelta(days=7)


def text_key(text: str) -> str:
    """Return a key that is equal for texts that differ only in case; it can always be encoded as UTF-8."""
    return text.casefold().encode("utf-8", "replace").decode("utf-8")


def action_key(delivery: Delivery) -> str:
    """Return a key that is equal for deliveries of the same action of the same policy revision, or of one
    request of a person."""
    if delivery.policy is None:
        return f"by hand/{delivery.run}"
    return f"{delivery.policy.id}/{delivery.policy.revision}/{delivery.action.id}"


def policy_key(delivery: Delivery) -> str:
    """Return the id of the policy that a delivery is found by; empty where a person requested it."""
    return delivery.policy.id if delivery.policy else ""


def orthanc_identifiers(resource: Resource) -> list[str]:
    """Return the identifiers by which `DeliveryFilter.resource` finds a delivery."""
    return sorted({resource.id, resource.series, resource.study} - {""})


def search_keys(resource: Resource) -> list[str]:
    """Return the keys that `DeliveryFilter.search` may equal."""
    texts = (
        resource.patient_id,
        resource.accession_number,
        resource.study_instance_uid,
        resource.series_instance_uid,
    )
    return sorted({text_key(text.strip()) for text in texts} - {""})


def audit_objects(record: AuditRecord) -> list[str]:
    """Return the identifiers by which `AuditFilter.object` finds an entry."""
    references = (record.object, record.destination)
    return sorted({record.actor.id, *(one.id for one in references if one is not None)} - {""})


def audit_search_keys(record: AuditRecord) -> list[str]:
    """Return the keys that `AuditFilter.search` may equal."""
    if record.patient is None:
        return []
    known = (record.patient.patient_id, record.patient.accession_number, record.patient.study_instance_uid)
    return sorted({text_key(text.strip()) for text in known} - {""})


def above_all_with_prefix(prefix: str) -> str:
    """Return a text that sorts after every text that begins with `prefix`."""
    return prefix + "\U0010ffff"
