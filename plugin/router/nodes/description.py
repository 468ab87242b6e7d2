# SPDX-License-Identifier: GPL-3.0-or-later
"""A node's description of itself for the other nodes."""

from collections.abc import Callable

from router.documents.node import Node
from router.intake import Intake
from router.orthanc_api import OrthancApi, OrthancError, OrthancUnreachable
from router.settings import Settings
from router.signals import Signals
from router.store import Store
from router.version import VERSION


class NodeDescription:
    """Describes this node as it is now."""

    def __init__(
        self,
        identifier: str,
        settings: Settings,
        store: Store,
        orthanc: OrthancApi,
        signals: Signals,
        intake: Intake,
        running: Callable[[], int],
    ) -> None:
        """`identifier` is the node's id; `running` returns how many deliveries are being carried out."""
        self.identifier = identifier
        self._settings = settings
        self._store = store
        self._orthanc = orthanc
        self._signals = signals
        self._intake = intake
        self._running = running
        self._started_at = store.now()

    def now(self) -> Node:
        """Return the node's present description. Raises StoreUnavailable."""
        settings = self._settings
        try:
            version = str(self._orthanc.system()["Version"])
            lag = self._intake.lag()
        except (OrthancError, OrthancUnreachable):
            version, lag = "", None
        return Node(
            id=self.identifier,
            name=settings.name,
            version=VERSION,
            orthanc_version=version,
            aet=settings.aet,
            url=settings.router.public_url,
            index=settings.index.name or self.identifier,
            started_at=self._started_at,
            seen_at=self._store.now(),
            reads_changes=self._signals.reads_changes(),
            lag_changes=lag.changes if lag else None,
            lag_seconds=lag.seconds if lag else None,
            running=self._running(),
            problem=(self._intake.status.problem or "") if self._signals.index_problem else "",
        )
