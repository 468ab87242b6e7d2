"""Sends Python's log messages to Orthanc's log."""

import logging
from collections.abc import Callable


class HostLog(logging.Handler):
    """A handler that hands each message, in one line, to Orthanc."""

    def __init__(self, write: Callable[[int, str], None]) -> None:
        super().__init__()
        self._write = write

    def emit(self, record: logging.LogRecord) -> None:
        self._write(record.levelno, f"Router: {self.format(record)}".replace("\n", " | "))
