# SPDX-License-Identifier: GPL-3.0-or-later
"""Tags as written in a rule: keyword, number, path through sequences, private tag, fact."""

import re
from dataclasses import dataclass
from functools import lru_cache

from router.rules.dictionary import (
    FACTS,
    TagEntry,
    did_you_mean,
    nearest_keywords,
    number_of,
    private_entry,
    public_entry,
    unknown_keyword,
    written,
)
from router.rules.problem import DEEPEST_PATH, LONGEST_VALUE, Problem, RuleError, Unfit, quoted

_HEX = "[0-9A-Fa-f]"
_STEP = re.compile(
    rf"""
    (?: (?P<keyword> [A-Za-z] \w* )
      | \(? (?P<private_group> {_HEX}{{4}} ) \s*,
           \s* "(?P<creator> [^"\\]{{1,64}} )" \s*,
           \s* (?P<offset> {_HEX}{{1,2}} ) \)?
      | \(? (?P<group> {_HEX}{{4}} ) \s*,\s* (?P<element> {_HEX}{{4}} ) \)?
      | (?P<number> {_HEX}{{8}} )
    )
    (?: \[ (?P<index> \d{{1,6}} ) \] )?
    """,
    re.VERBOSE | re.ASCII,
)


@dataclass(frozen=True, slots=True)
class Step:
    """One tag of a path; `index` picks an item of a sequence, or a value of the last tag.

    For a private tag (`creator` not empty) `element` has the last two digits only: these are the same
    wherever a data set has the creator's block (PS3.5, 7.8.1).
    """

    group: int
    element: int
    creator: str = ""
    index: int | None = None

    @property
    def number(self) -> int:
        """The tag as one number; for a private tag, within its block."""
        return (self.group << 16) | self.element


@dataclass(frozen=True, slots=True)
class TagPath:
    """A written tag, parsed. `text` is its canonical form, the same for every way to write it.

    `steps` is empty for a fact. `partner` is the time of day that makes a date a moment; `text` then names
    both. `tags` are the tags to read for it.
    """

    text: str
    steps: tuple[Step, ...]
    entry: TagEntry
    tags: tuple[str, ...]
    partner: Step | None = None

    @property
    def fact(self) -> bool:
        """Whether it is a fact that Orthanc knows about the arrival."""
        return not self.steps

    @property
    def keyword(self) -> str:
        """The keyword of the last tag; empty for private tags."""
        return self.entry.keyword

    @property
    def vr(self) -> str:
        """The value representation of the last tag; `UN` where none is declared."""
        return self.entry.vr


def describe_tag(text: str) -> TagEntry:
    """Return the entry of a written tag. Raises RuleError for an invalid tag."""
    try:
        return parse_tag(text).entry
    except Unfit as unfit:
        raise RuleError([Problem("tag", str(unfit))]) from None


@lru_cache(maxsize=4096)
def parse_tag(text: str, unknown: bool = False) -> TagPath:
    """Parse a written tag. With `unknown`, numbers outside the dictionary are valid too.

    Raises Unfit, with suggestions where there are any.
    """
    text = text.strip()
    if not text:
        raise Unfit("the tag is empty")
    if len(text) > LONGEST_VALUE:
        raise Unfit(f"a tag has at most {LONGEST_VALUE} characters")
    if text.startswith("@"):
        return _fact(text)
    steps: list[Step] = []
    entries: list[TagEntry] = []
    at = 0
    while True:
        match = _STEP.match(text, at)
        if match is None or (match.end() < len(text) and text[match.end()] != "."):
            raise Unfit(
                f"{quoted(text[at:])} is not a tag; write a keyword, a number such as 0008,1030, a path"
                " such as RequestAttributesSequence[0].ScheduledProcedureStepID, or a private tag such as"
                ' 0029,"SIEMENS CSA HEADER",10'
            )
        step, entry = _step(match, unknown)
        if entries and entries[-1].vr not in {"SQ", "UN"}:
            raise Unfit(
                f"{entries[-1].keyword or entries[-1].tag} is not a sequence (its VR is {entries[-1].vr})"
            )
        steps.append(step)
        entries.append(entry)
        if len(steps) > DEEPEST_PATH:
            raise Unfit(f"a path has at most {DEEPEST_PATH} tags")
        if match.end() == len(text):
            break
        at = match.end() + 1
    canonical = ".".join(
        (entry.keyword if number_of(entry.keyword) == step.number else entry.tag)
        + ("" if step.index is None else f"[{step.index}]")
        for step, entry in zip(steps, entries, strict=True)
    )
    return TagPath(canonical, tuple(steps), entries[-1], (canonical,))


