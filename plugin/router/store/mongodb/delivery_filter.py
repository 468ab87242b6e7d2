# SPDX-License-Identifier: GPL-3.0-or-later
"""`DeliveryFilter` as a query of MongoDB."""

from router.store.keys import above_all_with_prefix, text_key
from router.store.mongodb.connection import Record
from router.store.port import DeliveryFilter


def query(wanted: DeliveryFilter) -> Record:
    """Return a query for the wanted deliveries, on fields that are indexed together with `created_at`."""
    parts: Record = {}
    if wanted.resource is not None:
        parts["resources"] = wanted.resource
    if wanted.studies is not None:
        parts["$and"] = [{"resources": {"$in": sorted(wanted.studies)}}]
    if wanted.search is not None:
        key = text_key(wanted.search.strip())
        parts["$or"] = [
            {"search_keys": key},
            {"patient_name": {"$gte": key, "$lt": above_all_with_prefix(key)}},
        ]
    if wanted.policy is not None:
        parts["policy"] = wanted.policy
    if wanted.destination is not None:
        parts["destination"] = wanted.destination
    if wanted.run is not None:
        parts["run"] = wanted.run
    if wanted.since is not None:
        parts["created_at"] = {"$gte": wanted.since}
    if wanted.index is not None and wanted.indexes is not None and wanted.index not in wanted.indexes:
        parts["index"] = {"$in": []}
    elif wanted.index is not None:
        parts["index"] = wanted.index
    elif wanted.indexes is not None:
        parts["index"] = {"$in": sorted(wanted.indexes)}
    if wanted.states:
        parts["state"] = {"$in": sorted(state.value for state in wanted.states)}
    return parts
