# SPDX-License-Identifier: GPL-3.0-or-later
"""Where a result comes from: which policy, action and service made it out of what."""

from pydantic import Field

from router.documents.delivery import ActionReference, PolicyReference
from router.documents.document import Document, Instant
from router.documents.policy import Level


class Place(Document):
    """An Orthanc resource with those that it is in; empty where the level has none."""

    level: Level
    id: str
    series: str = ""
    study: str


class Lineage(Document):
    """That an instance has been made, out of an instance, a series or a study."""

    result: Place
    source: Place
    policy: PolicyReference
    action: ActionReference
    #: The delivery that has made it.
    delivery: str
    #: The name of the service; None where the router has made it by itself.
    service: str | None = None
    #: The ids of all policies on the way from what came in from outside, this one included: none of them
    #: fires for the result.
    policies: list[str]
    #: How many results lie between what came in from outside and this one, itself included.
    hops: int = Field(ge=1)
    made_at: Instant
