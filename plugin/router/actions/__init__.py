"""What policies do: the actions, one file each."""

from collections.abc import Mapping
from types import MappingProxyType

from router.actions import forward
from router.actions.work import Perform, Sent, Work

#: Every action there is, by its type in a policy document.
ACTIONS: Mapping[str, Perform] = MappingProxyType({"forward": forward.perform})

__all__ = ["ACTIONS", "Perform", "Sent", "Work"]
