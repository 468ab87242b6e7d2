# SPDX-License-Identifier: GPL-3.0-or-later
"""The intake's memory: the cursor, what arrived, what is still growing; a plan is all or nothing."""

import threading
import uuid
from collections.abc import Callable
from datetime import datetime

import pytest

from router.documents.delivery import State
from router.documents.policy import Level
from router.store import Arrival, Cursor, Fired, Growing, Plan, PlanConflict, Store
from unit.store.stored_samples import NOON, add, after, delivery, exists, until

START = Cursor(sequence=100, version=1, anchor="2024-05-17 image-0")
NEXT = Cursor(sequence=200, version=2, anchor="2024-05-17 image-9")


@pytest.fixture
def begun(store: Store) -> Store:
    """A store whose intake has begun at START."""
    store.intake.begin(START)
    return store


def arrival(instance: str, sequence: int, *, study: str = "study-1", at: datetime = NOON) -> Arrival:
    return Arrival(instance, f"{study}-series", study, sequence, at)


def growing(
    resource: str = "study-1",
    *,
    level: Level = "study",
    due_at: datetime | None = NOON,
    last_at: datetime = NOON,
    fired: dict[str, Fired] | None = None,
    last_sequence: int = 7,
) -> Growing:
    return Growing(level, resource, last_sequence, last_at, due_at, fired or {})


def commit(store: Store, *parts: Arrival | Growing) -> None:
    """Commit a plan of these upon the current cursor."""
    cursor = store.intake.cursor()
    assert cursor is not None
    store.intake.commit(
        Plan(
            based_on=cursor,
            cursor=Cursor(cursor.sequence + 1, cursor.version + 1, cursor.anchor),
            arrivals=[part for part in parts if isinstance(part, Arrival)],
            growing=[part for part in parts if isinstance(part, Growing)],
        )
    )


class TestCursor:
    def test_there_is_none_before_the_intake_has_begun(self, store: Store) -> None:
        assert store.intake.cursor() is None

    def test_it_begins_where_it_is_told(self, begun: Store) -> None:
        assert begun.intake.cursor() == START

    def test_it_can_begin_again_anywhere(self, begun: Store) -> None:
        begun.intake.commit(Plan(START, NEXT))
        replaced = Cursor(sequence=1, version=3, anchor="2024-05-18 other")
        begun.intake.begin(replaced, NEXT)
        assert begun.intake.cursor() == replaced

    def test_larger_numbers_are_brought_down_to_it(self, begun: Store) -> None:
        """The log that it is for gives them anew: what comes then is late, and what was there is not."""
        fired = {"policy": Fired(180, matched=True), "other": Fired(90, matched=False)}
        commit(
            begun,
            arrival("old", 100),
            arrival("lost", 180),
            growing(last_sequence=180, fired=fired, due_at=None),
            growing("study-2", last_sequence=100),
        )
        before = begun.intake.cursor()
        assert before is not None
        begun.intake.begin(Cursor(150, before.version + 1), before)
        assert [(one.instance, one.sequence) for one in begun.intake.arrivals_of("study", "study-1")] == [
            ("old", 100),
            ("lost", 150),
        ]
        known = begun.intake.growing("study", ["study-1", "study-2"])
        assert known["study-1"].last_sequence == 150
        assert known["study-1"].fired == {"policy": Fired(150, True), "other": Fired(90, False)}
        assert known["study-2"].last_sequence == 100
        commit(begun, arrival("late", 151))
        assert [one.instance for one in begun.intake.arrivals_of("study", "study-1", 150)] == ["late"]

    def test_it_is_there_when_the_store_is_opened_again(
        self, begun: Store, open_again: Callable[[], Store]
    ) -> None:
        begun.intake.commit(Plan(START, NEXT))
        begun.close()
        assert open_again().intake.cursor() == NEXT


