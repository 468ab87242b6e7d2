# SPDX-License-Identifier: GPL-3.0-or-later
"""Limits how many requests are answered at once.

Each request holds a thread of Orthanc's web server. Its own calls to Orthanc need another thread. If all
threads were held by requests that wait for another thread, Orthanc would deadlock. So requests get only a
part of the threads; further requests are answered with 503 at once.
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

#: How long a refused client is told to wait (`Retry-After`).
_RETRY_SECONDS: Final = 1
#: A request that takes longer than this while others are refused is named in the log. Refusals are logged at
#: most once in the second time.
_LONG_SECONDS: Final = 30.0
_TOLD_EVERY_SECONDS: Final = 60.0


class Busy(ApiError):  # noqa: N818 - it reads as what it says
    """Too many requests are being answered."""

    def __init__(self) -> None:
        super().__init__(503, "busy", "Too many requests are being answered at once: ask again in a second.")

    def response(self) -> Response:
        return replace(super().response(), headers={"Retry-After": str(_RETRY_SECONDS)})


class Admission:
    """Gives out places for requests. May be used from any thread."""

    def __init__(self, places: int, monotonic: Callable[[], float] = time.monotonic) -> None:
        """`places` is how many requests are answered at once."""
        self._places = places
        self._monotonic = monotonic
        self._lock = threading.Lock()
        #: The requests being answered: when each began, and its description.
        self._begun: dict[object, tuple[float, str]] = {}
        self._told_at: float | None = None

    @contextmanager
    def place(self, asked: str) -> Iterator[None]:
        """Hold a place during the block. `asked` describes the request, without patient data. Raises Busy."""
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
        """Return the warning that no place is free; empty where it was logged a moment ago."""
        if self._told_at is not None and now - self._told_at < _TOLD_EVERY_SECONDS:
            return ""
        self._told_at = now
        since, asked = min(self._begun.values())
        standstill = f"; the oldest, {asked}, for {now - since:.0f} s" if now - since > _LONG_SECONDS else ""
        return f"{self._places} requests are being answered at once{standstill}: others are refused (503)"
