# SPDX-License-Identifier: GPL-3.0-or-later
"""What is known of one instance. Each tag is read and interpreted once."""

from collections.abc import Container, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from pydicom import Dataset
from pydicom.datadict import keyword_for_tag

from router.rules.dataset_item import DatasetItem
from router.rules.dates import utc_offset
from router.rules.document_item import read_document
from router.rules.item import FUNCTIONAL_GROUPS, Item, NotRead
from router.rules.operand import Operand, Value
from router.rules.problem import Unfit
from router.rules.raw import MOST_READ, Element, Raw, element_of_text
from router.rules.tag_path import Step, TagPath, parse_tag

_WHERE = ("in the shared functional groups", "in the functional groups of the frames")
#: The tag that gives the zone of dates and times without their own.
TIMEZONE = "TimezoneOffsetFromUTC"


@dataclass(frozen=True, slots=True)
class Found:
    """The values of a tag that are not empty. `present` is true even if all are empty, `cut` if there are
    more.

    `where` names the place of the values if it is not the image itself.
    """

    values: tuple[Raw, ...]
    present: bool
    cut: bool
    where: str = ""


class Reading:
    """What is known of one instance and of its arrival. Not for use by several threads at once."""

    def __init__(self, item: Item, facts: Mapping[str, str | int]) -> None:
        self._item = item
        self._facts = facts
        self._found: dict[str, Found | None] = {}
        self._comparable: dict[str, tuple[Value, ...] | None] = {}

    @classmethod
    def of_dataset(cls, dataset: Dataset, facts: Mapping[str, str | int]) -> "Reading":
        """The reading of a whole data set. Facts have their names in rules (`@RemoteAET`); a missing one is
        absent.

        Pixel data need not be in memory: an element that pydicom has deferred counts as present. In a data
        set that was read with `stop_before_pixels`, PixelData is absent for rules.
        """
        return cls(DatasetItem(dataset), facts)

    @classmethod
    def of_document(cls, tags: Mapping[str, Any]) -> "Reading":
        """The reading of tags and facts in JSON: a text (a backslash separates values), a number, a list of
        values, or a list of objects for a sequence. Raises RuleError with paths such as
        `tags.StudyDescripton`."""
        item, facts = read_document(tags)
        return cls(item, facts)

    @classmethod
    def of_index(
        cls, values: Mapping[str, str], known: Container[str], facts: Mapping[str, str | int]
    ) -> "Reading":
        """The reading of `values` (by keyword) from Orthanc's database. `known` are the keywords that the
        database would have; `values` may have more.

        All other tags count as not read. So do values with characters outside ASCII or escape sequences,
        because Orthanc does not always decode character sets as the standard demands.
        """
        return cls(_IndexItem(values, known), facts)

    @classmethod
    def of_index_alone(cls, values: Mapping[str, str], facts: Mapping[str, str | int]) -> "Reading":
        """The reading of an instance whose file is unreadable: nothing is known beyond Orthanc's database."""
        return cls(_IndexItem(values, None), facts)

    def found(self, path: TagPath) -> Found | None:
        """The values at a path; None where the tag has not been read."""
        try:
            return self._found[path.text]
        except KeyError:
            pass
        try:
            found = self._fact(path) if path.fact else self._resolve(path)
        except NotRead:
            found = None
        self._found[path.text] = found
        return found

    def comparable(self, operand: Operand) -> tuple[Value, ...] | None:
        """The values that are comparable; None where the tag has not been read."""
        try:
            return self._comparable[operand.key]
        except KeyError:
            pass
        understood = self.understood(operand)
        values = (
            None
            if understood is None
            else tuple(value for _, value in understood if not isinstance(value, Unfit))
        )
        self._comparable[operand.key] = values
        return values

    def understood(self, operand: Operand) -> list[tuple[Raw, Value | Unfit]] | None:
        """Each value with its comparable form, or why it has none; None where the tag has not been read."""
        found = self.found(operand.path)
        if found is None:
            return None
        offset = None
        if operand.zoned and found.values:
            zone = self.found(parse_tag(TIMEZONE))
            if zone is None:
                return None
            offset = utc_offset(zone.values[0]) if zone.values else None
        understood: list[tuple[Raw, Value | Unfit]] = []
        for raw in found.values:
            try:
                understood.append((raw, operand.read(raw, offset)))
            except Unfit as unfit:
                understood.append((raw, unfit))
        return understood

    def _fact(self, path: TagPath) -> Found:
        fact = self._facts.get(path.text)
        if fact is None:
            return Found((), present=False, cut=False)
        element = element_of_text(fact, "LT") if isinstance(fact, str) else Element((fact,))
        values = tuple(value.strip() if isinstance(value, str) else value for value in element.values)
        return Found(tuple(value for value in values if value != ""), present=True, cut=element.cut)

    def _resolve(self, path: TagPath) -> Found:
        items: Sequence[Item] = [self._item]
        cut = False
        for step in path.steps[:-1]:
            inner = [entry for item in items for entry in _picked(item.items(step) or (), step.index)]
            cut = cut or len(inner) > MOST_READ
            items = inner[:MOST_READ]
        elements = [element for item in items if (element := _element(item, path)) is not None]
        where = ""
        if not elements and len(path.steps) == 1 and path.partner is None:
            elements, where = self._in_functional_groups(path)
        values = [value for element in elements for value in element.values if value != ""]
        cut = cut or len(values) > MOST_READ or any(element.cut for element in elements)
        return Found(tuple(values[:MOST_READ]), present=bool(elements), cut=cut, where=where)

    def _in_functional_groups(self, path: TagPath) -> tuple[list[Element], str]:
        """The values for all frames of an enhanced multi-frame object, else for any (PS3.3, C.7.6.16)."""
        step = path.steps[0]
        for sequence, where in zip(FUNCTIONAL_GROUPS, _WHERE, strict=True):
            elements = [
                element
                if step.index is None
                else Element(element.values[step.index : step.index + 1], element.cut)
                for element in self._item.elements_in_groups(step, path.vr, sequence)
            ]
            if elements:
                return elements, where
        return [], ""


