# SPDX-License-Identifier: GPL-3.0-or-later
"""What holds for every rule and every image: hypothesis looks for one where it does not."""

import json
from datetime import UTC, timedelta, timezone
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pydicom import Dataset
from pydicom.dataelem import DataElement, RawDataElement
from pydicom.tag import BaseTag

from router.rules import (
    Moment,
    PolicyRule,
    PolicySet,
    Problem,
    Reading,
    RuleError,
    compile_rule,
    describe_tag,
    operators,
    search_tags,
)

#: A tag of every value representation, and the number it has in a data set.
TAGS: dict[str, int] = {
    "RetrieveAETitle": 0x00080054,
    "PatientAge": 0x00101010,
    "FrameIncrementPointer": 0x00280009,
    "Modality": 0x00080060,
    "StudyDate": 0x00080020,
    "SliceThickness": 0x00180050,
    "AcquisitionDateTime": 0x0008002A,
    "ExaminedBodyThickness": 0x00109431,
    "EventTimeOffset": 0x00082134,
    "SeriesNumber": 0x00200011,
    "StudyDescription": 0x00081030,
    "PatientComments": 0x00104000,
    "PixelData": 0x7FE00010,
    "PatientName": 0x00100010,
    "AccessionNumber": 0x00080050,
    "ReferencePixelX0": 0x00186020,
    "ContentSequence": 0x0040A730,
    "PixelIntensityRelationshipSign": 0x00281041,
    "InstitutionAddress": 0x00080081,
    "SelectorSVValue": 0x00720082,
    "StudyTime": 0x00080030,
    "LongCodeValue": 0x00080119,
    "SOPClassUID": 0x00080016,
    "ExtendedOffsetTable": 0x7FE00001,
    "RetrieveURL": 0x00081190,
    "Rows": 0x00280010,
    "SmallestImagePixelValue": 0x00280106,
    "SelectorUVValue": 0x00720083,
    "TextValue": 0x0040A160,
    "TimezoneOffsetFromUTC": 0x00080201,
    "SpecificCharacterSet": 0x00080005,
    '0029,"ACME",10': 0x00291010,
}
ENTRIES = {entry.name: entry for entry in operators()}
OPPOSITES = {entry.name: entry.negates for entry in ENTRIES.values() if entry.negates}

words = st.sampled_from(
    "CT|ct |1.5|0|2024|20240517|2024-05|14:30|143000|today-7d|now-2h|018Y|18|Doe^Jane|=山田|1.2.840"
    "|0018,1063|Schädel|İ|ß|20240517143000+0200|20240101-|x\\y".split("|")
)
scalars = words | st.text(max_size=20) | st.integers() | st.floats() | st.booleans() | st.none()
values = scalars | st.lists(words | scalars, max_size=3)
conditions = st.fixed_dictionaries(
    {
        "tag": st.sampled_from([*TAGS, "@RemoteAET", "ContentSequence.TextValue"]),
        "operator": st.sampled_from([*ENTRIES]),
    },
    optional={"value": values, "case_sensitive": st.booleans()},
)


