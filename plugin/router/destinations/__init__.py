# SPDX-License-Identifier: GPL-3.0-or-later
"""The kinds of destinations, one file or folder each."""

from collections.abc import Mapping
from importlib import import_module
from pkgutil import iter_modules
from types import MappingProxyType

from router.destinations.kind import (
    DestinationUnavailable,
    DicomTls,
    Installation,
    InstancesRefused,
    Kind,
    LoginRefused,
    Sender,
    Taking,
    Target,
    Unconfirmed,
)
from router.destinations.notifying import (
    Attachment,
    Collecting,
    Declined,
    Notice,
    NoticeTexts,
    Notifier,
    Paced,
)
from router.destinations.opening import Opening
from router.destinations.outgoing import ImageGone, ImageRefused, NotEnoughMemory, Outgoing
from router.destinations.own_address import OwnAddress
from router.destinations.processing import Answer, Packing, Parcel, Processor
from router.destinations.whereabouts import Whereabouts


def _kinds() -> dict[str, Kind]:
    modules = (import_module(f"{__name__}.{module.name}") for module in iter_modules(__path__))
    kinds = (vars(module).get("KIND") for module in modules)
    return {kind.name: kind for kind in kinds if isinstance(kind, Kind)}


#: All kinds by name: each module of this package that defines a `KIND`.
KINDS: Mapping[str, Kind] = MappingProxyType(_kinds())

__all__ = [
    "KINDS",
    "Answer",
    "Attachment",
    "Collecting",
    "Declined",
    "DestinationUnavailable",
    "DicomTls",
    "ImageGone",
    "ImageRefused",
    "Installation",
    "InstancesRefused",
    "Kind",
    "LoginRefused",
    "NotEnoughMemory",
    "Notice",
    "NoticeTexts",
    "Notifier",
    "Opening",
    "Outgoing",
    "OwnAddress",
    "Paced",
    "Packing",
    "Parcel",
    "Processor",
    "Sender",
    "Taking",
    "Target",
    "Unconfirmed",
    "Whereabouts",
]
