# SPDX-License-Identifier: GPL-3.0-or-later
"""The only access to Orthanc's REST API."""

from router.orthanc_api.calls import ECHO, OrthancApi
from router.orthanc_api.changes import Change, Changes
from router.orthanc_api.errors import OrthancError, OrthancUnreachable

__all__ = ["ECHO", "Change", "Changes", "OrthancApi", "OrthancError", "OrthancUnreachable"]
