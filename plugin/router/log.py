# SPDX-License-Identifier: GPL-3.0-or-later
"""Sends Python's log messages to Orthanc's log, all in one form."""

import logging
import traceback
from collections.abc import Callable
from copy import copy
from types import TracebackType

#: An exception as `logging` hands it over.
_Caught = tuple[type[BaseException], BaseException, TracebackType | None] | tuple[None, None, None]


class _Form(logging.Formatter):
    """Writes `PART: message`. The part is the package of the router, or the library, that logs it."""

    def format(self, record: logging.LogRecord) -> str:
        first, *rest = record.name.split(".")
        part = rest[0] if first == "router" and rest else first
        own = copy(record)
        # What another handler may have made of the exception is kept in the record.
        own.exc_text = None
        return f"{part}: {super().format(own)}"

    def formatException(self, ei: _Caught) -> str:  # noqa: N802 - of `logging`
        """Return where exceptions were raised, and their types. Their messages may quote patients' data."""
        lines: list[str] = []
        error = ei[1]
        while error is not None:
            lines += [*traceback.format_tb(error.__traceback__), type(error).__qualname__]
            error = error.__cause__ or error.__context__
        return "\n".join(["Traceback", *lines])


class HostLog(logging.Handler):
    """A handler that hands each message, in one line, to Orthanc, with the file and line it comes from."""

    def __init__(self, write: Callable[[int, str, str, int], None]) -> None:
        super().__init__()
        self._write = write
        self.setFormatter(_Form())

    def emit(self, record: logging.LogRecord) -> None:
        message = f"Router: {self.format(record)}".replace("\n", " | ")
        self._write(record.levelno, message, record.filename, record.lineno)
