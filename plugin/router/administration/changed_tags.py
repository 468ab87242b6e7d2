# SPDX-License-Identifier: GPL-3.0-or-later
"""Compares an image before and after a transform, tag by tag."""

import io
from collections.abc import Iterator

import pydicom
from pydicom import DataElement, Dataset
from typing_extensions import TypedDict

#: The most tags shown of one image, and the most characters of each value.
_MOST_TAGS = 300
_LONGEST = 256

#: VRs whose values are bytes, unreadable for people.
_BINARY = frozenset({"OB", "OD", "OF", "OL", "OV", "OW", "UN"})


class ChangedTag(TypedDict):
    """A tag before and after a transform, with its path inside sequences (`0008,1115[0].0020,000e`). A value
    is None where the tag is absent."""

    tag: str
    name: str
    before: str | None
    after: str | None


class ComparedTag(ChangedTag):
    """Any tag before and after a transform, changed or not."""

    changed: bool


def changed_tags(file: bytes, made: bytes) -> list[ChangedTag]:
    """Return the tags that differ between two files."""
    read = (pydicom.dcmread(io.BytesIO(one), force=True) for one in (file, made))
    return [
        ChangedTag(tag=tag["tag"], name=tag["name"], before=tag["before"], after=tag["after"])
        for tag in compared_tags(*read)
        if tag["changed"]
    ][:_MOST_TAGS]


def compared_tags(before: Dataset, after: Dataset) -> list[ComparedTag]:
    """Return all tags of two datasets."""
    left, right = dict(_elements(before)), dict(_elements(after))
    return [
        {
            "tag": path,
            "name": (right.get(path) or left[path]).name,
            "before": _shown(left.get(path)),
            "after": _shown(right.get(path)),
            "changed": not _is_same(left.get(path), right.get(path)),
        }
        for path in sorted(left.keys() | right.keys())
    ]


def _elements(dataset: Dataset, path: str = "") -> Iterator[tuple[str, DataElement]]:
    for element in dataset:
        at = f"{path}{element.tag.group:04x},{element.tag.element:04x}"
        if element.VR != "SQ":
            yield at, element
            continue
        for position, item in enumerate(element.value):
            yield from _elements(item, f"{at}[{position}].")


def _is_same(before: DataElement | None, after: DataElement | None) -> bool:
    return before is not None and after is not None and before.value == after.value


def _shown(element: DataElement | None) -> str | None:
    if element is None:
        return None
    if element.VR in _BINARY or isinstance(element.value, bytes):
        return f"{len(element.value or b''):,} bytes"
    value = element.value
    several = isinstance(value, pydicom.multival.MultiValue)
    text = "\\".join(map(str, value)) if several else "" if value is None else str(value)
    text = text.encode("utf-8", "replace").decode("utf-8")
    return text if len(text) <= _LONGEST else f"{text[:_LONGEST]}…"
