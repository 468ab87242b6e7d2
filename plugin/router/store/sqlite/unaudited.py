# SPDX-License-Identifier: GPL-3.0-or-later
"""The queue of acts that are not in the audit trail yet, in the embedded store.

An act is queued in the transaction that does it; `SqliteAuditTrail.settle` moves it into the trail.
"""

import sqlite3

from router.documents.audit import AuditRecord
from router.store.acts import DeliveryAct, identified


def put_down(connection: sqlite3.Connection, record: AuditRecord) -> None:
    """Queue a whole record."""
    content = identified(record).model_dump_json()
    connection.execute("INSERT INTO unaudited (content) VALUES (signed(?))", (content,))


def put_down_delivery(connection: sqlite3.Connection, number: int, act: DeliveryAct) -> None:
    """Queue an act on the delivery of this number."""
    connection.execute(
        "INSERT INTO unaudited (delivery, content) VALUES (?, signed(?))", (number, act.model_dump_json())
    )
