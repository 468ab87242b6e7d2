# SPDX-License-Identifier: GPL-3.0-or-later
"""Warnings about a policy among others."""

from collections.abc import Collection

import pytest

from router.documents.destination import Destination
from router.review import Considered, PolicyWarning, warnings_of
from unit.review.policy_samples import CHEST, CT, MR, Json, considered, destination, forward, tag

CT_CHEST: Json = {"all": [CT, CHEST]}
DESTINATIONS = [destination("one"), destination("two")]


def warned(
    policy: Considered,
    *others: Considered,
    destinations: list[Destination] | None = None,
    here: Collection[str] = (),
) -> list[PolicyWarning]:
    return warnings_of(policy, others, {one.id: one for one in destinations or DESTINATIONS}, here)


def told(found: list[PolicyWarning]) -> list[tuple[str, str, list[str]]]:
    return [(one.code, one.path, [other.name for other in one.policies]) for one in found]


class TestRule:
    @pytest.mark.parametrize(
        ("rule", "code", "path"),
        [
            ({"all": [CT, {"not": CT}]}, "never_true", "rule"),
            ({"all": [CHEST, {"all": [CT, {"not": CT}]}]}, "never_true", "rule.all[1]"),
            ({"any": []}, "never_true", "rule"),
            ({"all": [CT, MR]}, "contradiction", "rule"),
            ({"all": [CHEST, {"all": [CT, MR]}]}, "contradiction", "rule.all[1]"),
            ({"any": [CHEST, {"all": [CT, MR]}]}, "contradiction", "rule.any[1]"),
            ({"all": [CT, {"any": [CHEST, MR]}]}, "contradiction", "rule.all[1].any[1]"),
        ],
    )
    def test_what_cannot_be(self, rule: Json, code: str, path: str) -> None:
        assert told(warned(considered("new", rule))) == [(code, path, [])]

    def test_it_says_why(self) -> None:
        [never] = warned(considered("new", {"all": [CT, {"not": CT}]}))
        assert never.message.startswith("The policy can never fire: ")
        [one_value] = warned(considered("new", {"all": [CT, MR]}))
        assert 'Modality is "MR" and Modality is "CT" exclude each other' in one_value.message
        [empty] = warned(considered("new", {"any": []}))
        assert "without conditions" in empty.message

    @pytest.mark.parametrize("rule", [{"all": []}, CT_CHEST, {"any": [CT, MR]}, {"not": {"all": [CT, MR]}}])
    def test_what_can(self, rule: Json) -> None:
        assert warned(considered("new", rule)) == []


class TestTaken:
    def test_by_one_that_stops_before(self) -> None:
        stopping = considered("a", CT, stop=True, order=1)
        assert told(warned(considered("new", CT_CHEST), stopping)) == [("always_taken", "rule", ["a"])]

    def test_it_takes_others(self) -> None:
        others = considered("b", CT_CHEST), considered("c", MR), considered("d", CT)
        policy = considered("new", CT, stop=True, order=1)
        assert told(warned(policy, *others)) == [("always_taken", "stop", ["b", "d"])]

    def test_a_fallback_of_which_nothing_is_left(self) -> None:
        policy = considered("new", CT_CHEST, fallback=True, order=1)
        assert told(warned(policy, considered("a", CT, order=2))) == [("always_taken", "rule", ["a"])]
        assert told(warned(considered("a", CT, order=2), policy)) == [("always_taken", "rule", ["new"])]

    @pytest.mark.parametrize(
        "other",
        [
            considered("a", CT, order=1),
            considered("a", CT, stop=True, order=200),
            considered("a", CHEST, stop=True, order=1, trigger={"level": "study"}),
            considered("a", {"all": [CT, tag("PatientAge", "exists")]}, stop=True, order=1),
            considered("a", CT, stop=True, order=1, fallback=True),
            considered("a", CT, {"type": "modify", "transform": {"anonymize": True}}, stop=True, order=1),
        ],
        ids=["goes on", "comes later", "another trigger", "not all", "a fallback", "its copies are left"],
    )
    def test_what_is_left(self, other: Considered) -> None:
        assert warned(considered("new", CT_CHEST), other) == []


