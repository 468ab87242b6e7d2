# SPDX-License-Identifier: GPL-3.0-or-later
"""A delivery as MongoDB keeps it."""

from datetime import UTC, datetime
from typing import Final

from router.documents.delivery import FINISHED, Delivery
from router.store.acts import DeliveryAct, Sign, stillborn
from router.store.keys import RANKS, action_key, orthanc_identifiers, policy_key, search_keys, text_key
from router.store.mongodb.connection import Record
from router.store.port import NewDelivery
from router.store.reading import delivery_of_fields, fields_of

#: `ready_at` of a delivery that can be leased at once, whatever the clock says.
AT_ONCE: Final = datetime(1970, 1, 1, tzinfo=UTC)

#: A projection without the identifiers of the instances, which may be many.
WITHOUT_INSTANCES: Final = {"instances": 0, "remaining_instances": 0, "receipts": 0, "successor": 0}

#: The fields of a delivery that are stored beside its plan, because they change.
_SINCE: Final = (
    "index",
    "state",
    "remaining",
    "attempts",
    "attempt_count",
    "interruptions",
    "note",
    "next_attempt_at",
    "finished_at",
)


def delivery_document(new: NewDelivery, sign: Sign) -> Record:
    """Return the document of a new delivery, without the `index` that has its instances.

    `planned` is the new delivery; the fields from `state` on are its present state. `ready_at` is when it can
    be leased; while it runs, the end of the lease; it is absent once it is finished, or while it is held
    until a person releases it. `remaining_instances` is None while all remain. A recorded `successor` is
    there until it is a document of its own. `owner` is the node that leased it last.
    """
    delivery = new.delivery
    finished = delivery.state in FINISHED
    return {
        "_id": delivery.id,
        "lane": delivery.lane,
        "rank": RANKS[delivery.priority],
        "action_key": action_key(delivery),
        "policy": policy_key(delivery),
        "destination": None if delivery.destination is None else delivery.destination.id,
        "resources": orthanc_identifiers(delivery.resource),
        "search_keys": search_keys(delivery.resource),
        "patient_name": text_key(delivery.resource.patient_name) or None,
        "created_at": delivery.created_at,
        "planned": delivery.model_dump_json(),
        "instances": list(new.instances),
        "state": delivery.state.value,
        "remaining": delivery.remaining,
        "remaining_instances": None,
        "attempts": [attempt.model_dump() for attempt in delivery.attempts],
        "attempt_count": delivery.attempt_count,
        "interruptions": delivery.interruptions,
        "note": delivery.note,
        "next_attempt_at": delivery.next_attempt_at,
        "finished_at": delivery.finished_at,
        "owner": None,
        "claim": None,
        **({} if delivery.run is None else {"run": delivery.run}),
        **(
            {"unaudited": [put_down_delivery(stillborn(delivery), sign)]}
            if finished
            else {"ready_at": delivery.next_attempt_at or AT_ONCE}
        ),
    }


def delivery_of(record: Record) -> Delivery:
    """Return the delivery with its present state: its plan, and the changes since."""
    fields = fields_of(record["planned"]) | {name: record[name] for name in _SINCE if name in record}
    return delivery_of_fields(fields, record["_id"], record["lane"])


def remaining_instances(record: Record) -> list[str]:
    remaining: list[str] | None = record["remaining_instances"]
    instances: list[str] = record["instances"]
    return instances if remaining is None else remaining


def put_down_delivery(act: DeliveryAct, sign: Sign) -> Record:
    """Return an act on a delivery, signed, for the field `unaudited`."""
    return {"key": act.key, "content": sign(act.model_dump_json())}
