# SPDX-License-Identifier: GPL-3.0-or-later
"""Writes and reads a delivery's rows in the embedded store."""

import json
import sqlite3

from router.documents.delivery import FINISHED, Delivery
from router.store.acts import stillborn
from router.store.keys import RANKS, action_key, orthanc_identifiers, policy_key, search_keys, text_key
from router.store.port import NewDelivery, NotFound
from router.store.reading import delivery_of_fields, fields_of
from router.store.sqlite.moments import milliseconds, milliseconds_or_none, moment_or_none
from router.store.sqlite.unaudited import put_down_delivery


def insert_delivery(connection: sqlite3.Connection, new: NewDelivery) -> None:
    """Add a delivery inside the caller's transaction, unless there is one of this id."""
    delivery = new.delivery
    due = milliseconds_or_none(delivery.next_attempt_at)
    number = connection.execute(
        "INSERT INTO deliveries (id, lane, rank, action_key, policy, destination, run, created_at, planned,"
        " state, remaining, attempts, attempt_count, note, next_attempt_at, finished_at, ready_at)"
        " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)"
        " ON CONFLICT (id) DO NOTHING RETURNING number",
        (
            delivery.id,
            delivery.lane,
            RANKS[delivery.priority],
            action_key(delivery),
            policy_key(delivery),
            None if delivery.destination is None else delivery.destination.id,
            delivery.run,
            milliseconds(delivery.created_at),
            delivery.model_dump_json(),
            delivery.state,
            delivery.remaining,
            json.dumps([attempt.model_dump(mode="json") for attempt in delivery.attempts]),
            delivery.attempt_count,
            delivery.note,
            due,
            milliseconds_or_none(delivery.finished_at),
            None if delivery.state in FINISHED else due or 0,
        ),
    ).fetchone()
    if number is None:
        return
    connection.execute(
        "INSERT INTO delivery_instances (delivery, instances) VALUES (?, ?)",
        (number[0], json.dumps(list(new.instances))),
    )
    terms = [("resource", identifier) for identifier in orthanc_identifiers(delivery.resource)]
    terms += [("identifier", key) for key in search_keys(delivery.resource)]
    if delivery.resource.patient_name:
        terms.append(("patient_name", text_key(delivery.resource.patient_name)))
    connection.executemany(
        "INSERT INTO delivery_terms (kind, term, delivery) VALUES (?, ?, ?)",
        [(kind, term, number[0]) for kind, term in terms],
    )
    if delivery.state in FINISHED:
        put_down_delivery(connection, number[0], stillborn(delivery))


def row_of(connection: sqlite3.Connection, identifier: str) -> sqlite3.Row:
    """Return the delivery's row. Raises NotFound."""
    row: sqlite3.Row | None = connection.execute(
        "SELECT * FROM deliveries WHERE id = ?", (identifier,)
    ).fetchone()
    if row is None:
        raise NotFound(identifier)
    return row


def delivery_of(row: sqlite3.Row) -> Delivery:
    """Return the delivery with its present state: its plan, and the changes since."""
    return delivery_of_fields(
        fields_of(row["planned"])
        | {
            "state": row["state"],
            "remaining": row["remaining"],
            "attempts": json.loads(row["attempts"]),
            "attempt_count": row["attempt_count"],
            "interruptions": row["interruptions"],
            "note": row["note"],
            "next_attempt_at": moment_or_none(row["next_attempt_at"]),
            "finished_at": moment_or_none(row["finished_at"]),
        },
        row["id"],
        row["lane"],
    )
