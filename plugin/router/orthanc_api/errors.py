"""What may come of a call of Orthanc's REST API but an answer."""

import json
from typing import Any


class OrthancError(Exception):
    """Orthanc has answered with an error; `message` is its own, with the details it gave."""

    def __init__(self, status: int, message: str, code: int | None = None) -> None:
        super().__init__(message)
        self.status = status
        self.message = message
        #: Orthanc's number of the error (`OrthancStatus`), where it gave one.
        self.code = code


class OrthancUnreachable(Exception):  # noqa: N818 - it reads as what it says
    """Orthanc's web server did not answer."""


class OrthancSilent(OrthancUnreachable):
    """Orthanc's web server has taken the connection, and closed it without an answer."""


def error_of(status: int, body: bytes) -> OrthancError:
    """The error in an answer of Orthanc."""
    try:
        told: dict[str, Any] = json.loads(body)
    except ValueError:
        return OrthancError(status, f"Orthanc answers with HTTP status {status}")
    return OrthancError(status, told.get("Details") or told.get("Message", ""), told.get("OrthancStatus"))
