"""What an action is given to do, and what comes of it."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Protocol

from router.destinations import Sender
from router.documents.action import Action
from router.documents.delivery import Delivery
from router.orthanc_api import OrthancApi


@dataclass(frozen=True, slots=True)
class Work:
    """Deliveries of one action of one policy revision that are carried out together."""

    action: Action
    deliveries: Sequence[Delivery]
    #: The Orthanc identifiers of all that has not arrived yet, each once.
    instances: Sequence[str]
    orthanc: OrthancApi
    sender: Sender


@dataclass
class Sent:
    """What became of the instances."""

    arrived: list[str] = field(default_factory=list)
    #: Why, by instance.
    refused: dict[str, str] = field(default_factory=dict)
    #: The destination went away; what is neither arrived nor refused was not sent, or not known to be.
    unavailable: str | None = None


class Perform(Protocol):
    """An action: carries out work. Raises DestinationUnavailable or nothing."""

    def __call__(self, work: Work) -> Sent: ...