class TestCommit:
    def test_everything_in_the_plan_is_there_afterwards(self, begun: Store) -> None:
        new = delivery(instances=["image-1", "image-2"])
        arrived = arrival("image-1", 101)
        grows = growing(fired={"policy-1": Fired(90, matched=True), "policy-2": Fired(0, matched=False)})
        begun.intake.commit(Plan(START, NEXT, [arrived], [grows], [new]))
        assert begun.intake.cursor() == NEXT
        assert begun.intake.arrivals(["image-1"]) == {"image-1": arrived}
        assert begun.intake.growing("study", ["study-1"]) == {"study-1": grows}
        assert begun.deliveries.get(new.delivery.id) == new.delivery
        assert begun.deliveries.instances(new.delivery.id) == ["image-1", "image-2"]

    @pytest.mark.parametrize(
        "based_on",
        [
            pytest.param(Cursor(100, 0, START.anchor), id="an older version"),
            pytest.param(Cursor(100, 2, START.anchor), id="a newer version"),
            pytest.param(Cursor(99, 1, START.anchor), id="another place"),
            pytest.param(Cursor(100, 1, "other"), id="another Orthanc database"),
        ],
    )
    def test_a_plan_based_on_another_cursor_leaves_no_trace(self, begun: Store, based_on: Cursor) -> None:
        new = delivery()
        with pytest.raises(PlanConflict):
            begun.intake.commit(Plan(based_on, NEXT, [arrival("image-1", 101)], [growing()], [new]))
        assert begun.intake.cursor() == START
        assert begun.intake.arrivals(["image-1"]) == {}
        assert begun.intake.growing("study", ["study-1"]) == {}
        assert not exists(begun, new.delivery.id)

    def test_a_plan_before_the_beginning_is_refused(self, store: Store) -> None:
        with pytest.raises(PlanConflict):
            store.intake.commit(Plan(START, NEXT, deliveries=[delivery()]))
        assert store.intake.cursor() is None

    def test_the_same_plan_twice_is_refused_the_second_time(self, begun: Store) -> None:
        plan = Plan(START, NEXT, deliveries=[delivery()])
        begun.intake.commit(plan)
        with pytest.raises(PlanConflict):
            begun.intake.commit(plan)
        assert sum(begun.deliveries.counts().values()) == 1

    def test_a_delivery_that_is_there_already_is_left_as_it_is(self, begun: Store) -> None:
        add(begun, delivery(identifier="d", instances=["image-1"]))
        begun.deliveries.lease("pacs", until(60), NOON, 1)
        running = begun.deliveries.get("d")
        add(begun, delivery(identifier="d", instances=["image-2", "image-3"]), delivery(identifier="e"))
        assert begun.deliveries.get("d") == running
        assert begun.deliveries.instances("d") == ["image-1"]
        assert exists(begun, "e")

    def test_of_several_intakes_at_once_one_wins_each_round(self, begun: Store) -> None:
        rounds, intakes = 10, 4
        conflicts = []

        def intake(name: str) -> None:
            won = 0
            while won < rounds:
                cursor = begun.intake.cursor()
                assert cursor is not None
                moved = Cursor(cursor.sequence + 1, cursor.version + 1)
                try:
                    begun.intake.commit(
                        Plan(cursor, moved, deliveries=[delivery(identifier=f"{name}-{cursor.version}")])
                    )
                    won += 1
                except PlanConflict:
                    conflicts.append(name)

        threads = [
            threading.Thread(target=intake, args=(f"intake{n}",), name=f"intake {n}") for n in range(intakes)
        ]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        cursor = begun.intake.cursor()
        assert cursor is not None
        assert cursor.sequence == START.sequence + rounds * intakes
        assert sum(begun.deliveries.counts().values()) == rounds * intakes

    def test_a_plan_larger_than_a_document_of_mongodb_may_be(self, begun: Store) -> None:
        plans = [delivery(instances=[uuid.uuid4().hex for _ in range(10_000)]) for _ in range(60)]
        begun.intake.commit(Plan(START, NEXT, deliveries=plans))
        assert begun.deliveries.counts() == {("pacs", State.WAITING): 60}
        for planned in plans:
            assert begun.deliveries.instances(planned.delivery.id) == planned.instances


