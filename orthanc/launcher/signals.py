# SPDX-License-Identifier: GPL-3.0-or-later
"""A request to stop, as something to wait for instead of an interruption at any point."""

import os
import select
import signal
from types import FrameType, TracebackType
from typing import Self

_ASKING = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


class StopRequest:
    """Becomes true when the process is asked to stop: by Ctrl-C, SIGTERM, or the end of its terminal."""

    def __init__(self) -> None:
        self._asked = False
        self._reading, self._writing = os.pipe2(os.O_NONBLOCK | os.O_CLOEXEC)

    def __bool__(self) -> bool:
        return self._asked

    def __enter__(self) -> Self:
        signal.set_wakeup_fd(self._writing, warn_on_full_buffer=False)
        for number in _ASKING:
            signal.signal(number, self._ask)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, value: BaseException | None, trace: TracebackType | None
    ) -> None:
        signal.set_wakeup_fd(-1)

    def wait(self, seconds: float | None, *descriptors: int) -> None:
        """Return on a request to stop, when one of the descriptors is readable, or after the time."""
        if not self._asked:
            select.select([self._reading, *descriptors], [], [], seconds)

    def _ask(self, _number: int, _frame: FrameType | None) -> None:
        self._asked = True