def grouped(leaves: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    """Rules of groups over such conditions."""
    return st.recursive(
        leaves,
        lambda nodes: (
            st.fixed_dictionaries({"all": st.lists(nodes, max_size=4)})
            | st.fixed_dictionaries({"any": st.lists(nodes, max_size=4)})
            | st.fixed_dictionaries({"not": nodes})
        ),
        max_leaves=6,
    )


rules = grouped(conditions)

#: Values that are often equal to one another, or parts of one another, and that their tag may hold.
LIKELY: dict[str, list[str]] = {
    "Modality": ["CT", "ct", "MR", "C"],
    "ImageType": ["ORIGINAL", "original", "AXIAL"],
    "StudyDescription": ["CT CHEST", "chest", "Schädel", "SCHÄDEL nativ", "str", "STRASSE", "straße"],
    "PatientName": ["Doe", "doe^jane", "Doe^Jane=山田", "山田", "=山田"],
    "SliceThickness": ["1", "1.0", "1.5", "-2e1", "20"],
    "SeriesNumber": ["1", "01", "7"],
    "PatientAge": ["012M", "001Y", "17Y", "018Y"],
    "StudyDate": ["2024", "20240517", "2024-05", "today", "today-1d"],
    "StudyTime": ["14", "1430", "14:30:15"],
    "AcquisitionDateTime": ["2024", "20240517143000", "20240517143000+0200", "now-2h"],
    "TimezoneOffsetFromUTC": ["+0900", "-1200", "+2500", "x"],
    "FrameIncrementPointer": ["00181063", "FrameTime"],
    '0029,"ACME",10': ["1", "1.0", "abc", "ABCD"],
}


@st.composite
def likely_conditions(draw: st.DrawFn) -> dict[str, Any]:
    """A condition that is mostly accepted, and often satisfied by `likely_tags`."""
    tag = draw(st.sampled_from([*LIKELY]))
    vr = describe_tag(tag).vr
    entry = draw(st.sampled_from([entry for entry in ENTRIES.values() if vr in entry.vrs]))
    one = st.sampled_from(LIKELY[tag])
    form = {
        "none": st.none(),
        "one": one,
        "two": st.tuples(one, one).map(list),
        "list": st.lists(one, min_size=1),
    }
    return {
        "tag": tag,
        "operator": entry.name,
        "value": draw(form[entry.value]),
        "case_sensitive": draw(st.booleans()),
    }


likely_rules = grouped(likely_conditions())
likely_tags = st.lists(st.sampled_from([*LIKELY]), unique=True).flatmap(
    lambda tags: st.fixed_dictionaries({tag: st.sampled_from(LIKELY[tag]) for tag in tags})
)
given_tags = st.dictionaries(
    st.sampled_from([tag for tag in TAGS if tag != "ContentSequence"]),
    words | st.text(max_size=20) | st.integers() | st.floats() | st.none() | st.lists(words, max_size=3),
    max_size=8,
)
moments = st.builds(
    Moment,
    st.datetimes(
        timezones=st.sampled_from([UTC, timezone(timedelta(hours=14)), timezone(timedelta(hours=-12))])
    ),
)
stored_bytes = st.binary(max_size=24) | words.map(lambda word: word.encode())


@st.composite
def datasets(draw: st.DrawFn) -> Dataset:
    """Elements with any bytes in them, as a broken device may store them."""
    elements: dict[BaseTag, DataElement | RawDataElement] = {}
    for number in (0x00290010, *TAGS.values()):
        if draw(st.booleans()):
            value = b"ACME" if number == 0x00290010 else draw(stored_bytes)
            vr = draw(st.sampled_from([None, "UN", "LO", "DS", "US", "SQ", "OB"]))
            implicit, little_endian = draw(st.booleans()), draw(st.booleans())
            tag = BaseTag(number)
            elements[tag] = RawDataElement(tag, vr, len(value), value, 0, implicit, little_endian)
    return Dataset(elements)


def compiled(rule: Any) -> Any:
    """The rule, or None where it is refused."""
    try:
        return compile_rule(rule, "study")
    except RuleError as refused:
        problems = refused.problems
    assert problems
    return None


anything = st.recursive(
    scalars,
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(["all", "any", "not", "tag", "operator", "value", "x"]) | st.text(max_size=3),
            inner,
            max_size=4,
        )
    ),
    max_leaves=8,
)


@given(anything)
def test_compiling_refuses_with_problems_or_not_at_all(document: Any) -> None:
    compiled(document)


@given(anything, st.sampled_from(["Modality", "ContentSequence", "Nonsense", "@RemoteAET"]))
def test_given_tags_are_refused_with_problems_or_not_at_all(document: Any, tag: str) -> None:
    for tags in (document, {tag: document}):
        problems: list[Problem] | None = None
        try:
            Reading.of_document(tags)
        except RuleError as refused:
            problems = refused.problems
        assert problems is None or problems


@settings(max_examples=300)
@given(rules, given_tags, moments)
def test_evaluating_and_explaining_never_raise_and_agree(
    rule: Any, tags: dict[str, Any], moment: Moment
) -> None:
    understood = compiled(rule)
    if understood is None:
        return
    explained = understood.explain(Reading.of_document(tags), moment)
    assert explained["matches"] is understood.evaluate(Reading.of_document(tags), moment)
    assert isinstance(understood.sentence(), str)
    json.dumps(explained, ensure_ascii=False, allow_nan=True).encode()


