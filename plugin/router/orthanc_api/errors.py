# SPDX-License-Identifier: GPL-3.0-or-later
"""The errors of calls of Orthanc's REST API."""

import json
from typing import Any


class OrthancError(Exception):
    """Orthanc has answered with an error. `message`: its own message, with details."""

    def __init__(
        self, status: int, message: str, code: int | None = None, dimse_status: int | None = None
    ) -> None:
        super().__init__(message)
        self.status = status
        self.message = message
        #: Orthanc's error code (`OrthancStatus`), where the answer has one.
        self.code = code
        #: The status in a DICOM node's answer (PS3.7, annex C), where Orthanc gives it (1.12.10 and newer).
        self.dimse_status = dimse_status


class OrthancUnreachable(Exception):  # noqa: N818 - it reads as what it says
    """Orthanc's web server did not answer."""


class OrthancSilent(OrthancUnreachable):
    """Orthanc's web server has accepted the connection, and closed it without an answer."""


def error_of(status: int, body: bytes) -> OrthancError:
    """Return the error in an answer of Orthanc."""
    try:
        told: dict[str, Any] = json.loads(body)
    except ValueError:
        return OrthancError(status, f"Orthanc answers with HTTP status {status}")
    message = told.get("Details") or told.get("Message", "")
    return OrthancError(status, message, told.get("OrthancStatus"), _dimse_status(told.get("ErrorPayload")))


def _dimse_status(payload: object) -> int | None:
    """Return the DIMSE status in the payload of an error; None where it has none."""
    match payload:
        case {"Type": "Dimse", "Content": {"DimseErrorStatus": int(status)}}:
            return status
    return None
