# SPDX-License-Identifier: GPL-3.0-or-later
"""Images that are alike in what the policies ask are decided once, and never otherwise than one by one."""

from collections.abc import Container, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import lru_cache
from itertools import count
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from router.intake.deciding import Deciding, decide_each
from router.intake.headers import AnyHeader
from router.intake.stored_instances import StoredInstance, StoredInstances
from router.orthanc_api import OrthancApi
from router.rules import Moment, PolicyRule, PolicySet, Reading, compile_rule
from samples import file_bytes, make_image
from servers.orthanc_in_memory import OrthancInMemory
from unit.intake.test_header import header_of

MOMENT = Moment(datetime(2024, 5, 31, 12, tzinfo=UTC))
RULES: Mapping[str, Mapping[str, Any]] = {
    "ct": {"tag": "Modality", "operator": "equals", "value": "CT"},
    "scanner": {"tag": "@RemoteAET", "operator": "exists"},
    "first": {
        "all": [
            {"tag": "Modality", "operator": "in", "value": ["CT", "MR"]},
            {"tag": "InstanceNumber", "operator": "less_than", "value": 3},
        ]
    },
    "unnamed": {"tag": "StationName", "operator": "missing"},
    "rest": {"all": []},
}
POLICIES = PolicySet(
    PolicyRule(name, order, name, compile_rule(rule), stop=False, fallback=name == "rest")
    for order, (name, rule) in enumerate(RULES.items())
)


class Stored(StoredInstances):
    """Tells of images without an Orthanc, and notes which headers it is asked for."""

    def __init__(self, images: Sequence["Image"]) -> None:
        super().__init__(OrthancApi(0, ""))
        self._images = {image.stored.id: image for image in images}
        self.read_headers: list[str] = []

    def headers_of(self, stored: Sequence[StoredInstance]) -> list[AnyHeader | None]:
        self.read_headers += [one.id for one in stored]
        return [header_of(file_of(self._images[one.id].tags), *POLICIES.tags) for one in stored]


@dataclass(frozen=True)
class Image:
    """An image: what its file says, and what Orthanc's database tells of it."""

    stored: StoredInstance
    tags: Mapping[str, str]


_numbers = count()


@lru_cache
def bytes_of(tags: frozenset[tuple[str, str]]) -> bytes:
    dataset = make_image(Modality=None)
    for keyword in {"Modality", "InstanceNumber", "StationName", "SeriesDescription"} & set(dataset.dir()):
        del dataset[keyword]
    for keyword, value in tags:
        setattr(dataset, keyword, value)
    return file_bytes(dataset)


def file_of(tags: Mapping[str, str]) -> bytes:
    return bytes_of(frozenset(tags.items()))


def image(
    tags: Mapping[str, str], facts: Mapping[str, str] | None = None, *, series: str = "series"
) -> Image:
    own = {keyword: value for keyword, value in tags.items() if keyword == "InstanceNumber" and value}
    stored = StoredInstance(
        f"image {next(_numbers)}", series, "study", {"Modality": "XX"}, own, facts or {}, 1
    )
    return Image(stored, tags)


def decided(*images: Image, without: Sequence[frozenset[str]] = ()) -> list[tuple[str, ...]]:
    stored = [one.stored for one in images]
    aside = without or [frozenset()] * len(images)
    return [one.matched for one in decide_each(POLICIES, stored, aside, MOMENT, Stored(images))]


def test_what_an_image_says_itself_decides() -> None:
    assert decided(image({"Modality": "CT", "StationName": "A"}), image({"StationName": "A"})) == [
        ("ct",),
        ("rest",),
    ]


def test_what_the_database_tells_is_not_read() -> None:
    images = [image({"Modality": "CT"}, {"@RemoteAET": "CT1"}) for _ in range(3)]
    policies = PolicySet([PolicyRule("a", 1, "a", compile_rule(RULES["scanner"]), False, False)])
    stored = Stored(images)
    decisions = decide_each(policies, [one.stored for one in images], [frozenset()] * 3, MOMENT, stored)
    assert {one.matched for one in decisions} == {("a",)}
    assert stored.read_headers == []


