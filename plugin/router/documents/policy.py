# SPDX-License-Identifier: GPL-3.0-or-later
"""Policies: a rule that selects images, and actions that say what to do with them."""

from typing import Annotated, Any, Literal

from pydantic import (
    Field,
    SerializerFunctionWrapHandler,
    StringConstraints,
    model_serializer,
    model_validator,
)

from router.documents.action import Action
from router.documents.document import Comment, Document
from router.documents.revision import Revision

Level = Literal["instance", "series", "study"]

Name = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=200)]


class Trigger(Document):
    """The level at which a policy fires; it fires for a series or study once that has been quiet."""

    #: The level that it fires for.
    level: Level = "instance"
    #: Seconds without a new image; None on series and studies means Orthanc's StableAge.
    quiet_seconds: int | None = Field(default=None, ge=1, le=7 * 86400)

    @model_validator(mode="after")
    def _an_instance_is_never_quiet(self) -> "Trigger":
        if self.level == "instance" and self.quiet_seconds is not None:
            raise ValueError("quiet_seconds is for series and studies; an instance fires at once")
        return self


class StoredResource(Document):
    """A resource in Orthanc, by Orthanc's identifier."""

    #: The level of the resource.
    level: Level
    #: Orthanc's identifier of the resource.
    id: str = Field(min_length=1, max_length=64)


class Case(Document):
    """A policy's own example: these tags, or this stored resource, must or must not match."""

    #: The name of the example, for people.
    name: Name
    #: Values by tag, as rules write tags.
    tags: dict[str, Any] | None = None
    #: Or a resource in Orthanc.
    resource: StoredResource | None = None
    #: Whether the rule must match.
    matches: bool

    @model_validator(mode="after")
    def _is_of_one_thing(self) -> "Case":
        if (self.tags is None) == (self.resource is None):
            raise ValueError("give either tags or a resource")
        return self

    @model_serializer(mode="wrap")
    def _without_the_other(self, serialize: SerializerFunctionWrapHandler) -> dict[str, Any]:
        written: dict[str, Any] = serialize(self)
        return {name: value for name, value in written.items() if value is not None}


class PolicyDraft(Document):
    """A policy as a client writes it. `router.rules` checks the rule, because it knows the language."""

    #: Unique among policies; upper and lower case count as the same.
    name: Name
    #: For people.
    description: str = Field(default="", max_length=10_000)
    #: Whether the policy is in use.
    enabled: bool = True
    #: Lowest first; policies of the same order by name.
    order: int = Field(default=100, ge=-1_000_000, le=1_000_000)
    #: The level at which it fires, and when.
    trigger: Trigger = Trigger()
    #: Which images match: a condition, or `all`, `any`, `not` of others.
    rule: dict[str, Any]
    #: True considers the policy only where no other policy has matched.
    fallback: bool = False
    #: True ends the search at a match: policies after this one are not considered.
    stop: bool = False
    #: What to do with the matching images.
    actions: list[Action] = Field(default_factory=list, max_length=50)
    #: Examples of this policy, checked at each save.
    cases: list[Case] = Field(default_factory=list, max_length=1000)
    #: The comment on this save only.
    comment: Comment = ""


class Policy(Revision, PolicyDraft):
    """A stored policy; every save makes a new revision."""
