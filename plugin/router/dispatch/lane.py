# SPDX-License-Identifier: GPL-3.0-or-later
"""A lane: the worker threads of one destination. No lane delays another."""

import logging
import random
import threading
import time
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime, timedelta

from router.actions import SendResult
from router.clock import Clock
from router.destinations import NotEnoughMemory
from router.dispatch.breaker import BreakerState
from router.dispatch.gate import Gate
from router.dispatch.lane_status import LaneFigures, LaneStatus
from router.dispatch.performer import Performer
from router.dispatch.recording import backoff_seconds, outcome_of, used_up, with_alternate
from router.dispatch.resting import Resting
from router.dispatch.suspects import Suspects, is_suspect, reason_to_fail
from router.documents.delivery import CLOSED, SUSPECT_AFTER, Delivery, State
from router.documents.destination import Destination
from router.rounds import Unforeseen
from router.store import DeliveryFilter, Lease, LeasedDelivery, Outcome, Store, StoreUnavailable

_log = logging.getLogger(__name__)

#: The lease of a killed worker lasts at most this much longer; a living worker's lease is prolonged.
LEASE = timedelta(seconds=60)
#: An idle lane looks again after this, for deliveries that another node of the same store planned.
_IDLE = timedelta(seconds=5)
_STORE_PAUSE = timedelta(seconds=1)
_SOON = timedelta(milliseconds=20)
#: How often a worker that waits for a suspect (see `suspects`) looks whether it has ended.
_ASK_AGAIN = timedelta(milliseconds=250)
#: How long a suspect waits until nothing else is under way; after how long it then tries again.
_ALONE_WITHIN_SECONDS = 10.0
_ASK_TO_BE_ALONE = timedelta(seconds=60)
#: How long a worker rests after an unforeseen fault.
_FAILURE_PAUSE = timedelta(seconds=5)
#: The longest time between probes of a destination that is down, however long the pauses between the
#: attempts of each delivery have grown.
_LONGEST_ABSENCE_SECONDS = 60.0


@dataclass(frozen=True, slots=True)
class LaneContext:
    """What the lanes of a node share. No lane changes it."""

    store: Store
    #: The name with which the node signs its leases.
    owner: str
    clock: Clock
    #: Called with each lease taken (True) and given back (False), so that it is prolonged in between.
    holds: Callable[[str, bool], None]
    #: Called with each outcome once it is written.
    recorded: Callable[[Delivery, Outcome], None]
    suspects: Suspects


