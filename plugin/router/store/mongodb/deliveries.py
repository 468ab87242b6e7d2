# SPDX-License-Identifier: GPL-3.0-or-later
"""The ledger of work in MongoDB."""

import contextlib
import json
from collections.abc import Sequence
from datetime import datetime
from typing import Final

from pymongo import ASCENDING, DESCENDING, IndexModel, UpdateOne
from pymongo.errors import DuplicateKeyError

from router.clock import Clock
from router.documents.activity import Activity
from router.documents.audit import Act
from router.documents.delivery import FINISHED, Delivery, State, alternate_of
from router.store.acts import delivery_act, end_by, ended_at, interruptions_kept
from router.store.keys import ATTEMPTS_KEPT, ENDED_WITHOUT_SUCCESS, OPEN, PUT_OFF, RANKS
from router.store.mongodb.activity import activity
from router.store.mongodb.connection import MongoConnection, Record
from router.store.mongodb.counting import INDEX, Counting
from router.store.mongodb.delivery_document import (
    AT_ONCE,
    WITHOUT_INSTANCES,
    delivery_document,
    delivery_of,
    put_down_delivery,
)
from router.store.mongodb.delivery_filter import query
from router.store.mongodb.inserting import delete_in_portions
from router.store.mongodb.leasing import Leasing
from router.store.port import (
    Counts,
    DeliveryFilter,
    Lease,
    LeasedDelivery,
    LeaseLost,
    NewDelivery,
    NotFound,
    Outcome,
)

_INDEXES: Final = {
    "by_age": ("created_at", "_id"),
    "by_state": ("state", "created_at", "_id"),
    "by_policy": ("policy", "created_at", "_id", "state"),
    "by_destination": ("destination", "created_at", "_id", "state"),
    "by_resource": ("resources", "created_at", "_id"),
    "by_search_key": ("search_keys", "created_at", "_id"),
    "by_patient_name": ("patient_name", "created_at", "_id"),
    INDEX: ("state", "lane"),
    "by_end": ("finished_at",),
}
#: Deliveries that one command changes.
_TOGETHER: Final = 1000

_OPEN_INDEXES: Final = {
    "ready_in_index": ("index", "lane", "rank", "ready_at", "created_at", "_id"),
    "ready_in_index_of_action": ("index", "lane", "rank", "action_key", "ready_at", "created_at", "_id"),
}


