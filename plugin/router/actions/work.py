# SPDX-License-Identifier: GPL-3.0-or-later
"""Work, the input of an action, and SendResult, its result."""

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
    """The destination cannot do what the action asks for, neither now nor later."""


@dataclass(frozen=True, slots=True)
class Services:
    """What actions may use besides their destination."""

    orthanc: OrthancApi
    #: The address at which people and services reach this Orthanc; empty where the configuration gives none.
    public_url: str
    tokens: CallbackTokens
    transforms: Transforms
    store: Store
    results: Results
    awaited: Awaited


@dataclass(frozen=True)
class Work:
    """Deliveries of one action of one policy revision, which are carried out together."""

    action: Action
    leased: Sequence[LeasedDelivery]
    target: Target
    services: Services
    now: datetime
    #: Whether the target leads to this very Orthanc, as far as can be told.
    leads_here: Callable[[], bool] = bool
    #: The place of the target, to tell whether images came from it.
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
        """Orthanc's identifiers of all instances that have not arrived yet, each once."""
        return list(self.deliveries_by_instance)

    @cached_property
    def deliveries_by_instance(self) -> Mapping[str, Delivery]:
        """The delivery of each instance that has not arrived yet; the first where it is in several."""
        by_instance: dict[str, Delivery] = {}
        for one in self.leased:
            for instance in one.instances:
                by_instance.setdefault(instance, one.delivery)
        return by_instance

    def delivery_of(self, instance: str) -> Delivery:
        """Return the delivery of an instance; the first where it is in several."""
        return self.deliveries_by_instance[instance]

    def transformer(self, transform: Transform) -> Transformer:
        """Return the transformer for a transform. Raises UnfitDestination, DestinationUnavailable."""
        destination = self.leased[0].delivery.destination
        try:
            return self.services.transforms.of(transform, destination.id if destination else "")
        except TransformError as error:
            raise UnfitDestination(f"The transform cannot be used by this version: {error}") from error
        except SecretsUnreadable as error:
            raise DestinationUnavailable(f"The key of pseudonyms cannot be read. {error}") from error

    @property
    def receipts(self) -> dict[str, str]:
        """The receipts that the destination gave at an earlier attempt, by instance."""
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
    """The outcome of an action for each instance.

    An instance that is neither in `arrived` nor in `refused` was not sent, or it is unknown whether it was.
    """

    #: Orthanc's identifiers of the instances that arrived.
    arrived: list[str] = field(default_factory=list)
    #: Why instances were refused, by instance.
    refused: dict[str, str] = field(default_factory=dict)
    #: Refused instances that are not in Orthanc any more.
    gone: set[str] = field(default_factory=set)
    #: Instances for which a later attempt cannot do better. A delivery with only these left has failed.
    hopeless: set[str] = field(default_factory=set)
    #: Why the destination takes nothing any more; None where it still does.
    unavailable: str | None = None
    #: Seconds of the pause that the destination asks for.
    retry_after: float = 0
    #: Whether it refuses the login. Only deliveries try a refused login again: the account might be locked.
    login_refused: bool = False
    #: Whether a later attempt cannot do better: what has not arrived has failed for good.
    lasting: bool = False
    #: The receipts of instances that the destination took and has yet to confirm, by instance.
    receipts: dict[str, str] = field(default_factory=dict)
    #: Seconds until a worker must look whether the destination has confirmed them.
    look_again_seconds: float = 0
    #: Instances that a person must look at first; their delivery waits for this.
    withheld: set[str] = field(default_factory=set)
    #: Instances whose patient must be in a list of codes first; their delivery waits for this.
    unlisted: set[str] = field(default_factory=set)
    #: The delivery waits until this time with what has not arrived; `note` says why.
    held_until: datetime | None = None
    #: Whether this counts as an attempt.
    tried: bool = True
    #: A remark for people, besides errors.
    note: str | None = None
    #: Remarks on single deliveries, by delivery identifier; they replace `note`.
    notes: Mapping[str, str] = field(default_factory=dict)
    #: A delivery that begins once this one has succeeded.
    successor: NewDelivery | None = None
    #: The outcomes of deliveries that were carried out together and ended differently, by identifier.
    by_delivery: Mapping[str, "SendResult"] = field(default_factory=dict)

    def went_away(self, error: DestinationUnavailable) -> "SendResult":
        """Set the reason why the destination takes nothing any more; return this result."""
        self.unavailable, self.retry_after = str(error), error.retry_after
        self.login_refused = isinstance(error, LoginRefused)
        return self

    def of(self, delivery: str) -> "SendResult":
        """Return the outcome of one delivery."""
        return self.by_delivery.get(delivery, self)

    @property
    def parts(self) -> Sequence["SendResult"]:
        """All different outcomes, each once."""
        return list(self.by_delivery.values()) or [self]
