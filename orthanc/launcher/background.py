# SPDX-License-Identifier: GPL-3.0-or-later
"""Continue in the background once Orthanc runs."""

import os
import signal
import sys
from collections.abc import Callable


def in_background(run: Callable[[Callable[[], None]], int]) -> int:
    """Call `run` in a new process without a terminal; return the exit code.

    `run` gets a function and calls it once Orthanc runs. That detaches the process from our output, and this
    returns 0. If the process ends before, return its exit code.
    """
    reading, writing = os.pipe()
    sys.stdout.flush()
    child = os.fork()
    if child == 0:
        os.close(reading)
        os.setsid()

        def runs() -> None:
            os.write(writing, b"1")
            os.close(writing)
            nowhere = os.open(os.devnull, os.O_RDWR)
            for descriptor in (0, 1, 2):
                os.dup2(nowhere, descriptor)

        return run(runs)
    os.close(writing)
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, lambda *_: os.kill(child, signal.SIGTERM))
    if os.read(reading, 1):
        return 0
    return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
