# SPDX-License-Identifier: GPL-3.0-or-later
"""The door by which the router's parts tell the audit what somebody does."""

from datetime import datetime
from typing import Literal

from router.audit.key import AuditTrailKey
from router.audit.verification import Verification, verified
from router.clock import Clock
from router.documents.audit import Act, Actor, AuditRecord, ObjectReference
from router.store import Store

#: Who acts where nobody has asked for it.
ROUTER = Actor(type="router")


class Audit:
    """Makes acts, and records them. May be used from any thread.

    What changes policies, destinations or deliveries takes an act along with the change (`act`), so that
    there is never the one without the other. What changes nothing of these is recorded by itself (`record`),
    before it is done.
    """

    def __init__(self, store: Store, key: AuditTrailKey, node: str, clock: Clock) -> None:
        """`node` is this Orthanc, as in `/nodes`."""
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
        """An act of now, to be handed to the store with the change that it is."""
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
        """Record an act of now. Raises StoreUnavailable: then it is not to be done."""
        act = self.act(event, actor, detail, outcome)
        self._store.audit.record(AuditRecord(**dict(act), object=object), self._key.get())

    def settle(self) -> int:
        """Bring into the trail what was put down with changes; how many entries, and 0 once there is nothing
        left. Raises StoreUnavailable."""
        return self._store.audit.settle(self._key.get())

    def expire(self, before: datetime) -> int:
        """Let go what is older than this; how many entries. None as long as this node cannot sign where the
        trail begins then. Raises StoreUnavailable."""
        key = self._key.get()
        return 0 if key is None else self._store.audit.expire(before, key)

    def verified(self, after: int = 0, most: int | None = None) -> Verification:
        """Look at the entries of the trail after this one; at `most` of them, where that is given. Raises
        StoreUnavailable."""
        return verified(self._store.audit, self._key.get(), after, most)
