# SPDX-License-Identifier: GPL-3.0-or-later
"""As many of the services as the action under test uses."""

from dataclasses import dataclass, field
from typing import Any

from router.actions import Awaited
from router.orthanc_api import OrthancApi
from servers.orthanc_in_memory import OrthancInMemory


@dataclass
class ServicesSample:
    """`router.actions.Services` with an Orthanc, by default one in memory, and perhaps a store."""

    orthanc: OrthancApi = field(default_factory=OrthancInMemory)
    store: Any = None
    awaited: Awaited = field(default_factory=Awaited)
    public_url: str = ""
