"""What every kind of destination is: a settings model, a test, and a way to send.

A kind is one file in this package that defines one `Kind`; adding it touches no other file.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

from pydantic import BaseModel

from router.destinations.outgoing import Outgoing
from router.orthanc_api import OrthancApi


class DestinationUnavailable(Exception):  # noqa: N818 - it reads as what it says
    """The destination as a whole cannot take anything now; the message says why, for an administrator."""


class InstancesRefused(Exception):  # noqa: N818
    """The destination answers, but does not take (some of) these instances.

    `reasons` is by Orthanc instance identifier, and all others have arrived; empty where the
    destination does not say which, so that anything may or may not have arrived.
    """

    def __init__(self, message: str, reasons: Mapping[str, str] | None = None) -> None:
        super().__init__(message)
        self.reasons = dict(reasons or {})


class Sender(Protocol):
    """An open destination. May be used by several threads at once."""

    def send(self, images: Sequence[Outgoing]) -> None:
        """Send images; returns when all have arrived.

        Raises DestinationUnavailable or InstancesRefused.
        """
        ...

    def test(self) -> str:
        """Show that the destination can be reached and would take data; says what was seen.

        Raises DestinationUnavailable.
        """
        ...

    def close(self) -> None:
        """Give back what the sender holds (connections, names registered elsewhere)."""
        ...


@dataclass(frozen=True, slots=True)
class Kind:
    """A kind of destination, as the registry lists it."""

    name: str
    #: For people: what the page shows.
    label: str
    settings: type[BaseModel]
    #: Makes a sender from the destination's identifier (fit for naming things after it) and its checked
    #: settings. Opens no connection; raises DestinationUnavailable where Orthanc does not answer.
    open: Callable[[str, Any, OrthancApi], Sender]
