# SPDX-License-Identifier: GPL-3.0-or-later
"""What may come of a call of Orthanc's REST API but an answer."""

import json
from typing import Any


class OrthancError(Exception):
    """Orthanc has answered with an error; `message` is its own, with the details it gave."""

    def __init__(
        self, status: int, message: str, code: int | None = None, dimse_status: int | None = None
    ) -> None:
        super().__init__(message)
        self.status = status
        self.message = message
        #: Orthanc's number of the error (`OrthancStatus`), where it gave one.
        self.code = code
        #: What a DICOM node has answered (PS3.7, annex C), where Orthanc tells (1.12.10 and newer).
        self.dimse_status = dimse_status


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
    message = told.get("Details") or told.get("Message", "")
    return OrthancError(status, message, told.get("OrthancStatus"), _dimse_status(told.get("ErrorPayload")))


def _dimse_status(payload: object) -> int | None:
    """The status in what Orthanc tells of an error beside its words."""
    match payload:
        case {"Type": "Dimse", "Content": {"DimseErrorStatus": int(status)}}:
            return status
    return None
