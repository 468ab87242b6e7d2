# SPDX-License-Identifier: GPL-3.0-or-later
"""The origin of a result: the policy, action and service that made it, and the source."""

from pydantic import Field

from router.documents.delivery import ActionReference, PolicyReference
from router.documents.document import Document, Instant
from router.documents.policy import Level


class Place(Document):
    """An Orthanc resource with its series and study. `series` is empty for a series or study."""

    level: Level
    id: str
    series: str = ""
    study: str


class Lineage(Document):
    """The record that an instance was made from an instance, a series or a study."""

    result: Place
    source: Place
    policy: PolicyReference
    action: ActionReference
    #: The delivery that made it.
    delivery: str
    #: The name of the service; None where the router made it itself.
    service: str | None = None
    #: The ids of all policies between the image that came from outside and this result, this one included.
    #: None of them fires for the result.
    policies: list[str]
    #: The number of results between the image that came from outside and this one, this one included.
    hops: int = Field(ge=1)
    made_at: Instant
