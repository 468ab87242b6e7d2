"""Tags of an image as a document: as a policy's case has them."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import replace
from typing import Any

from pydicom.datadict import keyword_for_tag

from router.rules.item import Item
from router.rules.raw import Opaque, Raw
from router.rules.tag_path import Step, parse_tag


def tags_of(item: Item, paths: Iterable[Sequence[Step]]) -> dict[str, Any]:
    """What the image has at these paths; of a sequence that leads there all items."""
    below: defaultdict[Step, list[Sequence[Step]]] = defaultdict(list)
    for first, *rest in paths:
        below[replace(first, index=None)].append(rest)
    tags: dict[str, Any] = {}
    for step, rests in below.items():
        text = _written(step)
        vr = parse_tag(text).vr
        items = item.items(step) if vr == "SQ" or any(rests) else None
        element = item.element(step, vr)
        if items:
            tags[text] = [tags_of(inner, [rest for rest in rests if rest]) for inner in items]
        elif element is not None:
            values = [_value(value) for value in element.values]
            tags[text] = values[0] if len(values) == 1 else values
    return tags


def _value(value: Raw) -> str | int | float:
    return str(value) if isinstance(value, Opaque) else value


def _written(step: Step) -> str:
    """The tag as rules write it."""
    if step.creator:
        return f'{step.group:04X},"{step.creator}",{step.element:02X}'
    return keyword_for_tag(step.number) or f"{step.group:04X},{step.element:04X}"