class TestSamePlace:
    def test_two_policies(self) -> None:
        policy, other = considered("new", CT_CHEST, forward("one")), considered("a", CT, forward("one"))
        assert told(warned(policy, other)) == [("same_place", "actions[0].destination", ["a"])]
        assert told(warned(other, policy)) == [("same_place", "actions[0].destination", ["new"])]

    def test_at_another_level(self) -> None:
        policy = considered("new", CT_CHEST, forward("one"), trigger={"level": "study"})
        assert told(warned(policy, considered("a", CT, forward("one")))) == [
            ("same_place", "actions[0].destination", ["a"])
        ]

    def test_two_names_of_one_place(self) -> None:
        twin = destination("twin", settings=DESTINATIONS[0].settings)
        policy, other = considered("new", CT, forward("one")), considered("a", CT, forward("twin"))
        assert told(warned(policy, other, destinations=[*DESTINATIONS, twin])) == [
            ("same_place", "actions[0].destination", ["a"])
        ]

    def test_two_actions(self) -> None:
        policy = considered("new", CT, forward("one"), forward("two"), forward("one", priority="bulk"))
        assert told(warned(policy)) == [("same_place", "actions[2].destination", [])]

    @pytest.mark.parametrize(
        "other",
        [
            considered("a", CT, forward("two")),
            considered("a", {"all": [MR]}, forward("one")),
            considered("a", {"all": [CT, tag("PatientAge", "exists")]}, forward("one")),
            considered("a", CT, forward("one", transform={"anonymize": True})),
            considered("a", CT, forward("one"), fallback=True),
            considered("a", CT_CHEST, forward("one"), stop=True, order=1),
        ],
        ids=["elsewhere", "other images", "perhaps other images", "changed", "a fallback", "it stops"],
    )
    def test_what_is_not_the_same(self, other: Considered) -> None:
        assert "same_place" not in [
            one.code for one in warned(considered("new", CT_CHEST, forward("one")), other)
        ]

    def test_one_that_another_may_keep_from_firing(self) -> None:
        policy, other = considered("new", CT_CHEST, forward("one")), considered("a", CT, forward("one"))
        stopping = considered("s", {"all": [CT, tag("PatientAge", "exists")]}, stop=True, order=1)
        assert warned(policy, other, stopping) == []

    def test_times_that_are_not_the_same(self) -> None:
        rule: Json = {"all": [CT, tag("StudyDate", "equals", "today")]}
        policy = considered("new", rule, forward("one"), trigger={"level": "study"})
        assert warned(policy, considered("a", rule, forward("one"))) == []


class TestExternal:
    OUTSIDE = destination("outside", external=True)

    def test_with_the_patients_name(self) -> None:
        policy = considered("new", CT, forward("outside"))
        [found] = warned(policy, destinations=[self.OUTSIDE])
        assert told([found]) == [("identifiable_to_external", "actions[0].destination", [])]
        assert found.destination is not None
        assert found.destination.id == "outside"

    def test_as_an_alternate(self) -> None:
        inside = destination("inside", alternate="outside")
        [found] = warned(considered("new", CT, forward("inside")), destinations=[inside, self.OUTSIDE])
        assert found.code == "identifiable_to_external"
        assert "the alternate of inside" in found.message

    @pytest.mark.parametrize(
        ("more", "named"),
        [
            ({"keep": ["StudyDate", "PatientName"]}, "PatientName"),
            (
                {"keep": ["RequestAttributesSequence.AccessionNumber"]},
                "RequestAttributesSequence.AccessionNumber",
            ),
            ({"replace": {"PatientComments": "{{ PatientID }}"}}, "PatientID"),
            ({"insert": {"PatientName": "{{ PatientName | name }}"}}, "PatientName"),
        ],
    )
    def test_with_what_an_anonymizing_transform_leaves(self, more: Json, named: str) -> None:
        policy = considered("new", CT, forward("outside", transform={"anonymize": True, **more}))
        [found] = warned(policy, destinations=[self.OUTSIDE])
        assert found.code == "identifiable_to_external"
        assert f"in {named}:" in found.message

    @pytest.mark.parametrize(
        "more",
        [
            {"keep": ["StudyDescription", "StudyDate", "0008,0ffe", '0029,"MAKER",10']},
            {"replace": {"PatientID": "{{ pseudonym(PatientID) }}", "PatientName": "X"}},
            {"replace": {"PatientBirthDate": "{{ PatientBirthDate[0:4] }}0101"}},
        ],
    )
    def test_with_nothing_that_identifies_by_itself(self, more: Json) -> None:
        policy = considered("new", CT, forward("outside", transform={"anonymize": True, **more}))
        assert warned(policy, destinations=[self.OUTSIDE]) == []

    def test_with_what_is_burned_into_the_pixels(self) -> None:
        shown: Json = {"all": [CT, tag("BurnedInAnnotation", "equals", "YES")]}
        [found] = warned(
            considered("new", shown, forward("outside", transform={"anonymize": True})),
            destinations=[self.OUTSIDE],
        )
        assert "burned into" in found.message
        for more in ({"burned_in": "refuse"}, {"redact": [{"rectangles": [[0, 0, 1, 1]]}]}):
            policy = considered("new", shown, forward("outside", transform={"anonymize": True, **more}))
            assert warned(policy, destinations=[self.OUTSIDE]) == []

    def test_without_it(self) -> None:
        anonymized = considered("new", CT, forward("outside", transform={"anonymize": True}))
        before: Json = {"all": [CT, tag("PatientIdentityRemoved", "equals", "yes")]}
        for policy in (anonymized, considered("new", before, forward("outside"))):
            assert warned(policy, destinations=[self.OUTSIDE]) == []


