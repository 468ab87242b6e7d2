# SPDX-License-Identifier: GPL-3.0-or-later
"""The interface of every kind of destination: a settings model, a test, and a way to send.

A kind is one file or folder in this package that defines one `Kind`. A new kind changes no other file.
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
    """The destination as a whole cannot take anything now. The message says why, for an administrator.

    `arrived`: the Orthanc identifiers of instances that had safely arrived before. `retry_after`: the seconds
    for which the destination asked for a pause.
    """

    def __init__(self, message: str, arrived: Sequence[str] = (), retry_after: float = 0) -> None:
        super().__init__(message)
        self.arrived = list(arrived)
        self.retry_after = retry_after


class LoginRefused(DestinationUnavailable):
    """The destination refuses the login. Frequent attempts may lock the account."""


class InstancesRefused(Exception):  # noqa: N818
    """The destination answers, but does not take (some of) these instances.

    `reasons`: by Orthanc instance identifier; all other instances have arrived. Empty where the destination
    does not say which it refused: then only `arrived` are known to have arrived. `gone`: instances that
    are not in Orthanc any more. `note`: what `Sender.send` would have returned.
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

    `receipts`, by Orthanc instance identifier: the next attempt gets them back (`Outgoing.receipt`), and does
    not send these images again. `reasons` is as in InstancesRefused; an image with a reason and a receipt
    need not be sent again. The state of an image in none of `receipts`, `reasons` and `arrived` is unknown:
    the destination is unavailable then, and `unavailable` says why.
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
    """An open destination. Sender, Notifier and Processor say what it takes."""

    def test(self) -> str:
        """Show that the destination can be reached and would take data; return what was observed.

        Raises DestinationUnavailable.
        """
        ...

    def close(self) -> None:
        """Give back connections, and names registered elsewhere."""
        ...


@runtime_checkable
class Sender(Target, Protocol):
    """An open destination that takes images. May be used by several threads at once."""

    def send(self, images: Sequence[Outgoing]) -> str | None:
        """Send images; return when all have arrived. Returns what a person should know about it, if anything.

        Raises DestinationUnavailable, InstancesRefused or Unconfirmed.
        """
        ...


#: What a destination takes and an action needs: images to store (a Sender), notices (a Notifier), or images
#: to process (a Processor).
Taking = Literal["images", "notices", "processing"]


@dataclass(frozen=True, slots=True)
class DicomTls:
    """The files that Orthanc uses for TLS to DICOM nodes (`DicomTlsCertificate`, ...); empty where unset."""

    certificate: str = ""
    private_key: str = ""
    trusted_certificates: str = ""


@dataclass(frozen=True, slots=True)
class Installation:
    """What destinations may use of the machine that the router runs on."""

    orthanc: OrthancApi
    #: The folders below which the router may write files.
    folder_roots: Sequence[Path] = ()
    own_address: OwnAddress = field(default_factory=OwnAddress)
    dicom_tls: DicomTls = field(default_factory=DicomTls)
    #: How many connections one sending may use at once, where more connections are faster.
    connections: int = 1


@dataclass(frozen=True, slots=True)
class Address:
    """The network address of a destination."""

    #: Name or address of the destination's machine.
    host: str
    #: The AE title that it is called by; empty where it has none.
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
    #: The name that the page shows.
    label: str
    #: The settings. Secrets are fields made by `router.secrets.secret`. For forms, a field's JSON schema may
    #: say that few people need it (`x-rare`), and what its values are called (`x-labels`).
    settings: type[BaseModel]
    #: Makes a target from a name for what it registers elsewhere (`own_name`), its checked settings with the
    #: secrets in them, and the installation. Opens no connection. Raises DestinationUnavailable where Orthanc
    #: does not answer.
    open: Callable[[str, Any, Installation], Target]
    #: What is wrong with settings on this installation that the model cannot check, as (field, message). The
    #: field is empty where the fault is in no particular field.
    problems: Callable[[Any, Installation], Iterable[tuple[str, str]]] = _nothing_wrong
    #: What its targets take, which decides which actions can use it.
    takes: frozenset[Taking] = frozenset({"images"})
    #: What an action lacks for this kind, or has too much, as (path in the action, message).
    misfits: Callable[[Any], Iterable[tuple[str, str]]] = _all_fit
    #: Whether settings, as stored, lead to this very Orthanc, as far as can be told. Raises
    #: OrthancError, OrthancUnreachable.
    leads_here: Callable[[Mapping[str, Any], Installation], bool] = _elsewhere
    #: The address in settings, as stored; None where this kind sends no images to Orthanc. Raises
    #: OrthancError, OrthancUnreachable.
    address: Callable[[Mapping[str, Any], Installation], Address | None] = _unknown
    #: The entry (`AET`, `Host`, ...) for a DICOM node in Orthanc, from settings as stored; empty where the
    #: node needs no entry of the router.
    entry: Callable[[Mapping[str, Any]], Mapping[str, object]] = _no_entry
