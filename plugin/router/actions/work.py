"""What an action is given to do, and what comes of it."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from functools import cached_property

from router.actions.awaited import Awaited
from router.actions.callback_token import CallbackTokens
from router.destinations import (
    DestinationUnavailable,
    LoginRefused,
    Notifier,
    Processor,
    Sender,
    Target,
    Whereabouts,
)
from router.documents.action import Action
from router.documents.delivery import Delivery
from router.documents.transform import Transform
from router.lineage import Results
from router.orthanc_api import OrthancApi
from router.secrets import SecretsUnreadable
from router.store import LeasedDelivery, NewDelivery, Store
from router.transforms import Transformer, TransformError, Transforms


class UnfitDestination(Exception):  # noqa: N818 - it reads as what it says
    """The destination cannot do what the action asks for, whenever it is asked."""


@dataclass(frozen=True, slots=True)
class Services:
    """What actions may use beside their destination."""

    orthanc: OrthancApi
    #: Where people and services reach this Orthanc; empty where the configuration does not say.
    public_url: str
    tokens: CallbackTokens
    transforms: Transforms
    store: Store
    results: Results
    awaited: Awaited


@dataclass(frozen=True)
class Work:
    """Deliveries of one action of one policy revision that are carried out together."""

    action: Action
    leased: Sequence[LeasedDelivery]
    target: Target
    services: Services
    now: datetime
    #: Whether what the target is sent comes in at this very Orthanc again, as far as can be told.
    leads_here: Callable[[], bool] = bool
    #: Where the target is.
    whereabouts: Callable[[], Whereabouts] = Whereabouts

    @property
    def orthanc(self) -> OrthancApi:
        """Orthanc's REST API."""
        return self.services.orthanc

    @property
    def deliveries(self) -> list[Delivery]:
        """The deliveries."""
        return [one.delivery for one in self.leased]

    @property
    def instances(self) -> list[str]:
        """The Orthanc identifiers of all that has not arrived yet, each once."""
        return list(self.deliveries_by_instance)

    @cached_property
    def deliveries_by_instance(self) -> Mapping[str, Delivery]:
        """All that has not arrived yet, with the delivery that it is to be sent for; the first where there
        are several."""
        by_instance: dict[str, Delivery] = {}
        for one in self.leased:
            for instance in one.instances:
                by_instance.setdefault(instance, one.delivery)
        return by_instance

    def delivery_of(self, instance: str) -> Delivery:
        """The delivery that an instance is to be sent for; the first where there are several."""
        return self.deliveries_by_instance[instance]

    def transformer(self, transform: Transform) -> Transformer:
        """A transform of the action, ready to be used. Raises UnfitDestination, DestinationUnavailable."""
        destination = self.leased[0].delivery.destination
        try:
            return self.services.transforms.of(transform, destination.id if destination else "")
        except TransformError as error:
            raise UnfitDestination(f"The transform cannot be used by this version: {error}") from error
        except SecretsUnreadable as error:
            raise DestinationUnavailable(f"The key of pseudonyms cannot be read. {error}") from error

    @property
    def receipts(self) -> dict[str, str]:
        """What the destination has given for instances that it took at an earlier attempt."""
        return {instance: receipt for one in self.leased for instance, receipt in one.receipts.items()}

    @property
    def sender(self) -> Sender:
        """The destination, for images. Raises UnfitDestination."""
        if not isinstance(self.target, Sender):
            raise UnfitDestination("The destination takes no images")
        return self.target

    @property
    def notifier(self) -> Notifier:
        """The destination, for notices. Raises UnfitDestination."""
        if not isinstance(self.target, Notifier):
            raise UnfitDestination("The destination takes no notices")
        return self.target

    @property
    def processor(self) -> Processor:
        """The destination, for processing. Raises UnfitDestination."""
        if not isinstance(self.target, Processor):
            raise UnfitDestination("The destination does not process images")
        return self.target


@dataclass
class SendResult:
    """What became of the instances."""

    arrived: list[str] = field(default_factory=list)
    #: Why, by instance.
    refused: dict[str, str] = field(default_factory=dict)
    #: Those of them that were deleted from Orthanc.
    gone: set[str] = field(default_factory=set)
    #: Instances for which no later attempt can fare better: a delivery that has no others left has failed.
    hopeless: set[str] = field(default_factory=set)
    #: The destination went away; what is neither arrived nor refused was not sent, or not known to be.
    unavailable: str | None = None
    #: Seconds for which the destination has asked to be left alone.
    retry_after: float = 0
    #: It is the login that is refused, which is not to be tried more often than deliveries are.
    login_refused: bool = False
    #: No later attempt can fare better: what has not arrived has failed for good.
    lasting: bool = False
    #: By instance, what the destination has given for those that it took and has yet to confirm.
    receipts: dict[str, str] = field(default_factory=dict)
    #: When to look whether it has.
    look_again_seconds: float = 0
    #: Instances that are sent only once a person has looked at them; their delivery waits for that.
    withheld: set[str] = field(default_factory=set)
    #: Instances that are sent only once a list of codes has their patient; their delivery waits for that.
    unlisted: set[str] = field(default_factory=set)
    #: What has not arrived waits until then, for what the note says.
    held_until: datetime | None = None
    #: Whether an attempt was made at all.
    tried: bool = True
    #: What a person should know of it, beside errors.
    note: str | None = None
    #: The same of single deliveries, by id, in its place.
    notes: Mapping[str, str] = field(default_factory=dict)
    #: A delivery that follows this one once it has succeeded.
    successor: NewDelivery | None = None
    #: By a delivery's id, where deliveries that were carried out together fared differently.
    by_delivery: Mapping[str, "SendResult"] = field(default_factory=dict)

    def went_away(self, error: DestinationUnavailable) -> "SendResult":
        """This, with why the destination takes nothing any more."""
        self.unavailable, self.retry_after = str(error), error.retry_after
        self.login_refused = isinstance(error, LoginRefused)
        return self

    def of(self, delivery: str) -> "SendResult":
        """What became of one delivery's instances."""
        return self.by_delivery.get(delivery, self)

    @property
    def parts(self) -> Sequence["SendResult"]:
        """What became of all, each different fate once."""
        return list(self.by_delivery.values()) or [self]
