# SPDX-License-Identifier: GPL-3.0-or-later
"""The interface by which the router's parts record acts in the audit trail."""

from datetime import datetime
from typing import Literal

from router.audit.key import AuditTrailKey
from router.audit.verification import Verification, verified
from router.clock import Clock
from router.documents.audit import Act, Actor, AuditRecord, ObjectReference
from router.store import Store

#: The actor of an act that nobody requested.
ROUTER = Actor(type="router")


class Audit:
    """Makes acts, and records them. May be used from any thread.

    A change of policies, destinations or deliveries is written together with its act (`act`), so that
    neither exists without the other. Any other act is recorded by itself (`record`), before it is done.
    """

    def __init__(self, store: Store, key: AuditTrailKey, node: str, clock: Clock) -> None:
        """`node` is the name of this Orthanc and the id of this node, joined by a hyphen."""
        self._store = store
        self._key = key
        self._node = node
        self._clock = clock

    def act(
        self,
        event: str,
        actor: Actor,
        detail: str = "",
        outcome: Literal["success", "failure"] = "success",
    ) -> Act:
        """Return an act of now, to be passed to the store with its change."""
        return Act(
            event=event, at=self._clock(), node=self._node, actor=actor, detail=detail, outcome=outcome
        )

    def record(
        self,
        event: str,
        actor: Actor = ROUTER,
        detail: str = "",
        *,
        object: ObjectReference | None = None,
        outcome: Literal["success", "failure"] = "success",
    ) -> None:
        """Record an act of now. Raises StoreUnavailable: then the caller must not do it."""
        act = self.act(event, actor, detail, outcome)
        self._store.audit.record(AuditRecord(**dict(act), object=object), self._key.get())

    def settle(self) -> int:
        """Move a portion of the queued acts into the trail; return how many, 0 where the queue is empty.
        Raises StoreUnavailable."""
        return self._store.audit.settle(self._key.get())

    def expire(self, before: datetime) -> int:
        """Delete entries older than `before`; return how many. Deletes nothing while this node has not the
        key to sign the trail's new beginning. Raises StoreUnavailable."""
        key = self._key.get()
        return 0 if key is None else self._store.audit.expire(before, key)

    def verified(self, after: int = 0, most: int | None = None) -> Verification:
        """Verify the trail's entries after number `after`; no more than `most`, where it is given. Raises
        StoreUnavailable."""
        return verified(self._store.audit, self._key.get(), after, most)
