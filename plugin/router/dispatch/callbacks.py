# SPDX-License-Identifier: GPL-3.0-or-later
"""Completes deliveries whose service took the images earlier and now reports the result."""

import random
import threading
from collections.abc import Callable, Sequence
from datetime import timedelta
from typing import Literal

from pydantic import Field

from router.actions import CallbackTokens, SendResult
from router.actions.callback_token import CallbackToken
from router.actions.own_results import AWAITED
from router.clock import Clock
from router.dispatch.recording import outcome_of, with_alternate
from router.documents.delivery import Attempt, Delivery, State
from router.documents.document import Document
from router.documents.invalid import Invalid
from router.lineage import Results
from router.orthanc_api import OrthancApi
from router.store import Lease, LeasedDelivery, NotFound, Outcome, Store

_LEASE = timedelta(seconds=60)


class Callback(Document):
    """The final report of a service."""

    status: Literal["done", "failed"] = "done"
    #: What the service stored in Orthanc: SOP Instance UIDs, or Orthanc's own identifiers.
    instances: list[str] = Field(default_factory=list, max_length=10_000)
    #: Why the service failed.
    message: str = Field(default="", max_length=1000)


class TokenSpent(Exception):  # noqa: N818 - it reads as what it says
    """The delivery does not wait for this call-back, or no longer."""


class TooEarly(Exception):  # noqa: N818
    """The call-back came before the delivery was recorded as waiting for it: the service is to repeat it."""


class Callbacks:
    """Takes call-backs. May be used from any thread. Methods also raise StoreUnavailable."""

    def __init__(
        self,
        store: Store,
        tokens: CallbackTokens,
        results: Results,
        orthanc: OrthancApi,
        owner: str,
        clock: Clock,
        recorded: Callable[[Delivery, Outcome], None],
    ) -> None:
        """`recorded` is called with each outcome once it is written."""
        self._store = store
        self._tokens = tokens
        self._results = results
        self._orthanc = orthanc
        # Not the owner of the lanes: once this lease runs out, a lane takes what could not be recorded here.
        self._owner = f"{owner}/call-backs"
        self._clock = clock
        self._recorded = recorded
        self._chance = random.Random()
        #: One at a time: call-backs for images of one delivery must not block each other by its lease.
        self._lock = threading.Lock()

    def receive(self, text: str, callback: Callback) -> Delivery:
        """Process a call-back; return the delivery as it is afterwards.

        Raises UnknownToken, TokenSpent, TooEarly, Invalid, NotFound, OrthancError, OrthancUnreachable.
        """
        token = self._tokens.read(text)
        delivery = self._store.deliveries.get(token.delivery)
        results = self._found(callback.instances)
        with self._lock:
            lease = Lease(self._owner, self._clock() + _LEASE)
            leased = self._store.deliveries.lease_held(token.delivery, token.attempt, lease)
            if leased is None:
                delivery = self._store.deliveries.get(token.delivery)
                if delivery.state == State.RUNNING and delivery.attempt_count <= token.attempt:
                    raise TooEarly("The delivery is still under way: call back again in a second.")
                raise TokenSpent("The delivery does not wait for this call-back (any more).")
            try:
                outcome = self._outcome(token, callback, delivery, leased, results)
            except Exception:
                # Whatever the error, the service is to call back again, and must find the delivery unchanged.
                self._record(leased, self._still_held(delivery, leased.instances))
                raise
            if not self._record(leased, outcome):
                raise TokenSpent("The delivery was cancelled meanwhile.")
        self._recorded(leased.delivery, outcome)
        if token.instance is not None and token.instance not in leased.instances:
            raise TokenSpent("The delivery has had the call-back for this instance.")
        return self._store.deliveries.get(token.delivery)

    def _record(self, leased: LeasedDelivery, outcome: Outcome) -> bool:
        return self._store.deliveries.record(leased, outcome)

    def _outcome(
        self,
        token: CallbackToken,
        callback: Callback,
        delivery: Delivery,
        leased: LeasedDelivery,
        results: Sequence[str],
    ) -> Outcome:
        now = self._clock()
        meant = list(leased.instances) if token.instance is None else [token.instance]
        remaining = [instance for instance in leased.instances if instance not in meant]
        if callback.status == "failed":
            reason = callback.message or "The service has failed at it, and does not say why"
            if remaining:
                # It waits for the other images first; at the deadline it tries the failed ones again.
                return self._still_held(delivery, leased.instances, f"; of one it says: {reason}")
            return self._failed(leased, reason)
        service = delivery.destination.name if delivery.destination else None
        self._results.claim(delivery, meant, results, service)
        if remaining:
            return self._still_held(delivery, remaining)
        note = f"{len(results)} result{'' if len(results) == 1 else 's'} stored by the service"
        return Outcome(State.SUCCEEDED, attempt=Attempt(at=now, seconds=0), note=note)

    def _failed(self, leased: LeasedDelivery, reason: str) -> Outcome:
        now = self._clock()
        result = SendResult(refused=dict.fromkeys(leased.instances, reason))
        try:
            destination = self._store.destinations.get(leased.delivery.lane)
        except NotFound:
            return Outcome(State.FAILED, leased.instances, Attempt(at=now, seconds=0, error=reason))
        outcome = outcome_of(leased, result, destination.retry, now, now, self._chance)
        return with_alternate(self._store, destination, leased.delivery, outcome, now)

    def _still_held(self, delivery: Delivery, remaining: Sequence[str], said: str = "") -> Outcome:
        deadline = delivery.next_attempt_at
        return Outcome(State.HELD, remaining, next_attempt_at=deadline, note=f"{AWAITED}{said}")

    def _found(self, instances: Sequence[str]) -> list[str]:
        """Return Orthanc's identifiers of the instances that a service says it stored. Raises Invalid where
        Orthanc lacks one."""
        stored = {one["ID"] for one in self._orthanc.bulk_content(instances)}
        found = []
        problems = []
        for index, instance in enumerate(instances):
            same = [instance] if instance in stored else self._orthanc.lookup(instance)
            if not same:
                problems.append((f"instances[{index}]", f"Orthanc has no instance {instance!r}."))
            found += same
        if problems:
            raise Invalid(problems)
        return list(dict.fromkeys(found))
