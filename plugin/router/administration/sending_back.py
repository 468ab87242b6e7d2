# SPDX-License-Identifier: GPL-3.0-or-later
"""Counts the images of planned deliveries that would not be sent back to where they came from."""

from collections.abc import Sequence
from functools import cache, partial

from router.actions.returning import Returning
from router.catalog import Snapshot
from router.destinations import Opening
from router.documents.action import Action
from router.documents.delivery import State
from router.orthanc_api import OrthancApi
from router.store import NewDelivery, Store


class SendingBack:
    """Counts with the rules of the deliveries themselves. Looks up each destination once, so it is for one
    use."""

    def __init__(self, orthanc: OrthancApi, store: Store, opening: Opening, snapshot: Snapshot) -> None:
        self._orthanc = orthanc
        self._store = store
        self._opening = opening
        self._snapshot = snapshot
        self._by_destination: dict[str, Returning] = {}

    def count(self, new: NewDelivery, actions: Sequence[Action]) -> int:
        """Return how many instances of a planned delivery would not be sent back. The delivery's action is
        one of `actions`. Raises OrthancError, OrthancUnreachable, StoreUnavailable."""
        delivery = new.delivery
        if delivery.state == State.FAILED:
            return 0
        returning = self._returning(delivery.lane)
        return sum(
            len(returning.of(action, delivery, new.instances))
            for action in actions
            if returning is not None and action.id == delivery.action.id
        )

    def _returning(self, lane: str) -> Returning | None:
        """Return None where the lane is no known destination."""
        destination = self._snapshot.destinations.get(lane)
        if destination is None:
            return None
        if lane not in self._by_destination:
            self._by_destination[lane] = Returning(
                self._orthanc,
                self._store,
                cache(partial(self._opening.whereabouts, destination)),
                partial(self._opening.leads_here, destination),
            )
        return self._by_destination[lane]