class MongoDeliveries:
    """`router.store.port.Deliveries` by compare-and-set on single documents.

    A token consists of the delivery's id and the claim, a random id of the lease.
    """

    def __init__(self, connection: MongoConnection, index: str, clock: Clock) -> None:
        """Make the indexes. `index` is the Orthanc database whose deliveries are leased."""
        self._connection = connection
        self._index = index
        self._deliveries = connection.collection("deliveries")
        self._leasing = Leasing(self._deliveries, index)
        self._counting = Counting(connection, clock)
        models = [_index(name, fields) for name, fields in _INDEXES.items()]
        # Partial indexes are small: most deliveries are finished and have no `ready_at`, and few have a
        # successor that is not yet a document of its own.
        is_open, has_successor = {"ready_at": {"$exists": True}}, {"successor._id": {"$exists": True}}
        of_a_run = {"run": {"$exists": True}}
        models += [
            _index(name, fields, partialFilterExpression=is_open) for name, fields in _OPEN_INDEXES.items()
        ]
        models.append(_index("successors", ["successor._id"], partialFilterExpression=has_successor))
        models.append(_index("by_run", ["run", "created_at", "state"], partialFilterExpression=of_a_run))
        with connection.errors_in_words():
            connection.make_indexes(self._deliveries, models)

    def get(self, identifier: str) -> Delivery:
        return delivery_of(self._existing(identifier, WITHOUT_INSTANCES))

    def instances(self, identifier: str) -> list[str]:
        instances: list[str] = self._existing(identifier, {"instances": 1})["instances"]
        return instances

    def find(
        self, wanted: DeliveryFilter, limit: int, offset: int = 0, total: int | None = None
    ) -> tuple[list[Delivery], int]:
        matching = query(wanted)
        with self._connection.errors_in_words():
            if total is None:
                total = self._deliveries.count_documents(matching)
            if limit == 0:
                return [], total
            newest_first = [("created_at", DESCENDING), ("_id", DESCENDING)]
            page = self._deliveries.find(matching, WITHOUT_INSTANCES).sort(newest_first)
            return [delivery_of(record) for record in page.skip(offset).limit(limit)], total

    def page(self, wanted: DeliveryFilter, limit: int, after: Delivery | None = None) -> list[NewDelivery]:
        matching = query(wanted)
        if after is not None:
            later = {"created_at": {"$gt": after.created_at}}
            at_once = {"created_at": after.created_at, "_id": {"$gt": after.id}}
            matching = {"$and": [matching, {"$or": [later, at_once]}]}
        oldest_first = [("created_at", ASCENDING), ("_id", ASCENDING)]
        with self._connection.errors_in_words():
            page = self._deliveries.find(matching).sort(oldest_first).limit(limit)
            return [NewDelivery(delivery_of(record), record["instances"]) for record in page]

    def obstacle(self, leased: LeasedDelivery) -> Delivery | None:
        identifier, claim = _parts(leased.token)
        with self._connection.errors_in_words():
            held = self._deliveries.find_one({"_id": identifier, "claim": claim}, {"instances": 1})
            if held is None:
                raise LeaseLost(identifier)
            of_these_images = {
                "resources": leased.delivery.resource.study,
                "index": self._index,
                "state": {"$in": [state.value for state in (*OPEN, *ENDED_WITHOUT_SUCCESS)]},
                "instances": {"$in": held["instances"]},
                "_id": {"$ne": identifier},
            }
            oldest_first = [("created_at", ASCENDING), ("_id", ASCENDING)]
            found = self._deliveries.find(of_these_images, WITHOUT_INSTANCES).sort(oldest_first)
            own_type = leased.delivery.action.type
            others = [one for one in map(delivery_of, found) if one.action.type != own_type]
            for other in others:
                if other.state in OPEN:
                    return other
            alternates = {
                "_id": {"$in": [alternate_of(other.id) for other in others]},
                "state": State.SUCCEEDED.value,
            }
            made_up_for = {record["_id"] for record in self._deliveries.find(alternates, {"_id": 1})}
        return next((other for other in others if alternate_of(other.id) not in made_up_for), None)

    def counts(self, at_leisure: bool = False) -> Counts:
        with self._connection.errors_in_words():
            return self._counting.counts(at_leisure)

    def activity(self, policies: Sequence[str], now: datetime) -> list[Activity]:
        with self._connection.errors_in_words():
            return activity(self._deliveries, policies, now)

    def counts_of_run(self, run: str) -> dict[State, int]:
        by_state: list[Record] = [
            {"$match": {"run": run}},
            {"$group": {"_id": "$state", "number": {"$sum": 1}}},
        ]
        with self._connection.errors_in_words():
            return {State(each["_id"]): each["number"] for each in self._deliveries.aggregate(by_state)}

    def lease(self, lane: str, lease: Lease, now: datetime, instances: int) -> list[LeasedDelivery]:
        with self._connection.errors_in_words():
            while chosen := self._leasing.chosen(lane, lease.owner, now, instances):
                left = [record for record in chosen if record["state"] == State.RUNNING]
                if left:
                    self._leasing.interrupt(left)
                free = {"ready_at": {"$lte": now}, "state": {"$ne": State.RUNNING.value}}
                leased = self._leasing.claimed([record["_id"] for record in chosen], lease, free, now)
                # Other workers have taken all of these; there may be more.
                if leased:
                    return leased
            self._bring_in_left()
        return []

    def lease_held(self, identifier: str, attempt_count: int, lease: Lease) -> LeasedDelivery | None:
        self._existing(identifier, {"_id": 1})
        with self._connection.errors_in_words():
            held = {"state": State.HELD.value, "attempt_count": attempt_count}
            leased = self._leasing.claimed([identifier], lease, held)
        return leased[0] if leased else None

    def renew(self, tokens: Sequence[str], until: datetime) -> None:
        parts = [_parts(token) for token in tokens]
        identifiers, claims = [identifier for identifier, _ in parts], sorted({claim for _, claim in parts})
        with self._connection.errors_in_words():
            self._deliveries.update_many(
                {"_id": {"$in": identifiers}, "claim": {"$in": claims}}, {"$set": {"ready_at": until}}
            )

    def release(self, owner: str, *, died: bool = True) -> int:
        held = {"state": State.RUNNING.value, "owner": owner}
        with self._connection.errors_in_words():
            self._bring_in_left()
            if died:
                return self._leasing.interrupt(list(self._deliveries.find(held, WITHOUT_INSTANCES)))
            waiting = {"state": State.WAITING.value, "ready_at": AT_ONCE, "owner": None, "claim": None}
            return self._deliveries.update_many(held, {"$set": waiting}).modified_count

    def record(self, leased: LeasedDelivery, outcome: Outcome) -> bool:
        identifier = leased.delivery.id
        changes: Record = {
            "state": outcome.state.value,
            "remaining": len(outcome.remaining),
            "remaining_instances": list(outcome.remaining),
            "note": outcome.note,
            "next_attempt_at": outcome.next_attempt_at,
            "finished_at": None,
            "claim": None,
        }
        kept = interruptions_kept(outcome)
        if kept is not None:
            changes["interruptions"] = kept
        if outcome.receipts is not None:
            changes["receipts"] = dict(outcome.receipts)
        pushed: Record = {}
        update: Record = {"$set": changes, "$push": pushed}
        if outcome.state in FINISHED:
            changes["finished_at"] = ended_at(outcome)
            update["$unset"] = {"ready_at": ""}
            end = end_by(outcome, leased.delivery)
            pushed["unaudited"] = put_down_delivery(end, self._connection.sign)
        elif outcome.until_released:
            update["$unset"] = {"ready_at": ""}
        else:
            changes["ready_at"] = outcome.next_attempt_at or AT_ONCE
        if outcome.successor is not None:
            # In the same update, so that neither exists without the other.
            changes["successor"] = delivery_document(outcome.successor, self._connection.sign) | {
                "index": self._index
            }
        if outcome.attempt is not None:
            pushed["attempts"] = {"$each": [outcome.attempt.model_dump()], "$slice": -ATTEMPTS_KEPT}
            update["$inc"] = {"attempt_count": 1}
        if not pushed:
            del update["$push"]
        held = {"_id": identifier, "claim": _parts(leased.token)[1], "state": State.RUNNING.value}
        with self._connection.errors_in_words():
            if not self._deliveries.update_one(held, update).matched_count:
                return False
            if outcome.successor is not None:
                self._bring_in({"_id": identifier, "successor": changes["successor"]})
            return True

    def next_ready_at(self, lane: str) -> datetime | None:
        is_open = {
            "index": self._index,
            "lane": lane,
            "rank": {"$in": sorted(RANKS.values())},
            "ready_at": {"$gte": AT_ONCE},
        }
        with self._connection.errors_in_words():
            record = self._deliveries.find_one(is_open, {"ready_at": 1}, sort=[("ready_at", ASCENDING)])
        return None if record is None else record["ready_at"]

    def retry(self, wanted: DeliveryFilter | str, now: datetime, act: Act | None = None) -> int:
        at_once: Record = {"next_attempt_at": None, "ready_at": now}
        again = at_once | {
            "state": State.WAITING.value,
            "attempt_count": 0,
            "finished_at": None,
            "note": None,
        }
        return self._change(wanted, ENDED_WITHOUT_SUCCESS, {"$set": again}, act) + self._change(
            wanted, PUT_OFF, {"$set": at_once}, act
        )

    def send_now(self, identifier: str, now: datetime, act: Act | None = None) -> bool:
        record = self._existing(identifier, {"planned": 1, "action_key": 1, "ready_at": 1})
        # A delivery that is held until a person releases it, not until a time, counts as released.
        released = {} if record.get("ready_at") is not None else {"released": True}
        planned = json.dumps(json.loads(record["planned"]) | {"window": None} | released)
        now_and_alone: Record = {
            "next_attempt_at": None,
            "ready_at": now,
            "note": None,
            "planned": planned,
            # A key of its own, because deliveries that are leased together share a window.
            "action_key": f"{record['action_key']}/{identifier}",
        }
        return self._change(identifier, (State.HELD,), {"$set": now_and_alone}, act) > 0

    def hasten(self, identifiers: Sequence[str], now: datetime) -> set[str]:
        put_off = {"_id": {"$in": list(identifiers)}, "state": {"$in": [state.value for state in PUT_OFF]}}
        at_once: Record = {"next_attempt_at": None, "ready_at": now}
        with self._connection.errors_in_words():
            lanes = {record["lane"] for record in self._deliveries.find(put_off, {"lane": 1})}
            if lanes:
                self._deliveries.update_many(put_off, {"$set": at_once})
        return lanes

    def cancel(self, wanted: DeliveryFilter | str, now: datetime, act: Act | None = None) -> int:
        end: Record = {
            "state": State.CANCELLED.value,
            "finished_at": now,
            "next_attempt_at": None,
            "owner": None,
            "claim": None,
        }
        return self._change(wanted, OPEN, {"$set": end, "$unset": {"ready_at": ""}}, act)

    def abandon(self, index: str, reason: str, now: datetime, act: Act | None = None) -> int:
        end: Record = {
            "state": State.FAILED.value,
            "note": reason,
            "finished_at": now,
            "next_attempt_at": None,
            "owner": None,
            "claim": None,
        }
        return self._change(DeliveryFilter(index=index), OPEN, {"$set": end, "$unset": {"ready_at": ""}}, act)

    def expire(self, before: datetime) -> int:
        with self._connection.errors_in_words():
            ended = {"finished_at": {"$lt": before}, "unaudited.key": {"$exists": False}}
            return delete_in_portions(self._deliveries, ended)

    def _existing(self, identifier: str, fields: Record) -> Record:
        with self._connection.errors_in_words():
            record = self._deliveries.find_one({"_id": identifier}, fields)
        if record is None:
            raise NotFound(identifier)
        return record

    def _bring_in(self, predecessor: Record) -> None:
        """Make the successor in a delivery's document a delivery of its own."""
        successor = predecessor["successor"]
        with contextlib.suppress(DuplicateKeyError):
            self._deliveries.insert_one(successor)
        done = {"_id": predecessor["_id"], "successor._id": successor["_id"]}
        self._deliveries.update_one(done, {"$unset": {"successor": ""}})

    def _bring_in_left(self) -> None:
        """Bring in the successors of deliveries that a node recorded before it died."""
        for predecessor in self._deliveries.find({"successor._id": {"$exists": True}}, {"successor": 1}):
            self._bring_in(predecessor)

    def _change(
        self, wanted: DeliveryFilter | str, states: Sequence[State], update: Record, act: Act | None
    ) -> int:
        """Make `update` to one delivery by id or to all found, but only to those in one of `states`. Return
        how many."""
        if isinstance(wanted, str):
            self._existing(wanted, {"_id": 1})
            matching: Record = {"_id": wanted}
        else:
            matching = query(wanted)
        possible = {"$and": [matching, {"state": {"$in": [state.value for state in states]}}]}
        with self._connection.errors_in_words():
            if act is None:
                return self._deliveries.update_many(possible, update).modified_count
            # One update each, because the act is signed for each delivery.
            meant = list(self._deliveries.find(possible, {"planned": 1}))
            changed = 0
            for portion in (meant[at : at + _TOGETHER] for at in range(0, len(meant), _TOGETHER)):
                changes = [
                    UpdateOne({"_id": one["_id"], **possible}, self._with_act(update, act, one))
                    for one in portion
                ]
                changed += self._deliveries.bulk_write(changes, ordered=False).modified_count
            return changed

    def _with_act(self, update: Record, act: Act, delivery: Record) -> Record:
        done = delivery_act(act, delivery["_id"], delivery["planned"])
        return {**update, "$push": {"unaudited": put_down_delivery(done, self._connection.sign)}}


def _index(name: str, fields: Sequence[str], **options: Record) -> IndexModel:
    return IndexModel([(field, ASCENDING) for field in fields], name=name, **options)


def _parts(token: str) -> tuple[str, str]:
    identifier, _, claim = token.rpartition("/")
    return identifier, claim
