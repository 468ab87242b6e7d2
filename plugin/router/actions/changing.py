# SPDX-License-Identifier: GPL-3.0-or-later
"""Shared by the actions that change images: the check of their transform, and its remarks."""

from collections.abc import Iterable, Iterator, Sequence

from router.documents.transform import Transform
from router.transforms import TransformError, check

#: How many different remarks one note lists.
_MOST = 5


def problems_of_transform(transform: Transform) -> Iterator[tuple[str, str]]:
    """Yield what is wrong with the transform of an action, as (path in the action, message)."""
    if transform == Transform():
        yield "transform", "It changes nothing"
    try:
        check(transform)
    except TransformError as error:
        for path, message in error.problems:
            yield f"transform.{path}", message


def with_new_uids(transform: Transform) -> Transform:
    """Return the transform for a copy stored beside its original: it makes new UIDs, unless the transform
    itself says what to do with them."""
    if transform.anonymize or transform.uids is not None:
        return transform
    return transform.model_copy(update={"uids": "regenerate"})


class Remarks:
    """Collects the remarks of a transform on images, such as what it could not do. The same image may be
    changed more than once."""

    def __init__(self) -> None:
        self._by_instance: dict[str, Sequence[str]] = {}

    def add(self, instance: str, remarks: Sequence[str]) -> None:
        """Note the remarks of the transform on an image."""
        self._by_instance[instance] = remarks

    def note(self, arrived: Iterable[str]) -> str | None:
        """Return one text about the arrived images, with their number for each remark; None without any."""
        counts: dict[str, int] = {}
        for instance in arrived:
            for remark in self._by_instance.get(instance, ()):
                counts[remark] = counts.get(remark, 0) + 1
        told = [f"{count} image{'s' if count > 1 else ''}: {one}" for one, count in counts.items()]
        if len(told) > _MOST:
            told[_MOST:] = [f"{len(told) - _MOST} more remarks."]
        return " ".join(told) or None
