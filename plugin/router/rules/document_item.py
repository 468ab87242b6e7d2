# SPDX-License-Identifier: GPL-3.0-or-later
"""Tags from a JSON document: those of an evaluation on request, and of a policy's cases."""

from collections.abc import Mapping, Sequence
from typing import Any

from router.rules.operators import OPAQUE_VRS
from router.rules.problem import DEEPEST_PATH, MOST_GIVEN_VALUES, MOST_PROBLEMS, Problem, RuleError, Unfit
from router.rules.raw import Element, Raw, counted, element_of_text
from router.rules.tag_path import Step, TagPath, parse_tag

_Key = tuple[int, int, str]


class DocumentItem:
    """Given tags, by number and private creator."""

    def __init__(
        self, elements: Mapping[_Key, Element], sequences: Mapping[_Key, Sequence["DocumentItem"]]
    ) -> None:
        self._elements = elements
        self._sequences = sequences

    def element(self, step: Step, vr: str) -> Element | None:  # noqa: ARG002 - the VR was known when it was given
        """See Item."""
        return self._elements.get(_key(step))

    def items(self, step: Step) -> "Sequence[DocumentItem] | None":
        """See Item."""
        return self._sequences.get(_key(step))

    def elements_in_groups(self, step: Step, vr: str, sequence: int) -> Sequence[Element]:
        """See Item."""
        groups = self._sequences.get((sequence >> 16, sequence & 0xFFFF, ""), ())
        items = [
            inner
            for item in groups
            for inner in (item, *(one for items in item._sequences.values() for one in items))
        ]
        return [element for item in items if (element := item.element(step, vr)) is not None]


def read_document(tags: Mapping[str, Any]) -> tuple[DocumentItem, dict[str, str | int]]:
    """Return the tags and facts of a document. Raises RuleError with paths such as `tags.StudyDescripton`."""
    reader = _DocumentReader()
    item = reader.item(tags, "tags", 0)
    if reader.problems:
        raise RuleError(reader.problems)
    return item, reader.facts


class _DocumentReader:
    def __init__(self) -> None:
        self.problems: list[Problem] = []
        self.facts: dict[str, str | int] = {}
        self._values = 0

    def item(self, tags: object, path: str, depth: int) -> DocumentItem:
        elements: dict[_Key, Element] = {}
        sequences: dict[_Key, Sequence[DocumentItem]] = {}
        if not isinstance(tags, Mapping):
            self._report(path, "must be an object of tags and their values")
            tags = {}
        if depth > DEEPEST_PATH:
            self._report(path, f"sequences may be nested {DEEPEST_PATH} deep")
            tags = {}
        for text, value in tags.items():
            if len(self.problems) >= MOST_PROBLEMS:
                break
            here = f"{path}.{text}"
            try:
                tag = parse_tag(str(text))
                if tag.fact:
                    self._fact(tag, value, depth)
                    continue
                key = _key(_only_step(tag))
                if key in elements:
                    raise Unfit("is given twice")
                if tag.vr == "SQ" or (tag.vr == "UN" and _is_items(value)):
                    items = [
                        self.item(entry, f"{here}[{index}]", depth + 1)
                        for index, entry in enumerate(_items(value))
                    ]
                    sequences[key] = items
                    elements[key] = Element((counted(len(items), "item"),) if items else ())
                else:
                    elements[key] = self._element(value, tag.vr)
            except Unfit as unfit:
                self._report(here, str(unfit))
        return DocumentItem(elements, sequences)

    def _fact(self, tag: TagPath, value: object, depth: int) -> None:
        if depth:
            raise Unfit("is a fact of the arrival and cannot be inside a sequence")
        if isinstance(value, bool) or not isinstance(value, str | int):
            raise Unfit("must be a text or a whole number")
        self.facts[tag.text] = value

    def _element(self, value: object, vr: str) -> Element:
        values = value if isinstance(value, list) else [value]
        self._values += len(values)
        if self._values > MOST_GIVEN_VALUES:
            raise Unfit(f"more than {MOST_GIVEN_VALUES} values are given in all")
        parts: list[Raw] = []
        cut = False
        for part in values:
            if part is None or part == "":
                parts.append("")
            elif isinstance(part, bool) or not isinstance(part, str | int | float):
                raise Unfit(f"must be a text, a number, or a list of these, because its VR is {vr}")
            elif vr in OPAQUE_VRS:
                parts.append(counted(len(str(part)), "byte"))
            elif isinstance(part, str):
                element = element_of_text(part, vr)
                parts.extend(element.values)
                cut = cut or element.cut
            else:
                parts.append(part)
        return Element(tuple(parts), cut)

    def _report(self, path: str, message: str) -> None:
        self.problems.append(Problem(path, message))


def _key(step: Step) -> _Key:
    return step.group, step.element, step.creator


def _only_step(tag: TagPath) -> Step:
    if len(tag.steps) != 1 or tag.steps[0].index is not None:
        raise Unfit("must be one tag; write a sequence as a list of objects")
    return tag.steps[0]


def _is_items(value: object) -> bool:
    return isinstance(value, list) and bool(value) and all(isinstance(entry, Mapping) for entry in value)


def _items(value: object) -> list[object]:
    if value is None or value == "":
        return []
    if not isinstance(value, list) or not all(isinstance(entry, Mapping) for entry in value):
        raise Unfit("must be a list of objects, because it is a sequence")
    return value
