# SPDX-License-Identifier: GPL-3.0-or-later
"""How many requests are answered at once.

Each request that is answered holds a thread of Orthanc's web server, and what it asks Orthanc in turn needs
another one. If all threads were held by requests that wait for another, none would ever be free again. So
only a part of them is given away, and whoever comes then is told at once to come again.
"""

import logging
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from typing import Final

from router.api.http import ApiError, Response

_log = logging.getLogger(__name__)

#: What a client is told to wait before it asks again.
_RETRY_SECONDS: Final = 1
#: Answers that take longer than this, while others are refused, are told of in the log; so often at most.
_LONG_SECONDS: Final = 30.0
_TOLD_EVERY_SECONDS: Final = 60.0


class Busy(ApiError):  # noqa: N818 - it reads as what it says
    """Too many requests are being answered."""

    def __init__(self) -> None:
        super().__init__(503, "busy", "Too many requests are being answered at once: ask again in a second.")

    def response(self) -> Response:
        return replace(super().response(), headers={"Retry-After": str(_RETRY_SECONDS)})


class Admission:
    """Gives out places. May be used from any thread."""

    def __init__(self, places: int, monotonic: Callable[[], float] = time.monotonic) -> None:
        """`places` is how many requests are answered at once."""
        self._places = places
        self._monotonic = monotonic
        self._lock = threading.Lock()
        #: What is being answered, and since when.
        self._begun: dict[object, tuple[float, str]] = {}
        self._told_at: float | None = None

    @contextmanager
    def place(self, asked: str) -> Iterator[None]:
        """A place for the length of the block; `asked` is the request in words, without data. Raises Busy."""
        token = object()
        with self._lock:
            now = self._monotonic()
            admitted = len(self._begun) < self._places
            if admitted:
                self._begun[token] = now, asked
            problem = "" if admitted else self._problem(now)
        if not admitted:
            if problem:
                _log.warning("%s", problem)
            raise Busy
        try:
            yield
        finally:
            with self._lock:
                del self._begun[token]

    def _problem(self, now: float) -> str:
        """What is to be told of having no place; empty where it was told a moment ago."""
        if self._told_at is not None and now - self._told_at < _TOLD_EVERY_SECONDS:
            return ""
        self._told_at = now
        since, asked = min(self._begun.values())
        standstill = f"; the oldest, {asked}, for {now - since:.0f} s" if now - since > _LONG_SECONDS else ""
        return f"{self._places} requests are being answered at once{standstill}: others are refused (503)"
