# SPDX-License-Identifier: GPL-3.0-or-later
"""Carries out leased deliveries of one destination: finds the action, opens the destination, acts."""

import threading
import time
from collections.abc import Sequence
from datetime import datetime

from router.actions import ACTIONS, SendResult, Services, ThisOrthanc, UnfitDestination, Work
from router.destinations import (
    Collecting,
    DestinationUnavailable,
    Opening,
    Paced,
    Sender,
    Target,
    Whereabouts,
)
from router.documents.action import Action
from router.documents.delivery import Delivery
from router.documents.destination import THIS_ORTHANC, Destination
from router.documents.policy import Policy
from router.store import LeasedDelivery, NotFound, Store

#: How many policy revisions are cached; each batch needs one.
_REVISIONS_KEPT = 100
#: How many instances the deliveries reported in one digest may have together.
_DIGEST_INSTANCES = 100_000
#: How long the known whereabouts of a destination are used.
_WHEREABOUTS_SECONDS = 60.0


class Performer:
    """Carries out deliveries to one destination. May be used by several threads at once."""

    def __init__(self, destination: Destination, store: Store, services: Services, opening: Opening) -> None:
        self._destination = destination
        self._store = store
        self._services = services
        self._opening = opening
        self._lock = threading.Lock()
        self._target: Target | None = None
        self._known_whereabouts = Whereabouts(), 0.0
        self._revisions: dict[tuple[str, int], Policy] = {}

    def pause_seconds(self) -> float:
        """Return how long the destination asks for a pause now."""
        try:
            target = self._open()
        except DestinationUnavailable:
            return 0.0
        return target.pause_seconds() if isinstance(target, Paced) else 0.0

    def instances_at_once(self) -> int:
        """Return how many instances deliveries carried out together may have. Only images, and notices for a
        digest, are sent together; otherwise each delivery is recorded before the next begins."""
        try:
            target = self._open()
        except DestinationUnavailable:
            return 1
        if isinstance(target, Collecting) and target.digest_seconds:
            return _DIGEST_INSTANCES
        return self._destination.batch if isinstance(target, Sender) else 1

    def perform(self, leased: Sequence[LeasedDelivery], now: datetime) -> SendResult:
        """Carry out deliveries of one action of one policy revision, or of one request by hand.

        Raises StoreUnavailable.
        """
        instances = dict.fromkeys(instance for one in leased for instance in one.instances)
        kind = leased[0].delivery.action.type
        if kind not in ACTIONS:
            unreadable = leased[0].delivery.note or f"This router knows no action {kind!r}"
            return SendResult(refused=dict.fromkeys(instances, unreadable), lasting=True)
        try:
            action = self._action(leased[0].delivery)
        except NotFound:
            lost = "The policy revision that asked for this is not in the store any more"
            return SendResult(refused=dict.fromkeys(instances, lost))
        try:
            # What follows the delivery may differ for the same action.
            work = Work(
                action, leased, self._open(), self._services, now, self._leads_here, self._whereabouts
            )
            with self._services.orthanc.acting_for([one.delivery.id for one in leased]):
                return ACTIONS[kind].perform(work)
        except DestinationUnavailable as error:
            return SendResult().went_away(error)
        except UnfitDestination as error:
            return SendResult(refused=dict.fromkeys(instances, str(error)), lasting=True)

    def test(self) -> DestinationUnavailable | None:
        """Return why the destination cannot be reached now; None where it can."""
        try:
            self._open().test()
        except DestinationUnavailable as error:
            return error
        return None

    def close(self) -> None:
        """Close the destination, where it is open."""
        if self._target is not None:
            self._target.close()

    def _leads_here(self) -> bool:
        return self._opening.leads_here(self._destination)

    def _whereabouts(self) -> Whereabouts:
        known, until = self._known_whereabouts
        if time.monotonic() >= until:
            known = self._opening.whereabouts(self._destination)
            self._known_whereabouts = known, time.monotonic() + _WHEREABOUTS_SECONDS
        return known

    def _open(self) -> Target:
        with self._lock:
            if self._target is None:
                self._target = (
                    ThisOrthanc()
                    if self._destination.id == THIS_ORTHANC.id
                    else self._opening.open(self._destination.id, self._destination)
                )
            return self._target

    def _action(self, delivery: Delivery) -> Action:
        if delivery.by_hand is not None:
            return delivery.by_hand.action
        if delivery.policy is None:
            raise NotFound
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
