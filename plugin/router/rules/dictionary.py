# SPDX-License-Identifier: GPL-3.0-or-later
"""The DICOM dictionary (PS3.6) and the facts of an arrival: look up, search, suggest."""

import difflib
import re
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache, lru_cache
from heapq import nsmallest

from pydicom import datadict
from pydicom._dicom_dict import RepeatersDictionary

from router.rules.problem import quoted

_SUGGESTIONS = 3
_LONGEST_QUERY = 200


@dataclass(frozen=True, slots=True)
class TagEntry:
    """A tag as in the dictionary.

    `tag` is the number (`0008,1030`), for a private tag with its creator (`0029,"SIEMENS CSA HEADER",10`),
    for a fact its name. `vr` is `UN` where none is declared.
    """

    keyword: str
    name: str
    tag: str
    vr: str
    vm: str
    retired: bool


#: The facts that Orthanc knows about an arrival.
FACTS: dict[str, TagEntry] = {
    entry.keyword: entry
    for entry in (
        TagEntry("@RemoteAET", "AE title of the sender", "@RemoteAET", "AE", "1", retired=False),
        TagEntry("@CalledAET", "AE title the sender called", "@CalledAET", "AE", "1", retired=False),
        TagEntry("@RemoteIP", "IP address of the sender", "@RemoteIP", "LO", "1", retired=False),
        TagEntry(
            "@Origin",
            "Way it came in (DicomProtocol, RestApi, Plugins, ...)",
            "@Origin",
            "CS",
            "1",
            retired=False,
        ),
        TagEntry("@Username", "User who sent it over HTTP", "@Username", "LO", "1", retired=False),
        TagEntry(
            "@TransferSyntax", "Transfer syntax it is stored in", "@TransferSyntax", "UI", "1", retired=False
        ),
        TagEntry(
            "@InstanceCount", "Instances in the series or study", "@InstanceCount", "UL", "1", retired=False
        ),
        TagEntry("@SeriesCount", "Series in the study", "@SeriesCount", "UL", "1", retired=False),
    )
}

#: Facts that only a series or a study has.
COUNTS = frozenset({"@InstanceCount", "@SeriesCount"})


def written(group: int, element: int) -> str:
    """A tag's number as people write it: `0008,1030`."""
    return f"{group:04X},{element:04X}"


def public_entry(number: int) -> TagEntry | None:
    """The entry of a standard tag, also in a repeating group (`6000,0010`); None for an unknown tag."""
    try:
        vr, vm, name, retired, keyword = datadict.get_entry(number)
    except KeyError:
        return None
    if vr == "NONE":
        return None
    return TagEntry(keyword, name, written(number >> 16, number & 0xFFFF), vr, vm, retired != "")


def private_entry(group: int, creator: str, offset: int) -> TagEntry:
    """The entry of a private tag. Its VR is `UN` unless pydicom knows the creator's tags."""
    tag = f'{group:04X},"{creator}",{offset:02X}'
    try:
        vr, vm, name, _ = datadict.get_private_entry((group << 16) | 0x1000 | offset, creator)
    except KeyError:
        return TagEntry("", f"Private tag of {creator}", tag, "UN", "1-n", retired=False)
    return TagEntry("", name, tag, vr, vm, retired=False)


def number_of(keyword: str) -> int | None:
    """The tag with this keyword, in a repeating group (`OverlayRows`) the first one; None if unknown."""
    number = datadict.tag_for_keyword(keyword)
    if number is not None:
        return number
    return _repeating_keywords().get(keyword)


@cache
def _repeating_keywords() -> dict[str, int]:
    return {
        entry[4]: int(mask.replace("x", "0"), 16) for mask, entry in RepeatersDictionary.items() if entry[4]
    }


@cache
def _entries() -> tuple[TagEntry, ...]:
    numbers = sorted({*datadict.keyword_dict.values(), *_repeating_keywords().values()})
    return (*FACTS.values(), *(entry for number in numbers if (entry := public_entry(number))))


@lru_cache(maxsize=1000)
def nearest_keywords(text: str) -> tuple[str, ...]:
    """Up to three keywords or facts that resemble a misspelt one, the most similar first."""
    wanted = text[:_LONGEST_QUERY].casefold()
    by_folded = {entry.keyword.casefold(): entry.keyword for entry in _entries()}
    near = difflib.get_close_matches(wanted, by_folded, n=_SUGGESTIONS, cutoff=0.7)
    return tuple(by_folded[folded] for folded in near)


def did_you_mean(suggestions: Iterable[str]) -> str:
    """An ending for a message: empty, or `; did you mean A or B?`."""
    listed = list(suggestions)
    return f"; did you mean {' or '.join(listed)}?" if listed else ""


def nearest(text: str, allowed: Iterable[str]) -> list[str]:
    """The most similar of the allowed words; empty where none is similar."""
    return difflib.get_close_matches(text[:_LONGEST_QUERY], list(allowed), n=1)


def unknown_keyword(text: str) -> str:
    """The message for a keyword that is not in the dictionary."""
    return f"{quoted(text)} is not in the DICOM dictionary{did_you_mean(nearest_keywords(text))}"


def search_tags(query: str, limit: int = 20) -> list[TagEntry]:
    """Tags and facts that a person may mean by `query`, best first.

    The query is compared with the keyword, the words of the name (each word of the query must begin one)
    and the number, with or without comma and parentheses. Among equals, retired tags come last. Where
    nothing fits, the result has the nearest keywords. An empty query gives the facts and the first tags.
    """
    asked = query.strip().casefold()[:_LONGEST_QUERY]
    bare, digits, words = asked.lstrip("@").replace(" ", ""), re.sub(r"[(),\s]", "", asked), _words(asked)
    ranked = [
        (rank, entry.retired, position, entry)
        for position, (entry, searched) in enumerate(zip(_entries(), _searched(), strict=True))
        if (rank := searched.rank(bare, digits, words)) is not None
    ]
    if ranked:
        return [entry for *_, entry in nsmallest(limit, ranked)]
    near = nearest_keywords(asked)
    return [entry for entry in _entries() if entry.keyword in near][:limit]


@dataclass(frozen=True, slots=True)
class _Searched:
    """The texts of an entry that a query is compared with."""

    keyword: str
    number: str
    words: tuple[str, ...]

    def rank(self, bare: str, digits: str, words: tuple[str, ...]) -> int | None:
        """How well the entry fits: 0 is best, None means not at all."""
        if bare == self.keyword:
            return 0
        if digits and self.number.startswith(digits):
            return 0 if self.number == digits else 2
        if self.keyword.startswith(bare):
            return 1
        if _all_begin(words, self.words):
            return 3
        return 4 if bare in self.keyword else None


@cache
def _searched() -> tuple[_Searched, ...]:
    return tuple(
        _Searched(
            entry.keyword.casefold().lstrip("@"),
            "" if entry.keyword in FACTS else entry.tag.replace(",", "").casefold(),
            _words(entry.name.casefold()),
        )
        for entry in _entries()
    )


def _words(text: str) -> tuple[str, ...]:
    return tuple(re.findall(r"[^\W_]+", text))


def _all_begin(asked: tuple[str, ...], words: tuple[str, ...]) -> bool:
    return bool(asked) and all(any(word.startswith(part) for word in words) for part in asked)
