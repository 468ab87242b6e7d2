# SPDX-License-Identifier: GPL-3.0-or-later
"""Works out the outcome of each delivery of a batch from the result at the destination."""

import random
from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta

from router.actions import SendResult
from router.documents.delivery import (
    UNLISTED,
    WITHHELD,
    Attempt,
    Delivery,
    DestinationReference,
    State,
    alternate_of,
)
from router.documents.destination import Destination, Retry
from router.store import LeasedDelivery, NewDelivery, NotFound, Outcome, Store


def backoff_seconds(retry: Retry, failures: int, chance: random.Random) -> float:
    """Return the seconds to wait after the `failures`-th failure in a row: doubled each time, up to the
    longest wait. A jitter of a quarter spreads deliveries that failed together."""
    # At 2^40 the longest wait is reached; the bound keeps the power small.
    wait = min(retry.max_seconds, retry.initial_seconds * 2.0 ** min(failures - 1, 40))
    return wait * chance.uniform(0.75, 1.0)


#: How many reasons an error states, each with its instance or number; other refusals are only counted.
_NAMED = 3

#: An import makes deliveries that wait for a list ready; this is for deliveries that it does not reach.
_LOOK_INTO_LIST_AGAIN = timedelta(minutes=10)


def outcome_of(
    leased: LeasedDelivery,
    result: SendResult,
    retry: Retry,
    began: datetime,
    now: datetime,
    chance: random.Random,
) -> Outcome:
    """Return the outcome of one delivery after an attempt that began at `began` and ended at `now`."""
    result = result.of(leased.delivery.id)
    arrived = set(result.arrived)
    remaining = [instance for instance in leased.instances if instance not in arrived]
    # The next attempt begins with what was not refused.
    remaining.sort(key=result.refused.__contains__)
    seconds = round((now - began).total_seconds(), 4)
    if not remaining:
        return Outcome(
            State.SUCCEEDED,
            attempt=Attempt(at=began, seconds=seconds),
            note=result.notes.get(leased.delivery.id, result.note),
            successor=result.successor and _begun(result.successor, now),
            receipts={} if leased.receipts else None,
        )
    receipts = {
        instance: receipt
        for instance in remaining
        if (receipt := result.receipts.get(instance) or _kept_receipt(leased, result, instance))
    }
    attempt = Attempt(at=began, seconds=seconds, error=_error(remaining, len(leased.instances), result))
    unlisted = [instance for instance in remaining if instance in result.unlisted]
    if unlisted and result.unavailable is None:
        # A person cannot release it: the images would go out under another name than the list gives.
        note = f"{UNLISTED}{_reason(unlisted, leased, result)}"
        return Outcome(State.HELD, remaining, next_attempt_at=now + _LOOK_INTO_LIST_AGAIN, note=note)
    withheld = [instance for instance in remaining if instance in result.withheld]
    if withheld and result.unavailable is None:
        note = f"{WITHHELD}{_reason(withheld, leased, result)}"
        return Outcome(State.HELD, remaining, note=note, until_released=True)
    if result.held_until is not None:
        return Outcome(
            State.HELD, remaining, attempt if result.tried else None, result.held_until, note=result.note
        )
    changed = receipts if receipts != leased.receipts else None
    if result.unavailable is None and not receipts.keys() <= result.refused.keys():
        # It counts as an attempt only where something was sent.
        is_attempt = not leased.receipts.keys() >= set(leased.instances)
        look_again_at = now + timedelta(seconds=result.look_again_seconds)
        return Outcome(
            State.HELD,
            remaining,
            attempt if is_attempt else None,
            look_again_at,
            note=result.note,
            receipts=changed,
        )
    attempts = leased.delivery.attempt_count + 1
    if result.lasting or result.hopeless.issuperset(remaining) or attempts >= retry.attempts:
        return Outcome(State.FAILED, remaining, attempt, receipts=changed)
    wait = timedelta(seconds=max(result.retry_after, backoff_seconds(retry, attempts, chance)))
    return Outcome(State.RETRYING, remaining, attempt, next_attempt_at=now + wait, receipts=changed)