class TestArrivals:
    def test_the_unknown_are_left_out(self, begun: Store) -> None:
        commit(begun, arrival("image-1", 1))
        assert set(begun.intake.arrivals(["image-1", "image-2"])) == {"image-1"}
        assert begun.intake.arrivals([]) == {}

    def test_a_later_one_replaces_the_earlier(self, begun: Store) -> None:
        commit(begun, arrival("image-1", 1))
        corrected = Arrival("image-1", "study-2-series", "study-2", 9, after(5), digest="abc")
        commit(begun, corrected)
        assert begun.intake.arrivals(["image-1"]) == {"image-1": corrected}
        assert begun.intake.arrivals_of("study", "study-1") == []

    def test_those_of_a_series_or_study_come_by_sequence(self, begun: Store) -> None:
        third, first, second = (arrival(f"image-{n}", n) for n in (30, 10, 20))
        commit(begun, third, first, arrival("image-5", 5, study="study-2"), second)
        assert begun.intake.arrivals_of("study", "study-1") == [first, second, third]
        assert begun.intake.arrivals_of("series", "study-1-series") == [first, second, third]
        assert begun.intake.arrivals_of("study", "study-1-series") == []

    def test_those_after_a_sequence(self, begun: Store) -> None:
        commit(begun, *(arrival(f"image-{n}", n) for n in (10, 20, 30)))
        found = begun.intake.arrivals_of("study", "study-1", after_sequence=10)
        assert [each.sequence for each in found] == [20, 30]

    def test_many_at_once(self, begun: Store) -> None:
        images = [f"image-{n}" for n in range(2000)]
        commit(begun, *(arrival(image, n) for n, image in enumerate(images)))
        assert set(begun.intake.arrivals(images)) == set(images)


class TestGrowing:
    def test_what_is_known_is_replaced(self, begun: Store) -> None:
        commit(begun, growing(fired={"policy-1": Fired(3, matched=True)}))
        settled = growing(due_at=None, last_sequence=9, last_at=after(9))
        commit(begun, settled)
        assert begun.intake.growing("study", ["study-1"]) == {"study-1": settled}

    def test_levels_do_not_mix(self, begun: Store) -> None:
        commit(begun, growing("same-id", level="study"), growing("same-id", level="series", due_at=None))
        assert begun.intake.growing("series", ["same-id"])["same-id"].level == "series"
        assert begun.intake.growing("study", ["same-id"])["same-id"].level == "study"
        assert begun.intake.growing("study", ["unknown"]) == {}

    def test_the_longest_due_come_first(self, begun: Store) -> None:
        commit(begun, *(growing(f"due-{s}", due_at=after(s)) for s in (30, 10, 20, 40)))
        commit(begun, growing("settled", due_at=None))
        assert [g.resource for g in begun.intake.growing_due(after(30), 10)] == ["due-10", "due-20", "due-30"]
        assert [g.resource for g in begun.intake.growing_due(after(30), 2)] == ["due-10", "due-20"]
        assert begun.intake.growing_due(after(9), 10) == []

    def test_the_earliest_due(self, begun: Store) -> None:
        assert begun.intake.next_growing_due() is None
        commit(begun, growing("settled", due_at=None))
        assert begun.intake.next_growing_due() is None
        commit(begun, growing("a", due_at=after(20)), growing("b", due_at=after(10), level="series"))
        assert begun.intake.next_growing_due() == after(10)


class TestExpire:
    def test_older_arrivals_and_settled_resources_go(self, begun: Store) -> None:
        commit(
            begun,
            arrival("old", 1, study="old-study", at=after(-10)),
            arrival("new", 2, study="new-study", at=after(10)),
            growing("old-study", due_at=None, last_at=after(-10)),
            growing("new-study", due_at=None, last_at=after(10)),
        )
        assert begun.intake.expire(NOON) == 2
        assert set(begun.intake.arrivals(["old", "new"])) == {"new"}
        assert set(begun.intake.growing("study", ["old-study", "new-study"])) == {"new-study"}
        assert begun.intake.expire(NOON) == 0

    @pytest.mark.parametrize(("level", "resource"), [("study", "study-1"), ("series", "study-1-series")])
    def test_what_has_yet_to_fire_keeps_its_arrivals(self, begun: Store, level: Level, resource: str) -> None:
        commit(
            begun,
            arrival("image-1", 1, at=after(-10)),
            growing(resource, level=level, due_at=after(500), last_at=after(-10)),
        )
        assert begun.intake.expire(NOON) == 0
        assert set(begun.intake.arrivals(["image-1"])) == {"image-1"}
        assert set(begun.intake.growing(level, [resource])) == {resource}


def test_the_studies_of_which_images_came_in_since_then(store: Store) -> None:
    store.intake.begin(Cursor(0, 0))
    arrivals = [
        Arrival(f"image-{number}", "series", study, number, after(seconds))
        for number, (study, seconds) in enumerate([("b", 5), ("a", 6), ("b", 7), ("old", 1), ("c", 8)])
    ]
    store.intake.commit(Plan(Cursor(0, 0), Cursor(1, 1), arrivals))
    assert store.intake.studies_since(after(5)) == ["b", "a", "c"]
    assert store.intake.studies_since(after(9)) == []
