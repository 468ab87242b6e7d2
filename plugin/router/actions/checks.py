"""What is wrong with an action beyond what its model can see, as (path in the action, message)."""

import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from types import MappingProxyType
from typing import Any

from router.documents.action import Forward, Label, Modify
from router.documents.transform import Transform
from router.messages import problems_of as problems_of_notify
from router.templates import check_template
from router.transforms import TransformError, check

#: Orthanc Book, "Labels".
LABEL = re.compile(r"[A-Za-z0-9_-]{1,64}")

#: What tells one stored instance from another (Orthanc Book, "Orthanc identifiers").
_IDENTITY = frozenset({"PatientID", "StudyInstanceUID", "SeriesInstanceUID", "SOPInstanceUID"})


def _of_forward(action: Forward) -> Iterator[tuple[str, str]]:
    if action.transform is not None:
        yield from _of_transform(action.transform)


def _of_modify(action: Modify) -> Iterator[tuple[str, str]]:
    yield from _of_transform(action.transform)
    transform = action.transform
    if transform.uids == "keep" and not _IDENTITY & {*transform.replace, *transform.insert}:
        yield (
            "transform.uids",
            "The copy would have the identity of its original, and cannot be stored beside it: regenerate the"
            " UIDs",
        )


def _of_label(action: Label) -> Iterator[tuple[str, str]]:
    for problem in check_template(action.label):
        yield "label", problem
    if "{" not in action.label and not LABEL.fullmatch(action.label):
        yield "label", "A label has at most 64 letters (A to Z), digits, underscores and hyphens"


def _of_transform(transform: Transform) -> Iterator[tuple[str, str]]:
    if transform == Transform():
        yield "transform", "It changes nothing"
    try:
        check(transform)
    except TransformError as error:
        for path, message in error.problems:
            yield f"transform.{path}", message


#: By the action's type.
CHECKS: Mapping[str, Callable[[Any], Iterable[tuple[str, str]]]] = MappingProxyType(
    {
        "forward": _of_forward,
        "label": _of_label,
        "modify": _of_modify,
        "notify": problems_of_notify,
    }
)
