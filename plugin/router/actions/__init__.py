"""What policies do: the actions, one file each."""

from collections.abc import Callable, Iterable, Mapping
from types import MappingProxyType
from typing import Any

from router.actions import forward, notify, process
from router.actions.callback_token import CallbackTokens
from router.actions.work import Perform, Sent, Site, UnfitDestination, Work
from router.messages import problems_of

#: Every action there is, by its type in a policy document.
ACTIONS: Mapping[str, Perform] = MappingProxyType(
    {"forward": forward.perform, "notify": notify.perform, "process": process.perform}
)

#: What is wrong with an action beyond what its model can see, as (path in it, message), by its type.
CHECKS: Mapping[str, Callable[[Any], Iterable[tuple[str, str]]]] = MappingProxyType({"notify": problems_of})

__all__ = ["ACTIONS", "CHECKS", "CallbackTokens", "Perform", "Sent", "Site", "UnfitDestination", "Work"]
