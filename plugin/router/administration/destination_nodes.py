# SPDX-License-Identifier: GPL-3.0-or-later
"""The DICOM nodes of destinations that Orthanc must know, and changes that people make to them in Orthanc."""

from collections.abc import Mapping

from router.audit import Audit
from router.catalog import Catalog
from router.destinations import KINDS
from router.destinations.own_modalities import own_name
from router.documents.audit import ObjectReference
from router.store import StoreUnavailable


class DestinationNodes:
    """The nodes of all destinations, by the names under which Orthanc knows them (`DicomModalities`)."""

    def __init__(self, catalog: Catalog, audit: Audit) -> None:
        self._catalog = catalog
        self._audit = audit

    def wanted(self) -> dict[str, Mapping[str, object]] | None:
        """Return each node's entry in Orthanc, by name; empty where Orthanc need not know it.

        None while the store is away.
        """
        try:
            destinations = self._catalog.current().destinations.values()
        except StoreUnavailable:
            return None
        return {
            own_name(one.id, one.name): KINDS[one.kind].entry(one.settings) if one.kind in KINDS else {}
            for one in destinations
        }

    def touched(self, name: str, done: str) -> None:
        """Record a person's change in Orthanc to the node of a destination. Raises StoreUnavailable."""
        [destination] = [
            one for one in self._catalog.current().destinations.values() if own_name(one.id, one.name) == name
        ]
        self._audit.record(
            "destination.node_touched",
            detail=f"In Orthanc, somebody has {done}: {name}",
            object=ObjectReference(type="destination", id=destination.id, name=destination.name),
        )
