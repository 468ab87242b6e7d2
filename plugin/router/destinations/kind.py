# SPDX-License-Identifier: GPL-3.0-or-later
"""What every kind of destination is: a settings model, a test, and a way to send.

A kind is one file or folder in this package that defines one `Kind`; adding it touches no other file.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal, Protocol, runtime_checkable

from pydantic import BaseModel

from router.destinations.outgoing import Outgoing
from router.destinations.own_address import OwnAddress
from router.orthanc_api import OrthancApi


class DestinationUnavailable(Exception):  # noqa: N818 - it reads as what it says
    """The destination as a whole cannot take anything now; the message says why, for an administrator.

    `arrived` are the Orthanc identifiers of instances that had safely arrived before; `retry_after` are
    the seconds for which the destination has asked to be left alone.
    """

    def __init__(self, message: str, arrived: Sequence[str] = (), retry_after: float = 0) -> None:
        super().__init__(message)
        self.arrived = list(arrived)
        self.retry_after = retry_after


class LoginRefused(DestinationUnavailable):
    """It is the login that is refused: trying it often may have the account locked."""


class InstancesRefused(Exception):  # noqa: N818
    """The destination answers, but does not take (some of) these instances.

    `reasons` is by Orthanc instance identifier, and all others have arrived; empty where the
    destination does not say which, so that anything but `arrived` may or may not have arrived. `gone` are
    those that are not in Orthanc any more; `note` is what `Sender.send` would have returned.
    """

    def __init__(
        self,
        message: str,
        reasons: Mapping[str, str] | None = None,
        arrived: Sequence[str] = (),
        gone: Iterable[str] = (),
        note: str | None = None,
    ) -> None:
        super().__init__(message)
        self.reasons = dict(reasons or {})
        self.arrived = list(arrived)
        self.gone = set(gone)
        self.note = note


class Unconfirmed(Exception):  # noqa: N818
    """The destination has taken images, and has yet to confirm that it keeps them.

    `receipts` are what it is to be given again with these images (`Outgoing.receipt`), which it does not send
    again then. `reasons` is as in InstancesRefused; where there is a receipt too, the image need not be sent
    again. What is in neither, nor in `arrived`, is not known; it is `unavailable` then, for this reason.
    """

    def __init__(
        self,
        message: str,
        receipts: Mapping[str, str],
        reasons: Mapping[str, str],
        arrived: Sequence[str],
        look_again_seconds: float,
        unavailable: str | None = None,
    ) -> None:
        super().__init__(message)
        self.receipts = dict(receipts)
        self.reasons = dict(reasons)
        self.arrived = list(arrived)
        self.look_again_seconds = look_again_seconds
        self.unavailable = unavailable


class Target(Protocol):
    """An open destination; what it takes is said by Sender, `notifying` and `processing`."""

    def test(self) -> str:
        """Show that the destination can be reached and would take data; says what was seen.

        Raises DestinationUnavailable.
        """
        ...

    def close(self) -> None:
        """Give back what it holds (connections, names registered elsewhere)."""
        ...


@runtime_checkable
class Sender(Target, Protocol):
    """An open destination that takes images. May be used by several threads at once."""

    def send(self, images: Sequence[Outgoing]) -> str | None:
        """Send images; returns when all have arrived, with what a person should know of how, if anything.

        Raises DestinationUnavailable, InstancesRefused or Unconfirmed.
        """
        ...


#: What a destination takes, and an action needs: images (a Sender), notices (a Notifier), images of which it
#: makes something (a Processor).
Taking = Literal["images", "notices", "processing"]


@dataclass(frozen=True, slots=True)
class DicomTls:
    """The files by which Orthanc calls nodes by TLS (`DicomTlsCertificate`, ...); empty where it has none."""

    certificate: str = ""
    private_key: str = ""
    trusted_certificates: str = ""


@dataclass(frozen=True, slots=True)
class Installation:
    """What destinations may use of the machine that the router runs on."""

    orthanc: OrthancApi
    #: The folders below which files may be written.
    folder_roots: Sequence[Path] = ()
    own_address: OwnAddress = field(default_factory=OwnAddress)
    dicom_tls: DicomTls = field(default_factory=DicomTls)
    #: How many connections one sending may use at once, where they bring something.
    connections: int = 1


@dataclass(frozen=True, slots=True)
class Address:
    """Where a destination is."""

    #: Name or address of its machine.
    host: str
    #: The AE title by which it is called; empty where it has none.
    aet: str = ""


def _nothing_wrong(_settings: Any, _installation: Installation) -> Iterable[tuple[str, str]]:
    return ()


def _all_fit(_action: Any) -> Iterable[tuple[str, str]]:
    return ()


def _unknown(_settings: Mapping[str, Any], _installation: Installation) -> Address | None:
    return None


def _elsewhere(_settings: Mapping[str, Any], _installation: Installation) -> bool:
    return False


def _no_entry(_settings: Mapping[str, Any]) -> Mapping[str, object]:
    return {}


@dataclass(frozen=True, slots=True)
class Kind:
    """A kind of destination, as the registry lists it."""

    name: str
    #: For people: what the page shows.
    label: str
    #: Its secrets are fields made by `router.secrets.secret`.
    settings: type[BaseModel]
    #: Makes a target from a name that things of its own can have (`own_name`), its checked settings with
    #: the secrets in them, and the installation. Opens no connection; raises
    #: DestinationUnavailable where Orthanc does not answer.
    open: Callable[[str, Any, Installation], Target]
    #: What is wrong with settings on this installation beyond what the model can see, as (field, message);
    #: the field is empty where it is none in particular.
    problems: Callable[[Any, Installation], Iterable[tuple[str, str]]] = _nothing_wrong
    #: What its targets take: by that it is known which actions can use it.
    takes: frozenset[Taking] = frozenset({"images"})
    #: What such an action lacks for this kind, or has too much, as (path in the action, message).
    misfits: Callable[[Any], Iterable[tuple[str, str]]] = _all_fit
    #: Whether settings, as they are stored, lead to this very Orthanc, as far as can be told. Raises
    #: OrthancError, OrthancUnreachable.
    leads_here: Callable[[Mapping[str, Any], Installation], bool] = _elsewhere
    #: Where settings, as they are stored, lead to; None where that sends no images here. Raises OrthancError,
    #: OrthancUnreachable.
    address: Callable[[Mapping[str, Any], Installation], Address | None] = _unknown
    #: The entry (`AET`, `Host`, ...) by which Orthanc is to know a DICOM node, from settings as they are
    #: stored; empty where it needs none of ours.
    entry: Callable[[Mapping[str, Any]], Mapping[str, object]] = _no_entry
