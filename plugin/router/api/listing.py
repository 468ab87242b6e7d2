# SPDX-License-Identifier: GPL-3.0-or-later
"""What lists have in common on the wire."""

import threading
import time
from collections import OrderedDict
from collections.abc import Callable, Hashable, Sequence
from datetime import datetime
from typing import Generic, TypeVar

from pydantic import BaseModel

from router.api.http import ApiError, Request, Response

Item = TypeVar("Item")
Filter = TypeVar("Filter", bound=Hashable)


class Listed(BaseModel, Generic[Item]):
    """A stretch of a list, and how long the whole is."""

    items: list[Item]
    total: int


#: A total is told again for so many times as long as it took to be counted, and for so many seconds at most.
_REST = 50
_LONGEST_SECONDS = 60.0
#: Totals that are kept: of more filters than people look through at once.
_KEPT = 100


class Totals(Generic[Filter]):
    """How many a filter finds, for open pages that ask for the same list every few seconds.

    Where counting is quick, it is done each time. Where it is not, a page is told for a while what was
    counted last. May be used from any thread.
    """

    def __init__(self, steady: Callable[[], float] = time.monotonic) -> None:
        """`steady`: seconds that only ever pass."""
        self._steady = steady
        self._lock = threading.Lock()
        self._known: OrderedDict[Filter, tuple[int, float]] = OrderedDict()

    def page(
        self,
        find: Callable[[Filter, int, int, int | None], tuple[list[Item], int]],
        wanted: Filter,
        limit: int,
        offset: int,
    ) -> tuple[list[Item], int]:
        """A page of what a filter finds, and how many there are in all. `find` takes the filter, limit and
        offset, and the total where it is not to count."""
        began = self._steady()
        with self._lock:
            total, until = self._known.get(wanted, (0, began))
        known = total if began < until else None
        items, total = find(wanted, limit, offset, known)
        if len(items) < limit and (items or not offset):
            total = offset + len(items)
        elif known is None:
            now = self._steady()
            with self._lock:
                self._known[wanted] = (total, now + min(_REST * (now - began), _LONGEST_SECONDS))
                self._known.move_to_end(wanted)
                while len(self._known) > _KEPT:
                    self._known.popitem(last=False)
        return items, max(total, offset + len(items))


#: The longest stretch of a list in one answer.
LARGEST_PAGE = 1000


def listed(request: Request, items: Sequence[object]) -> Response:
    """`{"items", "total"}` of a list that is at hand as a whole; takes `limit` and `offset`."""
    limit = request.number("limit", LARGEST_PAGE, LARGEST_PAGE)
    offset = request.number("offset", 0, 10**9)
    return Response.of({"items": items[offset : offset + limit], "total": len(items)})


def moment(path: str, text: str) -> datetime:
    """A date and time in a query or a body; this machine's time where it names no zone. Raises ApiError."""
    try:
        return datetime.fromisoformat(text).astimezone()
    except (ValueError, OverflowError):
        raise ApiError.of_field(path, "must be a date and time such as 2024-05-31T08:00:00Z") from None