def moment_of(path: TagPath) -> TagPath | None:
    """Return a date and its time of day (`StudyDate`, `StudyTime`), to be read as one DT.

    None where the dictionary has no such pair.
    """
    keyword = path.keyword
    if path.vr == "DA" and keyword.endswith("Date"):
        date, time = keyword, f"{keyword[:-4]}Time"
    elif path.vr == "TM" and keyword.endswith("Time"):
        date, time = f"{keyword[:-4]}Date", keyword
    else:
        return None
    date_number, time_number = number_of(date), number_of(time)
    if date_number is None or time_number is None:
        return None
    date_entry, time_entry = public_entry(date_number), public_entry(time_number)
    if date_entry is None or time_entry is None or (date_entry.vr, time_entry.vr) != ("DA", "TM"):
        return None
    index = path.steps[-1].index
    date_step = Step(date_number >> 16, date_number & 0xFFFF, index=index)
    time_step = Step(time_number >> 16, time_number & 0xFFFF, index=index)
    *before, last = path.text.split(".")
    picked = last.removeprefix(keyword)
    tags = tuple(".".join((*before, tag + picked)) for tag in (date, time))
    entry = TagEntry(keyword, path.entry.name, path.entry.tag, "DT", path.entry.vm, path.entry.retired)
    return TagPath(" with ".join(tags), (*path.steps[:-1], date_step), entry, tags, partner=time_step)


def _fact(text: str) -> TagPath:
    entry = FACTS.get(text)
    if entry is None:
        near = [name for name in FACTS if name.casefold() == text.casefold()] or [
            keyword for keyword in nearest_keywords(text) if keyword in FACTS
        ]
        hint = did_you_mean(near) or f"; known are {', '.join(FACTS)}"
        raise Unfit(f"{quoted(text)} is not known about an arrival{hint}")
    return TagPath(text, (), entry, (text,))


def _step(match: re.Match[str], unknown: bool) -> tuple[Step, TagEntry]:
    index = None if match["index"] is None else int(match["index"])
    if match["keyword"]:
        number = number_of(match["keyword"])
        if number is None:
            raise Unfit(unknown_keyword(match["keyword"]))
    elif match["creator"]:
        group = int(match["private_group"], 16)
        if group % 2 == 0:
            raise Unfit(f"{group:04X} is not a private group; private groups are odd")
        step = Step(group, int(match["offset"], 16), match["creator"].strip(), index)
        return step, private_entry(group, step.creator, step.element)
    else:
        number = int(match["number"] or match["group"] + match["element"], 16)
    group, element = number >> 16, number & 0xFFFF
    return Step(group, element, "", index), _entry(group, element, unknown)


def _entry(group: int, element: int, unknown: bool) -> TagEntry:
    shown = written(group, element)
    if group % 2 == 1:
        if 0x10 <= element <= 0xFF:
            return TagEntry("", "Private Creator", shown, "LO", "1", retired=False)
        raise Unfit(
            f'{shown} is private: name its creator, as in {group:04X},"CREATOR",{element & 0xFF:02X},'
            " because the rest of the number differs from image to image"
        )
    if group == 0:
        raise Unfit(f"{shown} belongs to DICOM messages and is never stored in an image")
    entry = public_entry((group << 16) | element)
    if entry is None:
        if unknown:
            return TagEntry("", "", shown, "UN", "1-n", retired=False)
        raise Unfit(f"{shown} is not in the DICOM dictionary")
    return entry
