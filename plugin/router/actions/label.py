# SPDX-License-Identifier: GPL-3.0-or-later
"""Action `label`: resources get a label in this Orthanc (Orthanc Book, "Labels")."""

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import partial
from typing import Any, ClassVar, Literal

from pydantic import Field

from router.actions.action_type import ActionType
from router.actions.work import SendResult, Work
from router.destinations import DestinationUnavailable
from router.documents.action import Access, BaseAction
from router.documents.policy import Level
from router.orthanc_api import OrthancError, OrthancUnreachable
from router.store import LeasedDelivery
from router.templates import FileTags, NotDicom, Template, TemplateError, check_template

#: Orthanc Book, "Labels".
_LABEL = re.compile(r"[A-Za-z0-9_-]{1,64}")
_NOT_IN_LABELS = re.compile(r"[^A-Za-z0-9_-]+")
_LONGEST = 64
#: How many instances one call asks for their series.
_AT_ONCE = 500


class Label(BaseAction):
    """Give the resource a label (Orthanc 1.12 and newer)."""

    accesses: ClassVar[Access] = "update"

    type: Literal["label"]
    #: A template. Characters that are not allowed in a label become underscores.
    label: str = Field(min_length=1, max_length=1000)
    #: The resource that gets the label: the one that the policy fires for, or the series or study it is in.
    level: Literal["instance", "series", "study"] | None = None


def problems(action: Label) -> Iterator[tuple[str, str]]:
    """Yield what is wrong with the template, or with a label without a template in it."""
    for problem in check_template(action.label):
        yield "label", problem
    if "{" not in action.label and not _LABEL.fullmatch(action.label):
        yield "label", "A label has at most 64 letters (A to Z), digits, underscores and hyphens"


def perform(work: Work) -> SendResult:
    """Label the instances, or their series or studies; each resource gets its own text."""
    assert isinstance(work.action, Label)
    [leased] = work.leased
    level = work.action.level or leased.delivery.resource.level
    result = SendResult()
    try:
        for resource, instances in _resources(work, level, leased).items():
            _label(work, level, resource, instances, work.action.label, result)
    except OrthancUnreachable as error:
        raise DestinationUnavailable(str(error), result.arrived) from error
    gone = dict.fromkeys(leased.instances, "not in Orthanc any more")
    result.refused = {
        one: result.refused.get(one, gone[one]) for one in gone if one not in set(result.arrived)
    }
    return result


def _resources(work: Work, level: Level, leased: LeasedDelivery) -> dict[str, list[str]]:
    """Return the resources to label by Orthanc's identifier, each with its instances of the delivery. Asks
    Orthanc only where the delivery does not say. Raises OrthancUnreachable."""
    about = leased.delivery.resource
    if level == "instance":
        return {instance: [instance] for instance in leased.instances}
    if level == "study" and about.study:
        return {about.study: list(leased.instances)}
    if about.level == "series":
        return {about.series: list(leased.instances)}
    resources: dict[str, list[str]] = {}
    for content in _contents(work, leased.instances):
        resources.setdefault(str(content["ParentSeries"]), []).append(content["ID"])
    return resources


def _label(
    work: Work, level: Level, resource: str, instances: Sequence[str], template: str, result: SendResult
) -> None:
    """Label one resource. Fills in the template for its first instance. Raises OrthancUnreachable."""
    try:
        text = _text(template, partial(work.orthanc.file, instances[0]))
        work.orthanc.add_label(level, resource, text)
    except OrthancError as error:
        if error.status != 404:
            result.refused |= dict.fromkeys(instances, error.message)
            return
        # That instance is gone; others may still be there.
        there = [content["ID"] for content in _contents(work, instances) if content["ID"] != instances[0]]
        if there:
            _label(work, level, resource, there, template, result)
    except (NotDicom, TemplateError, ValueError) as error:
        result.refused |= dict.fromkeys(instances, str(error))
    else:
        result.arrived += instances


def _contents(work: Work, instances: Sequence[str]) -> Iterator[Mapping[str, Any]]:
    for start in range(0, len(instances), _AT_ONCE):
        yield from work.orthanc.bulk_content(instances[start : start + _AT_ONCE])


def _text(template: str, file: Callable[[], bytes]) -> str:
    """Return the label for an image. Calls `file` only where the template needs it.

    Raises NotDicom, TemplateError, ValueError where the text is empty, and the errors of `file`.
    """
    rendered = Template(template).render(FileTags(file())) if "{" in template else template
    label = _NOT_IN_LABELS.sub("_", rendered.strip())[:_LONGEST]
    if not _LABEL.fullmatch(label) or not label.strip("_"):
        raise ValueError("The template of the label gives an empty text for this image: give a default")
    return label


ACTION = ActionType(
    model=Label,
    perform=perform,
    label="Label",
    hint="Mark the study, series or image in Orthanc",
    summary="labels",
    problems=problems,
    first_orthanc="1.12",
)
