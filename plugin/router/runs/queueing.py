# SPDX-License-Identifier: GPL-3.0-or-later
"""Simulates how a destination keeps up with deliveries: hour by hour, and within their windows."""

import heapq
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from router.documents.action import Action
from router.documents.run import Amount

_HOUR = timedelta(hours=1)


@dataclass(frozen=True, slots=True)
class Predicted:
    """Deliveries of one action that would have been made at one moment."""

    at: datetime
    action: Action
    amount: Amount


@dataclass(frozen=True, slots=True)
class Kept:
    """The time at which predicted deliveries would end, and whether they missed their first window."""

    predicted: Predicted
    ended: datetime
    is_late: bool


def kept_up(predicted: Sequence[Predicted], bytes_per_second: float | None, at_once: int) -> list[Kept]:
    """Return when each delivery to one destination would end, first come, first served.

    The destination takes `at_once` deliveries at a time, each at `bytes_per_second` (None: not known, taken
    to be quick).
    """
    free = [datetime.min.replace(tzinfo=UTC)] * max(1, at_once)
    kept = []
    for one in sorted(predicted, key=lambda each: each.at):
        window = one.action.window
        opening = (window.next_opening(one.at) if window else None) or one.at
        began = max(opening, free[0])
        closing = window.closing(opening) if window else None
        is_late = closing is not None and began >= closing
        if window and is_late:
            began = window.next_opening(began) or began
        seconds = one.amount.bytes / bytes_per_second if bytes_per_second else 0.0
        ended = began + timedelta(seconds=seconds)
        heapq.heapreplace(free, ended)
        kept.append(Kept(one, ended, is_late))
    return kept


def hours(kept: Sequence[Kept]) -> list[dict[str, object]]:
    """Return each hour with deliveries: how many are made in it, and how many wait at its end."""
    made: defaultdict[datetime, list[Amount]] = defaultdict(list)
    queue: defaultdict[datetime, int] = defaultdict(int)
    for one in kept:
        hour = _hour(one.predicted.at)
        made[hour].append(one.predicted.amount)
        while hour + _HOUR <= one.ended:
            queue[hour] += one.predicted.amount.deliveries
            hour += _HOUR
    return [
        {
            "at": hour.isoformat().replace("+00:00", "Z"),
            "deliveries": sum(amount.deliveries for amount in made[hour]),
            "instances": sum(amount.instances for amount in made[hour]),
            "bytes": sum(amount.bytes for amount in made[hour]),
            "queue": queue[hour],
        }
        for hour in sorted(made.keys() | queue.keys())
    ]


def _hour(moment: datetime) -> datetime:
    return moment.astimezone(UTC).replace(minute=0, second=0, microsecond=0)
