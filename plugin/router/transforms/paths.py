# SPDX-License-Identifier: GPL-3.0-or-later
"""The places in a data set that the tag paths of a transform lead to."""

from collections.abc import Iterable, Iterator, Sequence

from pydicom import DataElement, Dataset
from pydicom.datadict import dictionary_VR
from pydicom.sequence import Sequence as DicomSequence
from pydicom.tag import BaseTag, Tag

from router.rules.tag_path import Step, TagPath


def creator_of(level: Dataset, tag: BaseTag) -> str:
    """The creator of a private tag's block; empty where none has reserved it (PS3.5, 7.8.1)."""
    creator = level.get(tag.private_creator) if tag.is_private and tag.element > 0xFF else None
    return "" if creator is None else str(creator.value).strip(" \0")


def vr_of(level: Dataset, tag: BaseTag) -> str:
    """The VR of an existing element, without converting its value."""
    vr = level.get_item(tag, keep_deferred=True).VR
    if vr is None or vr == "UN":
        try:
            return dictionary_VR(tag)
        except KeyError:
            return vr or "UN"
    return vr


class Named:
    """The elements of one level of a data set, and inside them, that the paths of a transform name."""

    def __init__(self, paths: Iterable[Sequence[Step]] = ()) -> None:
        self._paths = list(paths)

    def __bool__(self) -> bool:
        return bool(self._paths)

    def at(self, level: Dataset, tag: BaseTag) -> "Named":
        """The paths that begin with this element. The next three members describe them."""
        if not self._paths:
            return self
        return Named(path for path in self._paths if _is_meant(path[0], level, tag))

    @property
    def is_whole(self) -> bool:
        """Whether a path names the whole element, with all its values."""
        return any(len(path) == 1 and path[0].index is None for path in self._paths)

    @property
    def places(self) -> frozenset[int]:
        """The values or items that paths name by index."""
        return frozenset(
            path[0].index for path in self._paths if len(path) == 1 and path[0].index is not None
        )

    def inside(self, index: int) -> "Named":
        """The rest of the paths that lead into one of its items."""
        if not self._paths:
            return self
        return Named(path[1:] for path in self._paths if len(path) > 1 and path[0].index in {None, index})

    def reaches(self, level: Dataset) -> bool:
        """Whether the level has anything that the paths name."""
        tags = level.keys() if self._paths else ()
        return any(self._reaches(level, tag) for tag in tags)

    def _reaches(self, level: Dataset, tag: BaseTag) -> bool:
        found = self.at(level, tag)
        if any(len(path) == 1 for path in found._paths):
            return True
        items = level[tag].value if found else None
        return isinstance(items, DicomSequence) and any(
            found.inside(index).reaches(item) for index, item in enumerate(items)
        )


def levels(dataset: Dataset, path: TagPath, make: bool = False) -> Iterator[tuple[Dataset, BaseTag]]:
    """Yield the places that a path leads to: levels of the data set, each with the tag there.

    Without `make` the path leads through existing items only; with it, an empty or missing sequence gets an
    item. The tag of a private step is in its creator's block; with `make`, a missing block is reserved.
    """
    found = [dataset]
    for step in path.steps[:-1]:
        found = [item for level in found for item in _items(level, step, make)]
    for level in found:
        tag = _tag(level, path.steps[-1], make)
        if tag is not None:
            yield level, tag


def _items(level: Dataset, step: Step, make: bool) -> Sequence[Dataset]:
    tag = _tag(level, step, make)
    if tag is None:
        return ()
    if tag not in level or (make and not level[tag].value):
        if not make or (step.index or 0) > 0:
            return ()
        level[tag] = DataElement(tag, "SQ", DicomSequence([Dataset()]))
    items = level[tag].value
    if not isinstance(items, DicomSequence):
        return ()
    return list(items) if step.index is None else list(items[step.index : step.index + 1])


def _tag(level: Dataset, step: Step, make: bool) -> BaseTag | None:
    if not step.creator:
        return Tag(step.number)
    try:
        return level.private_block(step.group, step.creator, create=make).get_tag(step.element)
    except KeyError:
        return None


def _is_meant(step: Step, level: Dataset, tag: BaseTag) -> bool:
    if not step.creator:
        return int(tag) == step.number
    is_offset = bool(tag.group == step.group and tag.element & 0xFF == step.element)
    return is_offset and creator_of(level, tag) == step.creator