@pytest.mark.parametrize(
    ("before", "after"),
    [
        (image({"Modality": "CT", "InstanceNumber": "1"}), image({"Modality": "CT", "InstanceNumber": "4"})),
        (image({"Modality": "US"}), image({"Modality": "US", "StationName": "US1"})),
        (image({"Modality": "US"}), image({})),
        (image({"Modality": "US"}), image({"Modality": "US"}, {"@RemoteAET": "US1"})),
    ],
    ids=["another value", "no value before", "no value after", "no fact before"],
)
def test_what_is_asked_tells_them_apart(before: Image, after: Image) -> None:
    assert decided(before, after) == decided(before) + decided(after)


def test_what_is_left_aside_tells_them_apart() -> None:
    images = [image({"Modality": "CT", "InstanceNumber": "9"}) for _ in range(2)]
    assert decided(*images, without=[frozenset(), frozenset({"ct"})]) == [("ct", "unnamed"), ("unnamed",)]


def study(
    *images: Image, in_full: Container[str] | None = None
) -> tuple[Mapping[str, tuple[int, ...]], Stored]:
    stored = Stored(images)
    deciding = Deciding(
        POLICIES, "study", [one.stored for one in images], [frozenset()] * len(images), MOMENT, stored
    )
    decision = deciding.decide(in_full)
    assert decision is not None
    return decision.matched, stored


CT, SR = {"Modality": "CT", "StationName": "A", "InstanceNumber": "9"}, {"Modality": "SR", "StationName": "B"}


@pytest.mark.parametrize("order", [(SR, CT, CT), (CT, SR, CT), (CT, CT, SR)])
def test_a_study_matches_whichever_image_came_first(order: Sequence[Mapping[str, str]]) -> None:
    matched, _ = study(*(image(tags) for tags in order))
    assert matched == {"ct": tuple(index for index, tags in enumerate(order) if tags is CT)}


def test_reading_stops_at_the_first_match() -> None:
    images = [image(SR, series="reports")] + [image(CT) for _ in range(300)]
    policies = PolicySet([PolicyRule("ct", 1, "ct", compile_rule(RULES["ct"]), False, False)])
    stored = Stored(images)
    aside: list[frozenset[str]] = [frozenset()] * len(images)
    deciding = Deciding(policies, "study", [one.stored for one in images], aside, MOMENT, stored)
    decision = deciding.decide(frozenset())
    assert decision is not None
    assert "ct" in decision.matched
    assert len(stored.read_headers) <= 100


def test_all_that_match_are_known_where_they_must_be() -> None:
    matched, stored = study(*(image(CT) for _ in range(120)), in_full={"ct"})
    assert matched == {"ct": tuple(range(120))}
    assert len(stored.read_headers) == 120


def test_reading_goes_on_where_it_was_left() -> None:
    archive = OrthancInMemory(files={f"image {number}": file_of(SR) for number in range(200)})
    stored_instances = StoredInstances(archive)
    stored_instances.asked = POLICIES.tags
    stored = [StoredInstance(name, "series", "study", {}, {}, {}, 1) for name in archive.files]
    aside: list[frozenset[str]] = [frozenset()] * len(stored)
    calls = 0
    while True:
        calls += 1
        deciding = Deciding(POLICIES, "study", stored, aside, MOMENT, stored_instances)
        decision = deciding.decide(goes_on=lambda: False)
        if decision is not None:
            break
    assert calls > 2
    assert decision.matched == {"rest": tuple(range(200))}
    assert len(archive.read) == 200


VALUES = st.fixed_dictionaries(
    {},
    optional={
        "Modality": st.sampled_from(["CT", "MR", "US", ""]),
        "InstanceNumber": st.sampled_from(["1", "2", "3", "7"]),
        "StationName": st.sampled_from(["CT1", ""]),
        "SeriesDescription": st.sampled_from(["head", "neck"]),
    },
)
FACTS = st.fixed_dictionaries({}, optional={"@RemoteAET": st.sampled_from(["CT1", "MR1"])})
LEFT_ASIDE = st.sampled_from([frozenset[str](), frozenset({"ct"})])
Images = list[tuple[dict[str, str], dict[str, str], frozenset[str]]]


@settings(max_examples=50)
@given(st.lists(st.tuples(VALUES, FACTS, LEFT_ASIDE), max_size=20))
def test_each_is_decided_as_by_itself(drawn: Images) -> None:
    images = [image(tags, facts) for tags, facts, _ in drawn]
    together = decided(*images, without=[without for _, _, without in drawn]) if images else []
    alone = [
        POLICIES.decide(Reading.of_document({**tags, **facts}), MOMENT, without)
        for tags, facts, without in drawn
    ]
    assert together == [decision.matched for decision in alone if decision]
