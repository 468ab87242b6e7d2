# SPDX-License-Identifier: GPL-3.0-or-later
"""What is called impossible is: a table, and hypothesis looks for an image that proves otherwise."""

import random
from typing import Any

import pytest
from hypothesis import assume, event, given, settings
from hypothesis import strategies as st

from router.review.contradictions import Demand, conflict_in, implies
from router.rules import Reading, Rule, RuleError, compile_rule
from unit.review.policy_samples import CHEST, CT, MR, Json, tag
from unit.rules.rule_samples import MOMENT

LOWER, UPPER = tag("SliceThickness", "less_than", 2), tag("SliceThickness", "greater_or_equal", 2)


def impossible(rule: Json, one_value: bool = False) -> bool:
    return conflict_in([Demand(compile_rule(rule, "study").tree)], one_value) is not None


@pytest.mark.parametrize(
    "rule",
    [
        {"any": []},
        {"not": {"all": []}},
        {"all": [CT, {"not": CT}]},
        {"all": [CT, tag("Modality", "not_equals", "ct")]},
        {"all": [CT, tag("Modality", "missing")]},
        {"all": [tag("Modality", "exists"), tag("Modality", "missing")]},
        {"all": [CT, tag("Modality", "not_in", ["MR", "CT"])]},
        {"all": [tag("Modality", "in", ["CT", "MR"]), tag("Modality", "not_in", ["MR", "CT", "US"])]},
        {"all": [tag("StudyDescription", "contains", "CT chest"), {"not": CHEST}]},
        {"all": [tag("StudyDescription", "starts_with", "chest"), {"not": CHEST}]},
        {"all": [tag("StudyDescription", "equals", "CT Chest"), {"not": CHEST}]},
        {"all": [tag("StudyDescription", "equals", "Chest", case_sensitive=True), {"not": CHEST}]},
        {"all": [tag("StudyDescription", "matches", "^a"), tag("StudyDescription", "not_matches", "^a")]},
        {"all": [tag("SliceThickness", "equals", 1.5), {"not": LOWER}]},
        {"all": [tag("SliceThickness", "between", [1, 3]), {"not": LOWER}, {"not": UPPER}]},
        {"all": [tag("PatientAge", "less_than", "18Y"), {"not": tag("PatientAge", "less_than", "300M")}]},
        {
            "all": [
                tag("StudyDate", "equals", "2024-05"),
                {"not": tag("StudyDate", "between", ["2024", "2024"])},
            ]
        },
        {"all": [tag("StudyDate", "equals", "today"), tag("StudyDate", "missing")]},
        {"all": [tag("@RemoteAET", "equals", "A"), tag("@RemoteAET", "equals", "B")]},
        {"all": [tag("ImageType[0]", "equals", "A"), tag("ImageType[0]", "equals", "B")]},
        {"all": [tag("@InstanceCount", "less_than", 2), tag("@InstanceCount", "greater_than", 2)]},
        {"all": [CHEST, {"any": [{"all": [CT, {"not": CT}]}, {"not": CHEST}]}]},
        {"not": {"any": [CT, {"not": CT}]}},
    ],
)
def test_what_can_never_be_true(rule: Json) -> None:
    assert impossible(rule)


@pytest.mark.parametrize(
    "rule",
    [
        {"all": [CT, MR]},
        {"all": [tag("Modality", "in", ["CT", "MR"]), tag("Modality", "in", ["US"])]},
        {"all": [CT, tag("Modality", "starts_with", "M")]},
        {
            "all": [
                tag("Modality", "in", ["CT", "MR"]),
                tag("Modality", "in", ["MR", "US"]),
                tag("Modality", "not_equals", "MR"),
            ]
        },
        {"all": [tag("StudyDescription", "starts_with", "A"), tag("StudyDescription", "starts_with", "B")]},
        {"all": [LOWER, UPPER]},
        {"all": [tag("SliceThickness", "equals", 1), tag("SliceThickness", "equals", 2)]},
        {"all": [tag("StudyDate", "less_than", "2024"), tag("StudyDate", "greater_than", "2024")]},
        {"all": [tag("StudyTime", "equals", "14"), tag("StudyTime", "less_than", "14:00")]},
    ],
)
def test_what_cannot_be_true_of_one_value(rule: Json) -> None:
    assert not impossible(rule)
    assert impossible(rule, one_value=True)


