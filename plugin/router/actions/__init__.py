"""What policies do: the actions, one file each."""

from collections.abc import Mapping
from types import MappingProxyType

from router.actions import delete, forward, label, modify, notify, process
from router.actions.awaited import Awaited
from router.actions.callback_token import CallbackTokens
from router.actions.checks import CHECKS
from router.actions.this_orthanc import ThisOrthanc
from router.actions.work import Perform, SendResult, Services, UnfitDestination, Work

#: Every action there is, by its type in a policy document.
ACTIONS: Mapping[str, Perform] = MappingProxyType(
    {
        "delete": delete.perform,
        "forward": forward.perform,
        "label": label.perform,
        "modify": modify.perform,
        "notify": notify.perform,
        "process": process.perform,
    }
)

__all__ = [
    "ACTIONS",
    "CHECKS",
    "Awaited",
    "CallbackTokens",
    "Perform",
    "SendResult",
    "Services",
    "ThisOrthanc",
    "UnfitDestination",
    "Work",
]
