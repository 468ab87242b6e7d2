# SPDX-License-Identifier: GPL-3.0-or-later
"""No value, however large, and no pattern, however malicious, takes long."""

from collections.abc import Callable
from time import process_time

import pytest
from pydicom import Dataset
from pydicom.dataelem import RawDataElement
from pydicom.tag import BaseTag

from router.rules import PolicySet, Reading
from unit.rules.rule_samples import MOMENT, condition, policy


def seconds(action: Callable[[], object]) -> float:
    """The processor time an action takes."""
    started = process_time()
    action()
    return process_time() - started


def stored(number: int, vr: str, value: bytes) -> Dataset:
    tag = BaseTag(number)
    return Dataset({tag: RawDataElement(tag, vr, len(value), value, 0, False, True)})


@pytest.mark.parametrize(
    "pattern", ["(a+)+$", "(a|aa)*b", "(.*)*x", "^(([a-z])+.)+[A-Z]([a-z])+$", "(a?){50}a{50}"]
)
def test_a_pattern_that_would_hang_other_engines_is_matched_in_linear_time(pattern: str) -> None:
    rule = condition("TextValue", "matches", pattern)
    reading = Reading.of_document({"TextValue": "a" * 60_000 + "!"})
    assert seconds(lambda: rule.evaluate(reading, MOMENT)) < 2


@pytest.mark.parametrize(
    ("tag", "number", "vr", "value", "operator", "wanted"),
    [
        ("TextValue", 0x0040A160, "UT", b"x" * 50_000_000, "contains", "y"),
        ("TextValue", 0x0040A160, "UT", b"x" * 50_000_000, "matches", "x+y"),
        ("LongCodeValue", 0x00080119, "UC", b"x\\" * 10_000_000, "equals", "y"),
        ("ContourData", 0x30060050, "DS", b"1.5\\" * 5_000_000, "equals", 7),
        ("SelectorFDValue", 0x00720074, "FD", b"\x01" * 40_000_000, "equals", 7),
        ("FrameIncrementPointer", 0x00280009, "AT", b"\x01" * 40_000_000, "equals", "FrameTime"),
        ("SliceThickness", 0x00180050, "DS", b"9" * 10_000_000, "less_than", 7),
        ("StudyDate", 0x00080020, "DA", b"2" * 10_000_000, "less_than", "2024"),
        ("PatientName", 0x00100010, "PN", b"a^=" * 10_000_000, "equals", "y"),
    ],
    ids=lambda part: part if isinstance(part, str) else "",
)
def test_a_huge_value_is_read_in_part(
    tag: str, number: int, vr: str, value: bytes, operator: str, wanted: object
) -> None:
    reading = Reading.of_dataset(stored(number, vr, value), {})
    rule = condition(tag, operator, wanted)
    assert seconds(lambda: rule.explain(reading, MOMENT)) < 2
    assert rule.evaluate(reading, MOMENT) is False


def test_what_was_cut_off_never_counts_as_a_value() -> None:
    """The last number before the cut may have lost its end."""
    dataset = stored(0x30060050, "DS", b"123456\\" * 40_000)
    assert (
        condition("ContourData", "less_than", 123456).evaluate(Reading.of_dataset(dataset, {}), MOMENT)
        is False
    )


def test_a_thousand_policies_are_decided_without_looking_at_each() -> None:
    def rule(number: int) -> dict[str, object]:
        return {
            "all": [
                {"tag": "Modality", "operator": "equals", "value": "CT"},
                {"tag": "StudyDescription", "operator": "contains", "value": f"protocol {number:03}"},
            ]
        }

    few, many = (
        PolicySet(policy(f"{number}", rule(number)) for number in range(count)) for count in (100, 1000)
    )
    tags = {"Modality": "CT", "StudyDescription": "PROTOCOL 042"}

    def decide(policies: PolicySet) -> float:
        return min(
            seconds(lambda: [policies.decide(Reading.of_document(tags), MOMENT) for _ in range(20)])
            for _ in range(5)
        )

    assert many.decide(Reading.of_document(tags), MOMENT) == few.decide(Reading.of_document(tags), MOMENT)
    assert decide(many) < 5 * decide(few)
