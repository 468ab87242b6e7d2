# SPDX-License-Identifier: GPL-3.0-or-later
"""The only waiting that tests do: for a condition, never for a time to pass."""

import time
from collections.abc import Callable
from typing import TypeVar

Value = TypeVar("Value")

_POLL_SECONDS = 0.005


def wait_until(
    condition: Callable[[], Value],
    timeout: float = 15,
    message: str | Callable[[], object] = "it did not come about",
    every: float = _POLL_SECONDS,
) -> Value:
    """The first value of `condition` that is true.

    Raises AssertionError after `timeout` seconds, with `message` (a function is asked what is the case then).
    `every`: seconds between two looks.
    """
    deadline = time.monotonic() + timeout
    while True:
        value = condition()
        if value:
            return value
        if time.monotonic() > deadline:
            said = message if isinstance(message, str) else message()
            raise AssertionError(f"after {timeout} s: {said}")
        time.sleep(every)
