# SPDX-License-Identifier: GPL-3.0-or-later
"""The types of actions that policies carry out, one file or folder each."""

from collections.abc import Mapping
from importlib import import_module
from pkgutil import iter_modules
from types import MappingProxyType

from router.actions.action_type import ActionType, Perform
from router.actions.awaited import Awaited
from router.actions.callback_token import CallbackTokens
from router.actions.this_orthanc import ThisOrthanc
from router.actions.work import SendResult, Services, UnfitDestination, Work
from router.documents.action import BaseAction


def _types() -> dict[str, ActionType]:
    modules = (import_module(f"{__name__}.{module.name}") for module in iter_modules(__path__))
    types = (vars(module).get("ACTION") for module in modules)
    return {one.name: one for one in types if isinstance(one, ActionType)}


#: All types of actions by name: each module of this package that defines an `ACTION`.
ACTIONS: Mapping[str, ActionType] = MappingProxyType(_types())
# Policy documents read each action as the model of its type.
BaseAction.models = MappingProxyType({name: one.model for name, one in ACTIONS.items()})

__all__ = [
    "ACTIONS",
    "ActionType",
    "Awaited",
    "CallbackTokens",
    "Perform",
    "SendResult",
    "Services",
    "ThisOrthanc",
    "UnfitDestination",
    "Work",
]
