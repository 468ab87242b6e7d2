# SPDX-License-Identifier: GPL-3.0-or-later
"""What it costs to decide which policies an instance fires.

Run with `.venv/tests/bin/python tests/benchmarks/rules.py`.

Every policy has four conditions; at most ten match. A fresh reading is made for each decision, so reading
and converting the tags is part of the figure. Medians of `REPEATS` decisions, in milliseconds of processor
time, which other programs on the machine disturb least.
"""

import sys
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from statistics import median
from time import process_time

from pydicom import Dataset, dcmread
from pydicom.data import get_testdata_file

sys.path.insert(0, str(Path(__file__).resolve().parents[2] / "plugin"))

from router.rules import Moment, PolicyRule, PolicySet, Reading, compile_rule

REPEATS = 300
MOMENT = Moment(datetime(2024, 5, 17, 12, tzinfo=UTC))
FACTS = {"@RemoteAET": "CT1", "@Origin": "DicomProtocol"}
MODALITIES = ("CT", "MR", "US", "CR", "DX", "PT", "NM", "XA", "MG", "RF")
KEYWORDS = (
    "Modality",
    "StudyDescription",
    "BodyPartExamined",
    "PatientAge",
    "StationName",
    "SliceThickness",
    "StudyDate",
    "PatientName",
)


def telling(number: int) -> dict[str, object]:
    """As hospitals write them: a modality, a station or a list, a text, a number or a date."""
    station = {"tag": "StationName", "operator": "equals", "value": f"CT{number // 100}_OC0"}
    return {
        "all": [
            {"tag": "Modality", "operator": "equals", "value": MODALITIES[number % 10]},
            station
            if number % 2
            else {"tag": "BodyPartExamined", "operator": "in", "value": [f"PART{number}", "CHEST"]},
            {"tag": "StudyDescription", "operator": "contains", "value": f"protocol {number}"},
            {"not": {"tag": "PatientAge", "operator": "less_than", "value": f"{number % 100}Y"}},
        ]
    }


def various(number: int) -> dict[str, object]:
    """Nothing that policies could be found by; the first condition or the second is false."""
    return {
        "all": [
            {"tag": "SliceThickness", "operator": "less_than", "value": 100 + number},
            {"tag": "PatientName", "operator": "matches", "value": f"^comp.*{number}$"},
            {"tag": "StudyDescription", "operator": "not_contains", "value": f"protocol {number}"},
            {"tag": "StudyDate", "operator": "greater_than", "value": f"{1000 + number}"},
        ]
    }


def vague(number: int) -> dict[str, object]:
    """The worst case: nothing to find policies by, no condition that two of them share, and only the
    last of the four is false, so that each has to be answered."""
    return {
        "all": [
            {"tag": "StudyDescription", "operator": "not_contains", "value": f"protocol {number}"},
            {"tag": "SliceThickness", "operator": "less_than", "value": 100 + number},
            {"tag": "PatientName", "operator": "not_matches", "value": f"^test.*{number}$"},
            {"tag": "StudyDate", "operator": "greater_than", "value": f"{3000 + number}"},
        ]
    }


def matching(number: int) -> dict[str, object]:
    """One of the ten that match."""
    return {
        "all": [
            {"tag": "Modality", "operator": "equals", "value": "CT"},
            {"tag": "@RemoteAET", "operator": "equals", "value": "CT1"},
            {"tag": "PatientID", "operator": "exists"},
            {"tag": "SliceThickness", "operator": "less_than", "value": 10 + number},
        ]
    }


def policies(count: int, rule: Callable[[int], dict[str, object]]) -> PolicySet:
    """`count` policies, ten of which match."""
    rules = [matching(number) if number < 10 else rule(number) for number in range(count)]
    return PolicySet(
        PolicyRule(f"{number}", number, f"policy {number}", compile_rule(each), stop=False, fallback=False)
        for number, each in enumerate(rules)
    )


def milliseconds(policy_set: PolicySet, read: Callable[[], Reading]) -> float:
    """The median time of a decision, its reading included."""
    times = []
    for _ in range(REPEATS):
        started = process_time()
        decision = policy_set.decide(read(), MOMENT)
        times.append(process_time() - started)
        if decision is None or len(decision.matched) != 10:
            raise SystemExit(f"expected ten policies to match, found {decision}")
    return median(times) * 1000


def main() -> None:
    """Measure both sizes of each set in turn, and print the table."""
    path = str(get_testdata_file("CT_small.dcm"))
    dataset = dcmread(path)
    fresh = [dcmread(path) for _ in range(REPEATS)]
    index = {keyword: str(dataset.get(keyword, "")) for keyword in (*KEYWORDS, "PatientID")}

    def from_file() -> Callable[[], Reading]:
        remaining: list[Dataset] = list(fresh)
        return lambda: Reading.of_dataset(remaining.pop(), FACTS)

    def from_index() -> Callable[[], Reading]:
        return lambda: Reading.of_index(index, index, FACTS)

    print(f"{'policies':<42}{'100':>10}{'1,000':>10}{'ratio':>8}")
    for name, rule in (
        ("found by value", telling),
        ("none to find by value", various),
        ("every condition answered", vague),
    ):
        small, large = policies(100, rule), policies(1000, rule)
        for source, make in (("data set", from_file), ("database", from_index)):
            fast, slow = milliseconds(small, make()), milliseconds(large, make())
            print(f"{name + ', tags from ' + source:<42}{fast:>7.3f} ms{slow:>7.3f} ms{slow / fast:>8.1f}")


if __name__ == "__main__":
    main()