@pytest.mark.parametrize(
    "rule",
    [
        {"all": []},
        {"all": [CT, CHEST]},
        {"any": [{"all": [CT, {"not": CT}]}, CHEST]},
        {"all": [tag("ImageType", "equals", "A"), tag("ImageType", "equals", "B")]},
        {"all": [tag("PatientName", "equals", "A"), tag("PatientName", "equals", "B")]},
        {"all": [tag("RequestAttributesSequence.StudyID", "equals", c) for c in "AB"]},
        {"all": [tag("SliceThickness", "exists"), {"not": LOWER}, {"not": UPPER}]},
        {"all": [CHEST, tag("StudyDescription", "not_contains", "Chest", case_sensitive=True)]},
        {"all": [{"not": tag("Modality", "equals", "ct", case_sensitive=True)}, CT]},
        {"all": [{"not": tag("Modality", "contains", "ct", case_sensitive=True)}, CT]},
        {"all": [tag("StudyDate", "equals", "2024"), {"not": tag("StudyDate", "equals", "2024-05")}]},
        {"all": [tag("StudyDate", "less_than", "today"), tag("StudyDate", "greater_than", "today-7d")]},
        {"all": [tag("StudyTime", "missing"), tag("StudyTime", "greater_than", "now-2h")]},
        {"all": [tag("AcquisitionDateTime", "less_than", y) for y in ("2020", "2021")]},
        {"all": [tag('0029,"ACME",10', "equals", "1"), tag('0029,"ACME",10', "not_equals", "1.0")]},
        {"all": [tag("StudyDescription", "matches", "^a"), tag("StudyDescription", "matches", "^b")]},
    ],
)
def test_what_may_be_true(rule: Json) -> None:
    assert not impossible(rule, one_value=True)


def test_it_tells_the_conditions() -> None:
    rule = compile_rule({"all": [CHEST, CT, {"any": [tag("Modality", "missing"), {"not": CT}]}]})
    conflict = conflict_in([Demand(rule.tree)], one_value=False)
    assert str(conflict) in {
        'Modality has no value and Modality is "CT"',
        'Modality is "CT" and not (Modality is "CT")',
    }


def test_a_rule_that_is_too_much_is_left_alone() -> None:
    choices = [
        {"any": [tag("SeriesNumber", "equals", n * 2), tag("SeriesNumber", "equals", n * 2 + 1)]}
        for n in range(40)
    ]
    assert not impossible({"all": [*choices, CT, {"not": {"all": [CT, {"any": [CT, MR]}, *choices[:5]]}}]})


POOL: dict[str, list[Any]] = {
    "Modality": ["CT", "MR", "ct", "C"],
    "StudyDescription": ["CT chest", "chest", "Chest", "head", "CT", "É", "é"],
    "PatientName": ["Doe^Jane", "Doe", "=Doe", "doe"],
    "SeriesNumber": ["1", "2", "3", 2],
    "SliceThickness": ["1", "1.0", "1.5", "2", 2.5],
    "PatientAge": ["018Y", "216M", "017Y", "001D"],
    "StudyDate": ["20240517", "2024", "20240601", "20230101", "2024-05"],
    "StudyTime": ["14", "1430", "143000", "15"],
    "AcquisitionDateTime": ["20240517143000", "2024", "20240517"],
    "ImageType": ["A", "B"],
    "ImageType[0]": ["A", "B"],
    '0029,"ACME",10': ["1", "1.0", "A"],
    "@RemoteAET": ["A", "B"],
    "RequestAttributesSequence.StudyID": ["A", "B"],
}
OPERATORS = """
    equals not_equals contains not_contains starts_with ends_with in not_in less_than less_or_equal
    greater_than greater_or_equal between exists missing matches
""".split()


