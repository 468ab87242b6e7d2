# SPDX-License-Identifier: GPL-3.0-or-later
"""What all lists of the API have in common."""

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
    """A page of a list, and the length of the whole list."""

    items: list[Item]
    total: int


#: A counted total is reused for the counting time multiplied by the first number, in seconds at most the
#: second.
_REST = 50
_LONGEST_SECONDS = 60.0
#: How many totals are kept: more than the filters that people use at once.
_KEPT = 100


class Totals(Generic[Filter]):
    """Caches totals of filters, for open web pages that ask for the same list every few seconds.

    A total that took long to count is reused for a longer time. May be used from any thread.
    """

    def __init__(self, steady: Callable[[], float] = time.monotonic) -> None:
        """`steady`: a monotonic clock, in seconds."""
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
        """Return a page of what a filter finds, and the total.

        `find` takes the filter, the limit, the offset, and the known total (None: it must count).
        """
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


#: The most entries of a list in one answer.
LARGEST_PAGE = 1000


def listed(request: Request, items: Sequence[object]) -> Response:
    """Return `{"items", "total"}` for a whole list; applies the query's `limit` and `offset`."""
    limit = request.number("limit", LARGEST_PAGE, LARGEST_PAGE)
    offset = request.number("offset", 0, 10**9)
    return Response.of({"items": items[offset : offset + limit], "total": len(items)})


def moment(path: str, text: str) -> datetime:
    """Parse a date and time; without a zone, it is this machine's local time. Raises ApiError."""
    try:
        return datetime.fromisoformat(text).astimezone()
    except (ValueError, OverflowError):
        raise ApiError.of_field(path, "must be a date and time such as 2024-05-31T08:00:00Z") from None
