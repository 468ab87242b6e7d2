# SPDX-License-Identifier: GPL-3.0-or-later
"""Finding deliveries: every part of a filter, alone and together, newest first, page by page."""

from collections.abc import Iterable
from datetime import datetime

import pytest

from router.documents.delivery import Resource, State
from router.store import DeliveryFilter, NotFound, Outcome, Store
from unit.store.stored_samples import NOON, add, after, attempt, delivery, resource, until

SUCCEEDED = frozenset({State.SUCCEEDED})
WAITING = frozenset({State.WAITING})


def found(store: Store, wanted: DeliveryFilter) -> list[str]:
    """The ids of all that are found; the total must say the same."""
    deliveries, total = store.deliveries.find(wanted, 1000)
    assert total == len(deliveries)
    return [each.id for each in deliveries]


def moments(count: int) -> Iterable[datetime]:
    return (after(n) for n in range(count))


@pytest.fixture
def filled(store: Store) -> Store:
    """Newest first: d3 (policy-2), d2 (to archive), d1, d0 (succeeded); one second between them."""
    add(store, delivery(identifier="d0", about=resource("study-0"), created_at=after(0)))
    (leased,) = store.deliveries.lease("pacs", until(60), NOON, 1)
    store.deliveries.record(leased, Outcome(State.SUCCEEDED, (), attempt()))
    add(store, delivery(identifier="d1", about=resource("study-1"), created_at=after(1)))
    add(store, delivery(identifier="d2", about=resource("study-2"), created_at=after(2), lane="archive"))
    add(
        store, delivery(identifier="d3", about=resource("study-2"), created_at=after(3), policy_id="policy-2")
    )
    return store


@pytest.mark.parametrize(
    ("wanted", "expected"),
    [
        (DeliveryFilter(), ["d3", "d2", "d1", "d0"]),
        (DeliveryFilter(states=SUCCEEDED), ["d0"]),
        (DeliveryFilter(states=WAITING), ["d3", "d2", "d1"]),
        (DeliveryFilter(states=WAITING | SUCCEEDED), ["d3", "d2", "d1", "d0"]),
        (DeliveryFilter(states=frozenset({State.FAILED})), []),
        (DeliveryFilter(policy="policy-1"), ["d2", "d1", "d0"]),
        (DeliveryFilter(policy="policy-3"), []),
        (DeliveryFilter(destination="archive"), ["d2"]),
        (DeliveryFilter(resource="study-2"), ["d3", "d2"]),
        (DeliveryFilter(resource="study-2-series"), ["d3", "d2"]),
        (DeliveryFilter(resource="study"), []),
        (DeliveryFilter(studies=frozenset({"study-0", "study-2"})), ["d3", "d2", "d0"]),
        (DeliveryFilter(studies=frozenset({"study-0"}), resource="study-2"), []),
        (DeliveryFilter(studies=frozenset({"study-2"}), resource="study-2-series"), ["d3", "d2"]),
        (DeliveryFilter(studies=frozenset({"study-2"}), policy="policy-2", states=WAITING), ["d3"]),
        (DeliveryFilter(studies=frozenset()), []),
        (DeliveryFilter(since=after(2)), ["d3", "d2"]),
        (DeliveryFilter(since=after(4)), []),
        (DeliveryFilter(policy="policy-1", states=WAITING), ["d2", "d1"]),
        (DeliveryFilter(policy="policy-1", destination="pacs"), ["d1", "d0"]),
        (DeliveryFilter(policy="policy-1", destination="pacs", states=SUCCEEDED), ["d0"]),
        (DeliveryFilter(destination="pacs", states=WAITING, since=after(2)), ["d3"]),
        (DeliveryFilter(resource="study-2", policy="policy-2"), ["d3"]),
        (DeliveryFilter(resource="study-2", destination="archive", states=WAITING, since=after(1)), ["d2"]),
    ],
)
def test_every_given_part_must_hold(filled: Store, wanted: DeliveryFilter, expected: list[str]) -> None:
    assert found(filled, wanted) == expected


def test_page_by_page(store: Store) -> None:
    add(store, *(delivery(identifier=f"d{n}", created_at=moment) for n, moment in enumerate(moments(7))))
    pages = [store.deliveries.find(DeliveryFilter(), 3, offset) for offset in (0, 3, 6, 9)]
    assert [[each.id for each in page] for page, _ in pages] == [
        ["d6", "d5", "d4"],
        ["d3", "d2", "d1"],
        ["d0"],
        [],
    ]
    assert {total for _, total in pages} == {7}


def test_pages_do_not_overlap_when_many_came_at_the_same_moment(store: Store) -> None:
    add(store, *(delivery() for _ in range(20)))
    seen = [
        each.id
        for offset in range(0, 20, 4)
        for each in store.deliveries.find(DeliveryFilter(), 4, offset)[0]
    ]
    assert len(set(seen)) == 20


PATIENT = Resource(
    level="study",
    id="orthanc-study",
    study="orthanc-study",
    patient_id="PAT-4711",
    patient_name="Müller^Jürgen",
    accession_number="Acc.77",
    study_instance_uid="1.2.840.1",
    series_instance_uid="1.2.840.1.5",
)


@pytest.mark.parametrize(
    "search",
    [
        "PAT-4711",
        "pat-4711",
        " PAT-4711 ",
        "acc.77",
        "1.2.840.1",
        "1.2.840.1.5",
        "Müller^Jürgen",
        "MÜLLER",
        "mü",
    ],
)
def test_a_search_finds_what_a_person_knows(store: Store, search: str) -> None:
    add(store, delivery(identifier="d", about=PATIENT), delivery(about=resource(patient_name="Meier^Max")))
    assert found(store, DeliveryFilter(search=search)) == ["d"]


@pytest.mark.parametrize(
    "search",
    ["PAT", "4711", "Acc*77", "Acc477", "1.2.840", "Jürgen", "^M", ".*", "%", "_", "m_", "\ud800", "["],
)
def test_a_search_does_not_find_parts_or_patterns(store: Store, search: str) -> None:
    add(store, delivery(about=PATIENT))
    assert found(store, DeliveryFilter(search=search)) == []


def test_a_search_combines_with_the_other_parts(store: Store) -> None:
    add(store, *(delivery(identifier=lane, lane=lane, about=PATIENT) for lane in ("a", "b")))
    assert found(store, DeliveryFilter(search="mül", destination="b", states=WAITING)) == ["b"]
    assert found(store, DeliveryFilter(search="mül", states=SUCCEEDED)) == []


def test_a_patient_whose_id_is_the_name_is_found_once(store: Store) -> None:
    add(store, delivery(identifier="d", about=resource(patient_id="doe", patient_name="Doe^Jane")))
    assert found(store, DeliveryFilter(search="DOE")) == ["d"]


def test_an_unknown_delivery_is_not_found(store: Store) -> None:
    for ask in (store.deliveries.get, store.deliveries.instances):
        with pytest.raises(NotFound):
            ask("unknown")
