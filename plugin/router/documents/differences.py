# SPDX-License-Identifier: GPL-3.0-or-later
"""The differences between two documents of the same kind, such as two revisions of a policy."""

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher
from typing import Any, Literal

#: The fields that identify the entries of a list: actions have an id, cases a name.
_IDENTITIES = ("id", "name")

#: The fields that tell the kind of a part of a rule: one of three groups, or a condition.
_NODES = ("all", "any", "not", "tag")


@dataclass(frozen=True, slots=True)
class Difference:
    """One difference.

    `path` is written as in errors (`actions[1].subject`). Positions are those in the later document, for
    removed entries those in the earlier one. For a `moved` entry, `before` and `after` are its positions
    in the list.
    """

    path: str
    change: Literal["added", "removed", "changed", "moved"]
    before: Any
    after: Any


def differences(before: Any, after: Any) -> list[Difference]:
    """The differences between two documents in JSON form, from top to bottom."""
    return list(_between(before, after, ""))


def _between(before: Any, after: Any, path: str) -> Iterator[Difference]:
    if isinstance(before, dict) and isinstance(after, dict) and _node(before) == _node(after):
        for name in dict.fromkeys((*before, *after)):
            here = f"{path}.{name}" if path else name
            if name not in after:
                yield Difference(here, "removed", before[name], None)
            elif name not in before:
                yield Difference(here, "added", None, after[name])
            else:
                yield from _between(before[name], after[name], here)
    elif isinstance(before, list) and isinstance(after, list):
        identity = next((name for name in _IDENTITIES if _tells_apart(name, before, after)), None)
        if identity is None:
            yield from _by_content(before, after, path)
        else:
            yield from _by_identity(before, after, path, identity)
    elif _text(before) != _text(after):
        yield Difference(path, "changed", before, after)


def _node(document: dict[str, Any]) -> str | None:
    return next((name for name in _NODES if name in document), None)


def _tells_apart(name: str, *lists: Sequence[Any]) -> bool:
    for entries in lists:
        if not all(isinstance(entry, dict) and isinstance(entry.get(name), str) for entry in entries):
            return False
        if len({entry[name] for entry in entries}) < len(entries):
            return False
    return True


def _by_identity(
    before: Sequence[Any], after: Sequence[Any], path: str, identity: str
) -> Iterator[Difference]:
    positions = {entry[identity]: position for position, entry in enumerate(before)}
    order = [entry[identity] for entry in after]
    in_place = {
        order[block.b + offset]
        for block in SequenceMatcher(None, list(positions), order, autojunk=False).get_matching_blocks()
        for offset in range(block.size)
    }
    for position, entry in enumerate(after):
        here = f"{path}[{position}]"
        was = positions.get(entry[identity])
        if was is None:
            yield Difference(here, "added", None, entry)
            continue
        if entry[identity] not in in_place:
            yield Difference(here, "moved", was, position)
        yield from _between(before[was], entry, here)
    for name, position in positions.items():
        if name not in order:
            yield Difference(f"{path}[{position}]", "removed", before[position], None)


def _by_content(before: Sequence[Any], after: Sequence[Any], path: str) -> Iterator[Difference]:
    """Yield the differences of two lists: pair equal entries first, then those between them in order."""
    matcher = SequenceMatcher(None, list(map(_text, before)), list(map(_text, after)), autojunk=False)
    for operation, was, was_end, now, now_end in matcher.get_opcodes():
        if operation == "equal":
            continue
        paired = min(was_end - was, now_end - now)
        for offset in range(paired):
            yield from _between(before[was + offset], after[now + offset], f"{path}[{now + offset}]")
        for position in range(now + paired, now_end):
            yield Difference(f"{path}[{position}]", "added", None, after[position])
        for position in range(was + paired, was_end):
            yield Difference(f"{path}[{position}]", "removed", before[position], None)


def _text(value: Any) -> str:
    """The value as text, equal for equal JSON. In JSON `1` and `true` differ; in Python they are equal."""
    return json.dumps(value, sort_keys=True)