def modify(**transform: object) -> Json:
    return {"type": "modify", "transform": transform}


SERVICE: Json = {"type": "process", "destination": "one"}


class TestCycles:
    def test_of_two_copies(self) -> None:
        policy = considered("new", CT, modify(replace={"StationName": "X"}))
        other = considered("a", CHEST, modify(replace={"StationName": "Y"}))
        assert told(warned(policy, other)) == [("cycle", "actions[0]", ["a"])]

    def test_through_a_service(self) -> None:
        policy = considered("new", CT, forward("two"), SERVICE)
        other = considered("a", CHEST, modify(replace={"StationName": "Y"}))
        assert told(warned(policy, other)) == [("cycle", "actions[1]", ["a"])]

    def test_of_three(self) -> None:
        def turning(name: str, before: str, after: str) -> Considered:
            rule: Json = {"all": [CT, tag("SeriesDescription", "equals", before)]}
            return considered(name, rule, modify(replace={"SeriesDescription": after}))

        policies = [turning("new", "A", "B"), turning("b", "B", "C"), turning("c", "C", "A")]
        assert told(warned(*policies)) == [("cycle", "actions[0]", ["b", "c"])]

    @pytest.mark.parametrize(
        "other",
        [
            considered("a", CHEST, forward("two")),
            considered("a", MR, modify(replace={"StationName": "Y"})),
            considered("a", {"all": [CHEST, {"not": tag("StationName", "equals", "x")}]}, SERVICE),
            considered("a", CHEST, modify(replace={"Modality": "MR"})),
        ],
        ids=["makes nothing", "other images", "leaves out what was made", "makes other images"],
    )
    def test_what_is_none(self, other: Considered) -> None:
        policy = considered("new", CT, modify(replace={"StationName": "X"}))
        assert "cycle" not in [one.code for one in warned(policy, other)]

    def test_a_policy_alone(self) -> None:
        assert warned(considered("new", CT, modify(replace={"StationName": "X"}))) == []

    def test_what_was_anonymized_is_known(self) -> None:
        fresh: Json = {"all": [CT, tag("PatientIdentityRemoved", "not_equals", "YES")]}
        policy = considered("new", fresh, modify(anonymize=True))
        assert warned(policy, considered("a", fresh, modify(replace={"StationName": "Y"}))) == []


CHANGED: Json = {"replace": {"StationName": "X"}}


class TestThisOrthancAsADestination:
    def test_is_told(self) -> None:
        [same] = warned(considered("new", CT, forward("one")), here={"one"})
        assert (same.code, same.path) == ("leads_here", "actions[0].destination")
        assert "here already" in same.message
        [changed] = warned(considered("new", CT, forward("one", transform=CHANGED)), here={"one"})
        assert "come in here as new ones" in changed.message
        assert warned(considered("new", CT, forward("one", transform=CHANGED)), here={"two"}) == []

    def test_makes_circles_with_what_is_changed_on_the_way(self) -> None:
        policy = considered("new", CT, forward("one", transform=CHANGED))
        copying = considered("a", CHEST, modify(replace={"StationName": "Y"}))
        assert ("cycle", "actions[0]", ["a"]) in told(warned(policy, copying, here={"one"}))
        assert ("cycle", "actions[0]", ["new"]) in told(warned(copying, policy, here={"one"}))
        for here, action in (((), forward("one", transform=CHANGED)), ({"one"}, forward("one"))):
            found = warned(considered("new", CT, action), copying, here=here)
            assert "cycle" not in [one.code for one in found]
