"""Carries out leased deliveries of one destination: finds the action, opens the destination, acts."""

import threading
from collections.abc import Sequence

from router.actions import ACTIONS, Sent, Work
from router.destinations import DestinationUnavailable, Opening, Sender
from router.documents.action import Action
from router.documents.delivery import Delivery
from router.documents.destination import Destination
from router.documents.policy import Policy
from router.orthanc_api import OrthancApi
from router.store import LeasedDelivery, NotFound, Store

#: Policy revisions that are kept at hand; one is needed again for each batch.
_REVISIONS_KEPT = 100


class Performer:
    """Acts for one destination. May be used by several threads at once."""

    def __init__(self, destination: Destination, store: Store, orthanc: OrthancApi, opening: Opening) -> None:
        self._destination = destination
        self._store = store
        self._orthanc = orthanc
        self._opening = opening
        self._lock = threading.Lock()
        self._sender: Sender | None = None
        self._revisions: dict[tuple[str, int], Policy] = {}

    def perform(self, leased: Sequence[LeasedDelivery]) -> Sent:
        """Carry out deliveries of one action of one policy revision. Raises StoreUnavailable."""
        deliveries = [one.delivery for one in leased]
        instances = list(dict.fromkeys(instance for one in leased for instance in one.instances))
        try:
            action = self._action(deliveries[0])
        except NotFound:
            lost = "The policy revision that asked for this is not in the store any more"
            return Sent(refused=dict.fromkeys(instances, lost))
        try:
            return ACTIONS[action.type](Work(action, deliveries, instances, self._orthanc, self._open()))
        except DestinationUnavailable as error:
            return Sent(unavailable=str(error))

    def close(self) -> None:
        """Give back what is open."""
        if self._sender is not None:
            self._sender.close()

    def _open(self) -> Sender:
        with self._lock:
            if self._sender is None:
                self._sender = self._opening.open(self._destination.id, self._destination)
            return self._sender

    def _action(self, delivery: Delivery) -> Action:
        key = (delivery.policy.id, delivery.policy.revision)
        policy = self._revisions.get(key)
        if policy is None:
            policy = self._store.policies.revision(*key)
            if len(self._revisions) >= _REVISIONS_KEPT:
                self._revisions.clear()
            self._revisions[key] = policy
        for action in policy.actions:
            if action.id == delivery.action.id:
                return action
        raise NotFound
