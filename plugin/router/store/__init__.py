"""What the router remembers: the port (`port`) and its two implementations."""

from pathlib import Path

from router.store.port import (
    Arrival,
    AuditFilter,
    AuditTrail,
    Cursor,
    Deliveries,
    DeliveryFilter,
    Documents,
    DoneStudy,
    Ends,
    Finding,
    Fired,
    Growing,
    IntakeLedger,
    Lease,
    LeasedDelivery,
    Lineages,
    Link,
    NameTaken,
    NewDelivery,
    Nodes,
    NotFound,
    Outcome,
    Plan,
    PlanConflict,
    RevisionConflict,
    RunFilter,
    Runs,
    Save,
    Store,
    StoreUnavailable,
)
from router.store.sqlite import SqliteStore

__all__ = [
    "Arrival",
    "AuditFilter",
    "AuditTrail",
    "Cursor",
    "Deliveries",
    "DeliveryFilter",
    "Documents",
    "DoneStudy",
    "Ends",
    "Finding",
    "Fired",
    "Growing",
    "IntakeLedger",
    "Lease",
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
    "RevisionConflict",
    "RunFilter",
    "Runs",
    "Save",
    "Store",
    "StoreUnavailable",
    "open_store",
]


def open_store(mongo_uri: str | None, mongo_database: str, data_directory: Path, index: str = "") -> Store:
    """The store of this installation: MongoDB where its URI is given, else a file in the folder.

    `index` names the Orthanc database that it is opened for, where several may use one MongoDB.
    Raises StoreUnavailable, with what an administrator can do, where it cannot be opened now.
    """
    if mongo_uri:
        # Only here, so that an installation on SQLite does not spend memory on the MongoDB driver.
        from router.store.mongodb import MongoStore

        return MongoStore(mongo_uri, mongo_database, index)
    return SqliteStore(data_directory)