class Lane:
    """Carries out the deliveries of one destination revision until it is stopped."""

    def __init__(
        self, destination: Destination, performer: Performer, gate: Gate, context: LaneContext
    ) -> None:
        self.destination = destination
        self.gate = gate
        self._performer = performer
        self._store = context.store
        self._owner = context.owner
        self._clock = context.clock
        self._holds = context.holds
        self._recorded = context.recorded
        self._suspects = context.suspects
        self._chance = random.Random()
        #: Whether a successful test means that deliveries will succeed. False from a successful test until a
        #: delivery succeeds: a test that misleads would cost each delivery an attempt.
        self._trusts_test = True
        #: Whether the destination refused the login. Then only deliveries try the login, not tests: some
        #: servers lock an account after too many failures.
        self._login_refused = False
        self._resting = Resting()
        self._leasing = threading.Lock()
        self._figures = LaneFigures()
        self._unforeseen = Unforeseen(f"The lane of {destination.name}", _log)
        name = f"router-lane-{destination.id}"
        self._threads = [
            threading.Thread(target=self._work, args=(number == 0,), name=f"{name}-{number}", daemon=True)
            for number in range(destination.concurrency or 1)
        ]

    def start(self) -> None:
        """Begin to work."""
        for thread in self._threads:
            thread.start()

    @property
    def is_down(self) -> bool:
        """Whether the destination is down and not yet to be tried; the workers wake by themselves then."""
        tried_again_at = self.gate.closed_again_at
        return tried_again_at is not None and tried_again_at > self._clock()

    def wake(self) -> None:
        """Tell the workers that there may be something new to do."""
        self._resting.wake()

    def try_now(self) -> None:
        """Try the deliveries at once, even if the destination was down when last tried."""
        self.gate.reset()
        self.wake()

    def stop(self) -> None:
        """Take no more work. `join` waits for the deliveries under way."""
        self._resting.stop()

    def join(self, deadline: float) -> bool:
        """Wait for the workers until `deadline` (of time.monotonic). Return whether all have ended.

        A worker may still be busy with a destination that hangs. Its lease then runs out, and another worker
        makes the delivery.
        """
        for thread in self._threads:
            thread.join(max(0.0, deadline - time.monotonic()))
        ended = not any(thread.is_alive() for thread in self._threads)
        if ended:
            self._performer.close()
        return ended

    def status(self) -> LaneStatus:
        """Return the lane's status."""
        return self._figures.status(self.gate.state, self.gate.closed_again_at)

    @property
    def failure(self) -> str:
        """The last unforeseen fault; empty where there was none."""
        return self._unforeseen.problem

    def _work(self, begins: bool) -> None:
        if begins:
            self._recall()
        else:
            self._resting.rest(0, _IDLE)
        has_rested = True
        while not self._resting.stopping:
            seen = self._resting.news
            try:
                wait = self._turn(has_rested)
                self._unforeseen.passed()
            except StoreUnavailable as error:
                _log.warning("Lane %s waits for the store: %s", self.destination.name, error)
                wait = _STORE_PAUSE
            except Exception as error:  # noqa: BLE001 - must neither end the worker nor pass unseen
                self._unforeseen.caught(error)
                wait = _FAILURE_PAUSE
            has_rested = wait > timedelta(0)
            if has_rested:
                self._resting.rest(seen, wait)

    def _recall(self) -> None:
        """Learn from the store when a delivery last arrived, and why one last failed: people want to know it
        after a restart too."""
        with suppress(StoreUnavailable):
            for delivery in self._newest(State.SUCCEEDED):
                self._figures.last_success_at = delivery.finished_at
            for delivery in self._newest(State.RETRYING):
                self._figures.last_error = next(
                    (one.error for one in reversed(delivery.attempts) if one.error is not None), None
                )

    def _newest(self, state: State) -> Sequence[Delivery]:
        """Return the newest delivery to the destination in this state, if there is one."""
        wanted = DeliveryFilter(states=frozenset({state}), destination=self.destination.id)
        return self._store.deliveries.find(wanted, limit=1, total=0)[0]

    def _turn(self, has_rested: bool) -> timedelta:
        """Do what can be done now; return how long to wait before the next turn. A worker that finds work
        after idling wakes one more worker."""
        now = self._clock()
        pause = self._performer.pause_seconds()
        if pause > 0:
            return timedelta(seconds=pause)
        if self._suspects.is_one_waiting:
            return _ASK_AGAIN
        if not self.gate.is_at_hand and self.gate.state == BreakerState.CLOSED:
            # The node must not take a slot that it does not use while other nodes wait for one.
            ready_at = self._store.deliveries.next_ready_at(self.destination.id)
            if ready_at is None or ready_at > now:
                return _IDLE if ready_at is None else min(_IDLE, ready_at - now)
        if not self.gate.enter(now):
            return self.gate.wait(now)
        leased = []
        try:
            leased = self._leased()
        finally:
            if not leased:
                self.gate.leave()
        if not leased:
            ready_at = self._store.deliveries.next_ready_at(self.destination.id)
            if ready_at is None:
                return _IDLE
            if self._may_look_for_it and self.gate.state == BreakerState.OPEN and self.gate.enter(now):
                self._look_for_it(now)
                return timedelta(0)
            return min(_IDLE, max(_SOON, ready_at - now))
        if has_rested:
            self.wake()
        for one in leased:
            self._holds(one.token, True)
        try:
            opening = _next_opening(leased, now)
            if opening is None:
                self._carry_out(leased)
            else:
                self.gate.leave()
                for one in leased:
                    held = Outcome(State.HELD, one.instances, next_attempt_at=opening, note=CLOSED)
                    self._record(one, held)
        except Exception:
            self.gate.leave()
            self._give_back(leased)
            raise
        finally:
            for one in leased:
                self._holds(one.token, False)
        return timedelta(0)

    def _leased(self) -> list[LeasedDelivery]:
        # One worker at a time: workers that lease at the same time would compete for the same deliveries.
        with self._leasing:
            now = self._clock()
            return self._store.deliveries.lease(
                self.destination.id, Lease(self._owner, now + LEASE), now, self._performer.instances_at_once()
            )

    def _carry_out(self, leased: list[LeasedDelivery]) -> None:
        began = self._clock()
        leased = [one for one in leased if not self._ends(one, began)]
        if not leased:
            self.gate.leave()
            return
        if is_suspect(leased[0].delivery):
            result = self._performed_alone(leased, began)
        else:
            with self._suspects.among_others():
                result = self._perform(leased, began)
        now = self._clock()
        self._figures.count(result, (now - began).total_seconds())
        # The same wait for all: what was sent together is tried again together.
        chance = self._chance.random()
        for one in leased:
            outcome = outcome_of(one, result, self.destination.retry, began, now, random.Random(chance))
            self._record(one, self._with_alternate(one, outcome, now))
            if outcome.state == State.SUCCEEDED:
                self._figures.count_bytes(one.delivery.bytes)
        away = next((part for part in result.parts if part.unavailable is not None), None)
        if away is not None:
            self._is_away(now, away, _first_failure(leased, began))
        elif not any(part.tried for part in result.parts):
            self.gate.leave()
        else:
            self._figures.last_success_at = now
            self._trusts_test = True
            self._is_back(now)

    def _look_for_it(self, now: datetime) -> None:
        """Test a destination that is down, while all deliveries wait for their next attempt."""
        error = self._performer.test()
        if error is not None:
            self._is_away(now, SendResult().went_away(error), now)
        else:
            self._trusts_test = False
            self._is_back(now)

    @property
    def _may_look_for_it(self) -> bool:
        return self._trusts_test and not self._login_refused

    def _is_away(self, now: datetime, result: SendResult, since: datetime) -> None:
        self._figures.away_since = self._figures.away_since or since
        self._figures.last_error = result.unavailable
        self._login_refused = result.login_refused
        wait = backoff_seconds(self.destination.retry, self.gate.failures + 1, self._chance)
        if not result.login_refused:
            wait = min(wait, _LONGEST_ABSENCE_SECONDS)
        self.gate.failed(now, timedelta(seconds=max(result.retry_after, wait)))

    def _is_back(self, now: datetime) -> None:
        self._figures.away_since = None
        self._login_refused = False
        if self.gate.succeeded():
            # Deliveries need not wait out a long backoff now that the destination is back.
            waiting = DeliveryFilter(states=frozenset({State.RETRYING}), destination=self.destination.id)
            self._store.deliveries.retry(waiting, now)
            self.wake()

    def _performed_alone(self, leased: list[LeasedDelivery], now: datetime) -> SendResult:
        """Carry out alone a delivery that was under way several times when the process died."""
        [suspect] = leased
        with self._suspects.alone(_ALONE_WITHIN_SECONDS) as is_alone:
            if not is_alone:
                note = "Waits to be carried out by itself: it was under way when Orthanc ended, several times"
                return SendResult(held_until=now + _ASK_TO_BE_ALONE, tried=False, note=note)
            self._suspects.is_sent_alone(suspect.delivery)
            result = self._perform(leased, now)
        self._suspects.is_cleared(suspect.delivery)
        return result

    def _ends(self, leased: LeasedDelivery, now: datetime) -> bool:
        """Record a delivery that is not to be tried any more as failed. Return whether it is one."""
        reason = reason_to_fail(leased.delivery)
        if reason is not None:
            # The alternate destination does not get it: the steps before the sending are the same.
            self._record(
                leased,
                Outcome(
                    State.FAILED, leased.instances, note=reason, ended_at=now, interruptions=SUSPECT_AFTER
                ),
            )
            self._suspects.has_failed(leased.delivery)
            return True
        outcome = used_up(leased, self.destination.retry, now)
        if outcome is not None:
            self._record(leased, self._with_alternate(leased, outcome, now))
        return outcome is not None

    def _perform(self, leased: list[LeasedDelivery], now: datetime) -> SendResult:
        try:
            return self._performer.perform(leased, now)
        except StoreUnavailable:
            raise
        except MemoryError:
            _log.error("There is not enough memory for a delivery to %s", self.destination.name)
            reason = str(NotEnoughMemory())
            return SendResult(refused={instance: reason for one in leased for instance in one.instances})
        except Exception as error:  # noqa: BLE001 - neither the lane nor the delivery may be lost by it
            _log.exception("A delivery to %s has failed in a way nobody foresaw", self.destination.name)
            reason = f"The router has failed at this ({type(error).__name__}); Orthanc's log says more"
            return SendResult(refused={instance: reason for one in leased for instance in one.instances})

    def _with_alternate(self, leased: LeasedDelivery, outcome: Outcome, now: datetime) -> Outcome:
        return with_alternate(self._store, self.destination, leased.delivery, outcome, now)

    def _record(self, leased: LeasedDelivery, outcome: Outcome) -> None:
        """Write the outcome, however long the store is away: what arrived must not be sent again. Then report
        it (`LaneContext.recorded`)."""
        tried = is_recorded = False
        while True:
            try:
                if not is_recorded:
                    is_recorded = self._store.deliveries.record(leased, outcome)
                    if not is_recorded and not tried:
                        _log.info("Delivery %s was taken over or cancelled meanwhile", leased.delivery.id)
                        return
                    # An earlier try may have written it although its answer was lost.
                    is_recorded = True
                self._recorded(leased.delivery, outcome)
                return
            except StoreUnavailable as error:
                tried = True
                _log.warning("Delivery %s cannot be recorded yet: %s", leased.delivery.id, error)
                if self._resting.pause(_STORE_PAUSE.total_seconds()):
                    return

    def _give_back(self, leased: list[LeasedDelivery]) -> None:
        """Let deliveries that could not be carried out or recorded be tried again soon: no other worker of
        this node takes them while they are leased. Deliveries already recorded stay as they are."""
        again_at = self._clock() + _STORE_PAUSE
        for one in leased:
            self._record(one, Outcome(State.RETRYING, one.instances, next_attempt_at=again_at))


def _first_failure(leased: list[LeasedDelivery], now: datetime) -> datetime:
    """Return when the latest failures in a row began. The attempts that it reads survive a restart."""
    beginnings = [now]
    for one in leased:
        for attempt in reversed(one.delivery.attempts):
            if attempt.error is None:
                break
            beginnings.append(attempt.at)
    return min(beginnings)


def _next_opening(leased: list[LeasedDelivery], now: datetime) -> datetime | None:
    """Return when the window of these deliveries (of one action) opens; None where it is open or absent."""
    window = leased[0].delivery.window
    return window.next_opening(now) if window else None
