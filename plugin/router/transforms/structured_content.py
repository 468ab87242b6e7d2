# SPDX-License-Identifier: GPL-3.0-or-later
"""The fate of items of structured content, by their concept (PS3.15, E.3.4, Table E.3.4-1).

`structured_content.csv` has the concepts of that table for texts, numbers, codes and containers, each with
the option that keeps or cleans it, if any. Names, dates, times and UIDs are attributes with their own rows in
Table E.1-1. References lead to other images by UIDs, which are replaced.
"""

import csv
from collections.abc import Mapping
from functools import cache
from importlib.resources import files
from typing import Final

from pydicom import Dataset

from router.documents.transform import Anonymization
from router.transforms.confidentiality_profile import Fate

#: Sequences of content items (PS3.3, 10.2 and C.17.3), and annotations of waveforms (C.10.10).
CONTENT: Final = frozenset({0x0040_A730, 0x0040_0555, 0x0040_0612, 0x0040_B020})

#: The subject of an annotation: channels of a waveform.
WAVEFORM_CHANNELS: Final = 0x0040_A0B0

_CONCEPT_NAME: Final = 0x0040_A043
_NUMERIC_VALUE: Final = 0x0040_A30A

_Concept = tuple[str, str, str]


def is_left_out(item: Dataset, options: Anonymization) -> bool:
    """Whether a whole item is removed: one about the patient or the device that is no text, or an annotation
    that is only a text."""
    concept = _concept_of(item)
    if WAVEFORM_CHANNELS in item:  # an annotation: a text, a number or a code
        if not item.get(_CONCEPT_NAME):
            return True
        concept = (*concept[:2], "NUM" if _NUMERIC_VALUE in item else "CODE")
    option = None if concept[2] == "TEXT" else _concepts().get(concept)
    return option is not None and not getattr(options, option, False)


def fate_of_text(item: Dataset, options: Anonymization) -> Fate:
    """The fate of the text in an item (Text Value)."""
    option = _concepts().get(_concept_of(item), "clean_descriptors")
    if not getattr(options, option, False):
        return Fate.DUMMY
    return Fate.CLEAN if option == "clean_descriptors" else Fate.KEEP


def _concept_of(item: Dataset) -> _Concept:
    name = next(iter(item.get("ConceptNameCodeSequence") or ()), Dataset())
    return (
        str(name.get("CodeValue") or "").strip(),
        str(name.get("CodingSchemeDesignator") or "").strip(),
        str(item.get("ValueType") or "").strip(),
    )


@cache
def _concepts() -> Mapping[_Concept, str]:
    text = (files(__package__) / "structured_content.csv").read_text("ascii")
    rows = csv.DictReader(text.splitlines())
    return {(row["code"], row["scheme"], row["value_type"]): row["option"] for row in rows}