@st.composite
def conditions(draw: st.DrawFn, name: str = "") -> Json:
    name = name or draw(st.sampled_from(list(POOL)))
    operator = draw(st.sampled_from(OPERATORS))
    value = st.sampled_from(POOL[name])
    if name.endswith("Date"):
        value |= st.sampled_from(["today", "today-7d", "-20240517", "20240517-"])
    if operator in {"exists", "missing"}:
        return tag(name, operator)
    if operator in {"in", "not_in"}:
        return tag(name, operator, draw(st.lists(value, min_size=1, max_size=3)))
    if operator == "between":
        return tag(name, operator, draw(st.lists(value, min_size=2, max_size=2)))
    return tag(name, operator, draw(value), case_sensitive=draw(st.booleans()))


def signed(name: str) -> st.SearchStrategy[Json]:
    return conditions(name) | conditions(name).map(lambda one: {"not": one})


rules = st.recursive(
    conditions(),
    lambda inner: (
        st.lists(inner, min_size=1, max_size=4).map(lambda nodes: {"all": nodes})
        | st.lists(inner, max_size=3).map(lambda nodes: {"any": nodes})
        | inner.map(lambda node: {"not": node})
    ),
    max_leaves=8,
)


def image(chance: random.Random, most: int) -> Reading:
    """An image with up to so many values a tag; ImageType has several by the dictionary."""
    tags: Json = {}
    for name, pool in POOL.items():
        if "[" in name or chance.randrange(4) == 0:
            continue
        several = chance.choices(pool, k=chance.randrange((3 if name == "ImageType" else most) + 1))
        if name.startswith("@"):
            tags[name] = chance.choice(pool)
        elif "." in name:
            sequence, inner = name.split(".")
            tags[sequence] = [{inner: one} for one in chance.choices(pool, k=chance.randrange(3))]
        else:
            tags[name] = several
    return Reading.of_document(tags)


CHANCE = random.Random(4711)
IMAGES = [image(CHANCE, 3) for _ in range(1000)]
PROPER_IMAGES = [image(CHANCE, 1) for _ in range(1000)]


def compiled(rule: Json) -> Rule:
    try:
        return compile_rule(rule, "study")
    except RuleError:
        assume(False)
        raise


def matching(rule: Rule, images: list[Reading]) -> list[Reading]:
    return [reading for reading in images if rule.evaluate(reading, MOMENT)]


@settings(deadline=None)
@given(st.lists(rules, min_size=1, max_size=4))
def test_no_image_matches_what_is_called_impossible(parts: list[Json]) -> None:
    rule = compiled({"all": parts})
    if conflict_in([Demand(rule.tree)], one_value=False) is not None:
        event("impossible")
        assert not matching(rule, IMAGES)


@settings(deadline=None)
@given(st.lists(rules, min_size=1, max_size=4))
def test_no_proper_image_matches_what_is_called_impossible(parts: list[Json]) -> None:
    rule = compiled({"all": parts})
    if conflict_in([Demand(rule.tree)], one_value=True) is not None:
        event("impossible")
        assert not matching(rule, PROPER_IMAGES)


@settings(deadline=None)
@given(rules, rules)
def test_what_is_called_implied_is(narrow: Json, wide: Json) -> None:
    for one, other in ((narrow, wide), ({"all": [narrow, wide]}, wide), (narrow, {"any": [wide, narrow]})):
        first, second = compiled(one), compiled(other)
        if implies(first.tree, second.tree):
            event("implied")
            assert all(second.evaluate(reading, MOMENT) for reading in matching(first, IMAGES))


@settings(deadline=None)
@given(st.sampled_from(list(POOL)).flatmap(lambda name: st.lists(signed(name), min_size=2, max_size=4)))
def test_conditions_on_one_tag(several: list[Json]) -> None:
    """The same, where much of it is impossible."""
    rule = compiled({"all": several})
    for one_value, images in ((False, IMAGES), (True, PROPER_IMAGES)):
        if conflict_in([Demand(rule.tree)], one_value) is not None:
            event(f"impossible: {one_value}")
            assert not matching(rule, images)
