# SPDX-License-Identifier: GPL-3.0-or-later
"""Regular expressions know all letters, in linear time."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from router.rules import Reading, RuleError
from unit.rules.rule_samples import MOMENT, condition


def matches(pattern: str, text: str, **options: object) -> bool:
    verdict = condition("StudyDescription", "matches", pattern, **options).evaluate(
        Reading.of_document({"StudyDescription": text}), MOMENT
    )
    assert verdict is not None
    return verdict


@pytest.mark.parametrize(
    ("pattern", "text", "verdict"),
    [
        (r"\bÖsophagus\b", "CT Ösophagus nativ", True),
        (r"\bÖsophagus\b", "Ösophagus", True),
        (r"\bÖsophagus\b", "CT Ösophagusvarizen", False),
        (r"\bösophagus\b", "CT Ösophagus", True),
        (r"\bCT\b", "ÖCT", False),
        (r"\bCT\b", "CT-Thorax", True),
        (r"\bCT\b-Thorax", "CT-Thorax", True),
        (r"^CT\b.*\bThorax$", "CT  Thorax", True),
        (r"^CT\b.\bThorax\z", "CT Thorax", True),
        (r"^CT.\b$", "CT ", False),
        (r"\b\bCT\b\b", "a CT b", True),
        (r"\b(?:CT|MR)\b", "Sch\u00e4del MR", True),
        (r"\bT\w+l\b", "MR Tübinge\u00fcl", True),
        (r"a.-\b", "a-", False),
        (r"(?s)a\b.*b", "a\nb", True),
        (r"\b[^T]", "Thorax", False),
        (r"^\w+$", "Sch\u00e4del", True),
        (r"^[\w-]+$", "Sch\u00e4del-CT", True),
        (r"^[^\w]+$", "\u00e4", False),
        (r"^\W$", "\u00e4", False),
        (r"^[\W]$", "\u00e4", False),
        (r"^[\W]$", "-", True),
        (r"^[\W]$", "_", False),
        (r"^\d+$", "\u0661\u0662", True),
        (r"^[\D]$", "\u0661", False),
        (r"a\sb", "a\u00a0b", True),
        (r"\Qa.b\E", "a.b", True),
        (r"\ba\Q.\Eb", "a.b", True),
        (r"\ba\Q.\Eb", "axb", False),
        (r"x{2,3}", "xx", True),
        (r"\bx{2}\b", "xx", True),
        (r"\\b", "\\b", False),
        (r"[\]b]\b", "b", True),
    ],
)
def test_letters_of_all_languages(pattern: str, text: str, verdict: bool) -> None:
    assert matches(pattern, text) is verdict


@pytest.mark.parametrize("pattern", [r"\bCT\B", r"\b\PL", "(", r"\b(", r"(?=a)"])
def test_what_cannot_be_said_is_refused(pattern: str) -> None:
    with pytest.raises(RuleError):
        matches(pattern, "CT")


ATOMS = st.sampled_from(
    ["a", "ö", r"\w", r"\d", r"\b", ".", "-", r"\W", "[aö]", "[^a]", "1", r"\s", "(?:a|-)", "a?", "ö*"]
)


@given(st.lists(ATOMS, min_size=1, max_size=5), st.text("aö1- _", max_size=6))
def test_it_finds_what_python_finds(atoms: list[str], text: str) -> None:
    # Two boundaries at one place that nothing parts are one; what may be empty between them is left out.
    pattern = re.sub(r"(?:\\b(?:a\?|ö\*)?)+", r"\\b", "".join(atoms))
    text = text.strip()
    if text:
        assert matches(pattern, text, case_sensitive=True) is (re.search(pattern, text) is not None)
