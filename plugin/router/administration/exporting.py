# SPDX-License-Identifier: GPL-3.0-or-later
"""Writes policies and destinations for an exported document: by name, without the fields that the server
sets."""

from collections.abc import Mapping, Sequence
from typing import Any

from router.administration.destination_drafts import SECRETS_SET
from router.documents.action import DestinationAction
from router.documents.destination import Destination, DestinationDraft
from router.documents.policy import Policy, PolicyDraft
from router.documents.revision import SERVER_FIELDS
from router.documents.routing_document import RoutingDocument
from router.secrets import sealed_names


def exported(destinations: Sequence[Destination], policies: Sequence[Policy]) -> RoutingDocument:
    """Return one document: destinations by name, policies in the order of evaluation."""
    names = {destination.id: destination.name for destination in destinations}
    in_order = sorted(policies, key=lambda policy: (policy.order, policy.name.casefold()))
    return RoutingDocument(
        version=1,
        destinations=[written_destination(destination, names) for destination in destinations],
        policies=[_without_ids(written_policy(policy, names)) for policy in in_order],
    )


def written_destination(
    destination: DestinationDraft, names: Mapping[str, str], whole: bool = False
) -> dict[str, Any]:
    """Return a destination with its alternate by name, and the names of its secrets in place of them.

    `names` gives names by id. `whole` includes default values.
    """
    written = _written(destination, whole)
    secrets = sealed_names(destination.settings)
    written["settings"] = {name: value for name, value in destination.settings.items() if name not in secrets}
    if secrets:
        written[SECRETS_SET] = secrets
    if destination.alternate is not None:
        written["alternate"] = names.get(destination.alternate, destination.alternate)
    return written


def written_policy(policy: PolicyDraft, names: Mapping[str, str], whole: bool = False) -> dict[str, Any]:
    """Return a policy with its destinations by name, and its actions with their ids.

    `names` gives names by id. `whole` includes default values.
    """
    written = _written(policy, whole)
    for action, document in zip(policy.actions, written.get("actions", []), strict=True):
        if isinstance(action, DestinationAction):
            document["destination"] = names.get(action.destination, action.destination)
    return written


def _written(document: DestinationDraft | PolicyDraft, whole: bool) -> dict[str, Any]:
    """Return the fields without a default value, and `enabled`; all fields where `whole`."""
    left_out = {*SERVER_FIELDS, "comment"}
    everything = document.model_dump(mode="json", exclude=left_out)
    if whole:
        return everything
    written = document.model_dump(mode="json", exclude=left_out, exclude_defaults=True)
    return {name: written.get(name, everything[name]) for name in everything if name in {"enabled", *written}}


def _without_ids(policy: dict[str, Any]) -> dict[str, Any]:
    for action in policy.get("actions", []):
        action.pop("id", None)
    return policy
