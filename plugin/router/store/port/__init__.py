# SPDX-License-Identifier: GPL-3.0-or-later
"""The store's port: what the router needs to remember, in the router's own terms.

Both implementations (`sqlite`, `mongodb`) pass the same contract tests. They promise: a write whose call
returned survives kill -9 and loss of power, and every method either does all it says or nothing. Any method
may raise `StoreUnavailable`; a write that raised it may have been carried out all the same, so ask
(`cursor`, `get`) before repeating it. Two writes of SQLite, `Deliveries.lease` and `IntakeLedger.commit`, may
be undone by a loss of power; the router then repeats them.
All methods may be called from any thread. Moments are kept to the millisecond.
"""

from router.store.port.audit import AuditFilter, AuditTrail, Ends, Link, anchor_text
from router.store.port.counts import Counts
from router.store.port.deliveries import (
    Deliveries,
    DeliveryFilter,
    Lease,
    LeasedDelivery,
    NewDelivery,
    Outcome,
    all_pages,
)
from router.store.port.documents import (
    AlteredDocument,
    Documents,
    DocumentType,
    Save,
    UnreadableDocument,
)
from router.store.port.failures import (
    LeaseLost,
    NameTaken,
    NotFound,
    PlanConflict,
    RevisionConflict,
    StoreInUse,
    StoreNotEmpty,
    StoreUnavailable,
    Unreadable,
)
from router.store.port.intake_ledger import Arrival, Cursor, Fired, Growing, IntakeLedger, Plan
from router.store.port.lanes import Lanes
from router.store.port.lineages import Lineages
from router.store.port.nodes import Nodes
from router.store.port.repetitions import Repetitions
from router.store.port.runs import DoneStudy, Finding, RunFilter, Runs
from router.store.port.store import Store, Watch

__all__ = [
    "AlteredDocument",
    "Arrival",
    "AuditFilter",
    "AuditTrail",
    "Counts",
    "Cursor",
    "Deliveries",
    "DeliveryFilter",
    "DocumentType",
    "Documents",
    "DoneStudy",
    "Ends",
    "Finding",
    "Fired",
    "Growing",
    "IntakeLedger",
    "Lanes",
    "Lease",
    "LeaseLost",
    "LeasedDelivery",
    "Lineages",
    "Link",
    "NameTaken",
    "NewDelivery",
    "Nodes",
    "NotFound",
    "Outcome",
    "Plan",
    "PlanConflict",
    "Repetitions",
    "RevisionConflict",
    "RunFilter",
    "Runs",
    "Save",
    "Store",
    "StoreInUse",
    "StoreNotEmpty",
    "StoreUnavailable",
    "Unreadable",
    "UnreadableDocument",
    "Watch",
    "all_pages",
    "anchor_text",
]
