# SPDX-License-Identifier: GPL-3.0-or-later
"""Policies and destinations as one document, for example in a file of the hospital."""

from typing import Any, Literal

from pydantic import Field

from router.documents.document import Document


class RoutingDocument(Document):
    """Policies and destinations by name, as clients write them; see `router.administration.exchange`.

    Each name is there once; upper and lower case count as the same. Actions name their destinations,
    destinations their alternates. A secret of a destination is `{"env": "ROUTER_DESTINATION_..."}`: the
    environment variable that holds it.
    """

    version: Literal[1]
    destinations: list[dict[str, Any]] = Field(default_factory=list, max_length=10_000)
    policies: list[dict[str, Any]] = Field(default_factory=list, max_length=10_000)
