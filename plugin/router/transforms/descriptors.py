# SPDX-License-Identifier: GPL-3.0-or-later
"""Clean free texts (PS3.15, E.3.5, Clean Descriptors Option): keep medical words and small numbers.

A word is known to be harmless if the coded terms of the standard (PS3.16) have it as a common word and it is
no part of a name in the image. Everything else is removed: names, numbers that may be identifiers, dates,
unknown words.
"""

import re
from collections.abc import Collection, Mapping
from functools import cache
from typing import Final, cast

from pydicom.sr._concepts_dict import concepts

#: Words and numbers joined by signs count as one, such as `W/O`, `C5/6`, `1.25mm`, `12.03.2024`.
_TOKEN: Final = re.compile(r"[^\W_]+(?:[.,/':+*-][^\W_]+)*")
_PART: Final = re.compile(r"[^\W\d_]+|\d+")
#: A common word, in small letters. In terms, only proper names always begin with a capital.
_COMMON: Final = re.compile(r"(?<![^\W_])[a-z]{2,}(?![^\W_])")
#: A number with at most two digits before its point, and with up to three letters on either side.
_SMALL: Final = re.compile(r"[^\W\d_]{0,3}\d{1,2}(?:[.,]\d{1,2})?[^\W\d_]{0,3}")
_LIKE_A_DATE: Final = re.compile(r"\d{2}(?:[.,]\d{1,2})?")

#: Abbreviations in names of protocols and series that are not in the terms.
_ABBREVIATIONS: Final = frozenset(
    "adc ap ax axial bold bw ce cor coronal cr ct cta ctv cxr dce dir dti dual dwi dx dyn ep epi fatsat"
    " fb fd fdg flair fov fs fse gre gtv hr io kernel km ktv lao lat lge ll lo localizer low mg mip mpr"
    " mprage mr mra mri nac native nm oar pa pc pd pet post pre ptv px rao recon ref rf rt sag sagittal"
    " sc scan scout se series spair spc spgr ssfse stir suv swi tfe thick thin tof topogram tra trans"
    " tse us vibe vol vr w wo xa xr".split()
)

#: Common words that are also common names.
_NAMES: Final = frozenset(
    "brown fox gray grey hill hope lily long mark max may ray rose stone white wood young".split()
)


def cleaned(text: str, names: Collection[str]) -> str:
    """The text without the parts that are not known to be harmless; it may be empty.

    `names` are words of names in the image, in lower case.
    """
    kept = (match[0] for match in _TOKEN.finditer(text) if _is_harmless(match[0].casefold(), names))
    return " ".join(kept)


def _is_harmless(token: str, names: Collection[str]) -> bool:
    if any(part in names for part in (token, *_PART.findall(token))):
        return False
    if _SMALL.fullmatch(token):
        return not _LIKE_A_DATE.fullmatch(token)
    parts = re.split(r"[.,/':+*-]", token)
    if len(parts) > 1 and all(part.isdigit() for part in parts):
        return False
    return all(_is_word(part) for part in parts)


def _is_word(part: str) -> bool:
    return (
        part in _ABBREVIATIONS or part in _words() or bool(_SMALL.fullmatch(part)) or part in {"l", "r", "o"}
    )


@cache
def _words() -> frozenset[str]:
    terms = cast("Mapping[str, Mapping[str, Mapping[str, tuple[str, object]]]]", concepts)
    return frozenset(
        word
        for scheme in ("DCM", "SCT", "FMA", "RADLEX", "NCIt", "LN")
        for coded in terms.get(scheme, {}).values()
        for meaning, _ in coded.values()
        for word in _COMMON.findall(meaning)
        if word not in _NAMES
    )