def _reason(held: Sequence[str], leased: LeasedDelivery, result: SendResult) -> str:
    """Return why images are held: their number, and the reason of the first."""
    return f"{len(held)} of {len(leased.instances)} images: {result.refused[held[0]]}"


def _kept_receipt(leased: LeasedDelivery, result: SendResult, instance: str) -> str:
    """Return the receipt of an earlier attempt; empty where this attempt refused the image."""
    return "" if instance in result.refused else leased.receipts.get(instance, "")


def _begun(successor: NewDelivery, now: datetime) -> NewDelivery:
    return NewDelivery(successor.delivery.model_copy(update={"created_at": now}), successor.instances)


def used_up(leased: LeasedDelivery, retry: Retry, now: datetime) -> Outcome | None:
    """Return the end of a delivery that has no attempt left; None where it has one, or has receipts.

    Its last attempt waited for a call-back in vain, or the destination now allows fewer attempts.
    """
    if leased.delivery.attempt_count < retry.attempts or leased.receipts:
        return None
    return Outcome(State.FAILED, leased.instances, note="No attempt is left", ended_at=now)


def at_alternate(
    delivery: Delivery, remaining: Sequence[str], alternate: Destination, now: datetime
) -> NewDelivery | None:
    """Return the delivery that replaces one that failed for good. None where that one was itself a
    replacement: two destinations that are each other's alternate must not pass it on for ever."""
    if delivery.instead_of is not None:
        return None
    successor = delivery.model_copy(
        update={
            "id": alternate_of(delivery.id),
            "state": State.WAITING,
            "lane": alternate.id,
            "destination": DestinationReference(id=alternate.id, name=alternate.name, kind=alternate.kind),
            "instances": len(remaining),
            "remaining": len(remaining),
            "attempts": [],
            "attempt_count": 0,
            "note": None,
            "next_attempt_at": None,
            "created_at": now,
            "instead_of": delivery.id,
        }
    )
    return NewDelivery(successor, remaining)


def with_alternate(
    store: Store, destination: Destination, delivery: Delivery, outcome: Outcome, now: datetime
) -> Outcome:
    """Return the outcome; a failed delivery gets a successor at the alternate destination, if any."""
    if outcome.state != State.FAILED or destination.alternate is None:
        return outcome
    try:
        alternate = store.destinations.get(destination.alternate)
    except NotFound:
        return outcome
    successor = at_alternate(delivery, outcome.remaining, alternate, now)
    return replace(outcome, successor=successor) if successor else outcome


def _not_tried(result: SendResult) -> str:
    """Return why a delivery of a batch was not tried."""
    reason = next(iter(result.refused.values()), "")
    return f"not tried, as nothing before it was taken: {reason}" if reason else "not sent"


def _error(remaining: list[str], count: int, result: SendResult) -> str:
    instances: dict[str, list[str]] = {}
    for instance in remaining:
        if instance in result.refused:
            instances.setdefault(result.refused[instance], []).append(instance)
    if not instances:
        return result.unavailable or result.note or _not_tried(result)
    kinds = sorted(instances.items(), key=lambda kind: -len(kind[1]))
    named = "; ".join(
        f"instance {alike[0]}: {reason}" if len(alike) == 1 else f"{len(alike)} instances: {reason}"
        for reason, alike in kinds[:_NAMED]
    )
    unnamed = sum(len(alike) for _, alike in kinds[_NAMED:])
    refused = sum(map(len, instances.values()))
    parts = [f"{refused} of {count} refused: {named}" + (f"; and {unnamed} more" if unnamed else "")]
    if result.unavailable:
        parts.append(f"then {result.unavailable}")
    elif refused < len(remaining):
        parts.append(f"{len(remaining) - refused} not tried, as nothing was taken")
    if result.note:
        parts.append(result.note)
    return "; ".join(parts)