def _picked(items: Sequence[Item], index: int | None) -> Sequence[Item]:
    return items if index is None else items[index : index + 1]


def _element(item: Item, path: TagPath) -> Element | None:
    last = path.steps[-1]
    if path.partner is not None:
        return _moments(item.element(last, "DA"), item.element(path.partner, "TM"), last.index)
    element = item.element(last, path.vr)
    if element is None or last.index is None:
        return element
    if path.vr == "SQ":
        picked = _picked(item.items(last) or (), last.index)
        return Element(element.values if picked else ())
    return Element(element.values[last.index : last.index + 1])


def _moments(days: Element | None, times: Element | None, index: int | None) -> Element | None:
    """Dates joined with their times of day; a date without a time means the whole day."""
    if days is None:
        return None
    texts = [str(day) for day in days.values]
    if times is not None and len(times.values) == len(texts):
        texts = [
            f"{day.replace('.', '')}{time}" if day else ""
            for day, time in zip(texts, times.values, strict=True)
        ]
    return Element(tuple(texts if index is None else texts[index : index + 1]))


class _IndexItem:
    """The top level of an instance as in Orthanc's database."""

    def __init__(self, values: Mapping[str, str], known: Container[str] | None) -> None:
        """`known` is None where there is no other source: a missing value is then absent, and every value
        counts as it is."""
        self._values = values
        self._known = known

    def element(self, step: Step, vr: str) -> Element | None:
        """See Item."""
        keyword = keyword_for_tag(step.number) if not step.creator else ""
        text = self._values.get(keyword) if keyword else None
        if text is None:
            if self._known is None or (keyword and keyword in self._known):
                return None
            raise NotRead
        if self._known is not None and any(letter > "~" or letter == "\x1b" for letter in text):
            raise NotRead
        return element_of_text(text, vr)

    def items(self, step: Step) -> Sequence[Item] | None:  # noqa: ARG002 - it has no sequence at all
        """See Item."""
        if self._known is None:
            return None
        raise NotRead

    def elements_in_groups(self, step: Step, vr: str, sequence: int) -> Sequence[Element]:  # noqa: ARG002 - nor these
        """See Item."""
        return ()