@pytest.mark.filterwarnings("ignore::UserWarning")  # what pydicom says of broken images
@settings(max_examples=300)
@given(rules, datasets(), moments)
def test_no_image_is_too_broken(rule: Any, dataset: Dataset, moment: Moment) -> None:
    understood = compiled(rule)
    if understood is None:
        return
    reading = Reading.of_dataset(dataset, {})
    verdict = understood.evaluate(reading, moment)
    assert verdict in (True, False)
    assert understood.explain(reading, moment)["matches"] is verdict


@settings(max_examples=300)
@given(
    conditions | likely_conditions(),
    given_tags | likely_tags,
    st.sets(st.sampled_from([*TAGS, *LIKELY])),
    moments,
)
def test_a_negative_operator_is_the_opposite_of_its_positive(
    condition: dict[str, Any], tags: dict[str, Any], known: set[str], moment: Moment
) -> None:
    texts = {tag: value for tag, value in tags.items() if isinstance(value, str)}
    readings = (Reading.of_document(tags), Reading.of_index(texts, known, {}))
    for negative, positive in OPPOSITES.items():
        denied = compiled({**condition, "operator": negative})
        held = compiled({**condition, "operator": positive})
        assert (denied is None) == (held is None)
        if denied is not None:
            for reading in readings:
                verdicts = {held.evaluate(reading, moment), denied.evaluate(reading, moment)}
                assert verdicts in ({True, False}, {None})


@given(likely_rules | rules, likely_tags, moments)
def test_a_rule_survives_json(rule: Any, tags: dict[str, Any], moment: Moment) -> None:
    understood = compiled(rule)
    again = compiled(json.loads(json.dumps(rule)))
    assert (understood is None) == (again is None)
    if understood is not None:
        reading = Reading.of_document(tags)
        assert again.evaluate(reading, moment) is understood.evaluate(reading, moment)
        assert (again.sentence(), again.tags) == (understood.sentence(), understood.tags)


def naive_decision(policies: list[PolicyRule], reading: Reading, moment: Moment) -> tuple[str, ...] | None:
    """What the words of the design say, one policy after the other."""
    matched: list[str] = []
    for policy in sorted(policies, key=lambda each: (each.fallback, each.order, each.name)):
        if policy.fallback and matched:
            break
        verdict = policy.rule.evaluate(reading, moment)
        if verdict is None:
            return None
        if verdict:
            matched.append(policy.id)
            if policy.stop:
                break
    return tuple(matched)


@settings(max_examples=300)
@given(
    st.lists(st.tuples(likely_rules | rules, st.booleans(), st.booleans(), st.integers(0, 2)), max_size=8),
    likely_tags,
    st.sets(st.sampled_from([*LIKELY])),
    moments,
)
def test_deciding_together_agrees_with_deciding_one_by_one(
    drafts: list[tuple[Any, bool, bool, int]], tags: dict[str, Any], known: set[str], moment: Moment
) -> None:
    policies = [
        PolicyRule(f"p{index}", order, f"p{index}", understood, stop, fallback)
        for index, (rule, stop, fallback, order) in enumerate(drafts)
        if (understood := compiled(rule)) is not None
    ]
    texts = {tag: value for tag, value in tags.items() if isinstance(value, str)}
    for reading in (Reading.of_document(tags), Reading.of_index(texts, known, {})):
        decision = PolicySet(policies).decide(reading, moment)
        assert (decision.matched if decision else None) == naive_decision(policies, reading, moment)


@settings(max_examples=300)
@given(likely_rules, st.lists(likely_tags, max_size=4), moments)
def test_a_study_matches_what_one_of_its_instances_matches(
    rule: Any, instances: list[dict[str, Any]], moment: Moment
) -> None:
    understood = compiled(rule)
    if understood is None:
        return
    readings = [Reading.of_document(tags) for tags in instances]
    policies = PolicySet([PolicyRule("p", 1, "p", understood, stop=False, fallback=False)])
    expected = [index for index, reading in enumerate(readings) if understood.evaluate(reading, moment)]
    assert policies.matching(readings, moment) == ({"p": expected} if expected else {})


@settings(max_examples=50)
@given(st.text(max_size=30), st.integers(1, 50))
def test_searching_never_raises(query: str, limit: int) -> None:
    assert len(search_tags(query, limit)) <= limit
