# SPDX-License-Identifier: GPL-3.0-or-later
"""Policies: the rule that says which images are meant, and the actions that say what to do."""

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
    """The level at which a policy fires; series and studies fire once they have been quiet."""

    #: What it fires for.
    level: Level = "instance"
    #: Seconds without a new image; None on series and studies means Orthanc's StableAge.
    quiet_seconds: int | None = Field(default=None, ge=1, le=7 * 86400)

    @model_validator(mode="after")
    def _an_instance_is_never_quiet(self) -> "Trigger":
        if self.level == "instance" and self.quiet_seconds is not None:
            raise ValueError("quiet_seconds is for series and studies; an instance fires at once")
        return self


class StoredResource(Document):
    """Something that Orthanc stores, by Orthanc's identifier."""

    #: What it is.
    level: Level
    #: Orthanc's identifier of it.
    id: str = Field(min_length=1, max_length=64)


class Case(Document):
    """A policy's own example: these tags, or this stored resource, must or must not match."""

    #: What the example is of, for people.
    name: Name
    #: Values by tag, as rules write tags.
    tags: dict[str, Any] | None = None
    #: Or something that Orthanc stores.
    resource: StoredResource | None = None
    #: What the rule must say.
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
    """What a client writes. The rule is checked by `router.rules`, where its language is known."""

    #: Of this policy alone, whatever the case of its letters.
    name: Name
    #: For people.
    description: str = Field(default="", max_length=10_000)
    #: Whether it is used.
    enabled: bool = True
    #: Lowest first; policies of the same order by name.
    order: int = Field(default=100, ge=-1_000_000, le=1_000_000)
    #: What it fires for, and when.
    trigger: Trigger = Trigger()
    #: Which images are meant: a condition, or `all`, `any`, `not` of others.
    rule: dict[str, Any]
    #: Looked at only where no other policy has matched.
    fallback: bool = False
    #: Where it matches, those after it are not looked at.
    stop: bool = False
    #: What is done with what matches.
    actions: list[Action] = Field(default_factory=list, max_length=50)
    #: Its own examples, run at each save.
    cases: list[Case] = Field(default_factory=list, max_length=1000)
    #: Of this save alone: the next one has its own.
    comment: Comment = ""


class Policy(Revision, PolicyDraft):
    """A stored policy; every save is a new revision."""
