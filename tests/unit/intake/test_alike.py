"""Images that are alike in what the policies ask are decided once, and never otherwise than one by one."""

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from router.intake.alike import Alike
from router.intake.main_dicom_tags import main_dicom_tags
from router.intake.stored_instances import StoredInstance, StoredInstances
from router.orthanc_api import OrthancApi
from router.rules import Decision, Moment, PolicyRule, PolicySet, Reading, compile_rule

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
    """Tells of images without an Orthanc, and counts how many it is asked for."""

    def __init__(self, told: frozenset[str] = main_dicom_tags({})) -> None:
        super().__init__(OrthancApi(0, ""), told)
        self.read_from_index = self.read_from_file = 0

    def reading(self, stored: StoredInstance, counts: Mapping[str, int]) -> Reading:
        self.read_from_index += 1
        return super().reading(stored, counts)

    def reading_of_file(self, stored: StoredInstance, counts: Mapping[str, int]) -> Reading:  # noqa: ARG002
        self.read_from_file += 1
        return Reading.of_document({**stored.tags, **stored.facts})


def image(tags: Mapping[str, str], facts: Mapping[str, str] | None = None) -> StoredInstance:
    return StoredInstance("image", "series", "study", tags, facts or {}, 1)


def decided(one: StoredInstance, without: frozenset[str] = frozenset()) -> Decision:
    return Alike(POLICIES, MOMENT, Stored()).decide(one, without)


def test_a_series_is_decided_once() -> None:
    stored = Stored()
    alike = Alike(POLICIES, MOMENT, stored)
    decisions = {
        alike.decide(image({"Modality": "US", "InstanceNumber": str(number)}), frozenset())
        for number in range(100)
    }
    assert decisions == {Decision(("unnamed",))}
    assert stored.read_from_index == 1


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
def test_what_is_asked_tells_them_apart(before: StoredInstance, after: StoredInstance) -> None:
    alike = Alike(POLICIES, MOMENT, Stored())
    alike.decide(before, frozenset())
    assert alike.decide(after, frozenset()) == decided(after)


def test_what_is_left_aside_tells_them_apart() -> None:
    alike = Alike(POLICIES, MOMENT, Stored())
    assert alike.decide(image({"Modality": "CT"}), frozenset()).matched == ("ct", "unnamed")
    assert alike.decide(image({"Modality": "CT"}), frozenset({"ct"})).matched == ("unnamed",)


def test_what_is_in_the_files_alone_is_read_from_each() -> None:
    stored = Stored(told=frozenset({"Modality"}))
    alike = Alike(POLICIES, MOMENT, stored)
    for number in ("1", "4"):
        one = image({"Modality": "CT", "InstanceNumber": number})
        assert alike.decide(one, frozenset()) == decided(one)
    assert stored.read_from_file == 2


VALUES = st.fixed_dictionaries(
    {},
    optional={
        "Modality": st.sampled_from(["CT", "MR", "US", ""]),
        "InstanceNumber": st.sampled_from(["1", "2", "3", "no number"]),
        "StationName": st.sampled_from(["CT1", ""]),
        "SeriesDescription": st.sampled_from(["head", "neck"]),
    },
)
FACTS = st.fixed_dictionaries({}, optional={"@RemoteAET": st.sampled_from(["CT1", "MR1"])})
LEFT_ASIDE = st.sampled_from([frozenset[str](), frozenset({"ct"})])
Images = list[tuple[dict[str, str], dict[str, str], frozenset[str]]]


@given(st.lists(st.tuples(VALUES, FACTS, LEFT_ASIDE), max_size=30))
def test_each_is_decided_as_by_itself(images: Images) -> None:
    alike = Alike(POLICIES, MOMENT, Stored())
    for tags, facts, without in images:
        one = image(tags, facts)
        assert alike.decide(one, without) == decided(one, without)
