# SPDX-License-Identifier: GPL-3.0-or-later
"""Runs, their studies, and the deliveries that come of them."""

from collections.abc import Callable, Sequence

import pytest

from router.actions.forward import Forward
from router.documents.delivery import ByHand, State
from router.documents.document import new_id
from router.documents.policy import StoredResource
from router.documents.run import Progress, Run, RunKind, RunPolicy, RunState, RunStudy, Verdict
from router.store import DeliveryFilter, DoneStudy, NewDelivery, NotFound, RunFilter, Store
from unit.store.stored_samples import NOON, after, delivery, exists, lease, resource

PLENTY = 10**6


def run(
    *,
    kind: RunKind = "preview",
    state: RunState = RunState.WAITING,
    policy: str | None = "policy-1",
    node: str = "node-1",
    created: float = 0,
    ended: float | None = None,
) -> Run:
    return Run(
        id=new_id(),
        kind=kind,
        state=state,
        node=node,
        policy=RunPolicy(id=policy, name="CT to research", revision=3),
        request={"from": "2024-05-17T00:00:00+00:00"},
        created_at=after(created),
        created_by="admin",
        finished_at=None if ended is None else after(ended),
    )


def study(identifier: str, position: int = 0) -> RunStudy:
    return RunStudy(study=identifier, position=position)


def done(one: RunStudy, verdict: Verdict = "matched", *deliveries: NewDelivery, **told: object) -> DoneStudy:
    told = {"done": True, "verdict": verdict, "looked_at": 3, **told}
    return DoneStudy(one.model_copy(update=told), deliveries)


def names(studies: Sequence[RunStudy]) -> list[str]:
    return [one.study for one in studies]


@pytest.fixture
def made(store: Store) -> Run:
    made = run()
    store.runs.create(made)
    return made


class TestRuns:
    def test_one_is_there_when_the_store_is_opened_again(
        self, made: Run, open_again: Callable[[], Store]
    ) -> None:
        assert open_again().runs.get(made.id) == made

    def test_one_that_is_not_there(self, store: Store) -> None:
        with pytest.raises(NotFound):
            store.runs.get("none")
        with pytest.raises(NotFound):
            store.runs.delete("none")

    def test_they_are_listed_with_the_newest_first(self, store: Store) -> None:
        runs = [run(created=seconds) for seconds in (1, 3, 2)]
        for one in runs:
            store.runs.create(one)
        found, total = store.runs.find(RunFilter(), 2)
        assert ([one.id for one in found], total) == ([runs[1].id, runs[2].id], 3)
        assert [one.id for one in store.runs.find(RunFilter(), 2, 2)[0]] == [runs[0].id]
        assert store.runs.find(RunFilter(), 0) == ([], 3)

    @pytest.mark.parametrize(
        ("wanted", "expected"),
        [
            (RunFilter(), "abcd"),
            (RunFilter(kinds=frozenset({"preview", "replay"})), "abc"),
            (RunFilter(states=frozenset({RunState.PAUSED, RunState.FAILED})), "cd"),
            (RunFilter(policy="policy-2"), "b"),
            (RunFilter(node="node-2"), "d"),
            (RunFilter(frozenset({"preview"}), frozenset({RunState.WAITING}), "policy-1", "node-1"), "a"),
        ],
    )
    def test_each_part_of_a_filter_must_hold(self, store: Store, wanted: RunFilter, expected: str) -> None:
        runs = {
            "a": run(),
            "b": run(policy="policy-2"),
            "c": run(kind="replay", state=RunState.PAUSED),
            "d": run(kind="route", state=RunState.FAILED, policy=None, node="node-2"),
        }
        for one in runs.values():
            store.runs.create(one)
        found, total = store.runs.find(wanted, PLENTY)
        assert {one.id for one in found} == {runs[name].id for name in expected}
        assert total == len(expected)

    def test_saving_changes_what_it_says(self, store: Store, made: Run) -> None:
        running = made.model_copy(
            update={"state": RunState.RUNNING, "started_at": after(1), "progress": Progress(studies_done=2)}
        )
        assert store.runs.save(running, RunState.WAITING)
        assert store.runs.get(made.id) == running
        assert store.runs.find(RunFilter(states=frozenset({RunState.RUNNING})), PLENTY)[1] == 1

    def test_nothing_is_saved_where_somebody_was_quicker(self, store: Store, made: Run) -> None:
        cancelled = made.model_copy(update={"state": RunState.CANCELLED})
        assert store.runs.save(cancelled, RunState.WAITING)
        assert not store.runs.save(made.model_copy(update={"state": RunState.RUNNING}), RunState.WAITING)
        assert store.runs.get(made.id) == cancelled
        store.runs.delete(made.id)
        assert not store.runs.save(made, RunState.CANCELLED)

    def test_deleting_takes_its_studies_and_leaves_its_deliveries(self, store: Store, made: Run) -> None:
        other = run()
        store.runs.create(other)
        store.runs.add_studies(made.id, [study("a")])
        store.runs.add_studies(other.id, [study("b")])
        store.runs.record(made.id, [done(study("a"), "matched", delivery(identifier="d", run=made.id))])
        store.runs.delete(made.id)
        with pytest.raises(NotFound):
            store.runs.get(made.id)
        assert store.runs.studies(made.id, None, PLENTY) == ([], 0)
        assert store.runs.progress(other.id).studies_total == 1
        assert exists(store, "d")

    def test_those_that_ended_long_ago_expire(self, store: Store) -> None:
        old, young, still = run(ended=1), run(ended=3), run()
        for one in (old, young, still):
            store.runs.create(one)
            store.runs.add_studies(one.id, [study("a")])
        assert store.runs.expire(after(2)) == 1
        assert {one.id for one in store.runs.find(RunFilter(), PLENTY)[0]} == {young.id, still.id}
        assert store.runs.next_studies(old.id, PLENTY) == []
        assert names(store.runs.next_studies(still.id, PLENTY)) == ["a"]


class TestStudies:
    def test_they_come_in_their_order(self, store: Store, made: Run) -> None:
        store.runs.add_studies(made.id, [study("c", 2), study("a", 0)])
        store.runs.add_studies(made.id, [study("b", 1)])
        assert names(store.runs.next_studies(made.id, 2)) == ["a", "b"]
        assert names(store.runs.next_studies(made.id, PLENTY)) == ["a", "b", "c"]

    def test_they_keep_what_is_meant_of_them(self, store: Store, made: Run) -> None:
        part = RunStudy(study="a", position=0, within=[StoredResource(level="series", id="s")])
        store.runs.add_studies(made.id, [part])
        assert store.runs.next_studies(made.id, 1) == [part]

    def test_adding_one_again_changes_nothing(self, store: Store, made: Run) -> None:
        store.runs.add_studies(made.id, [study("a")])
        store.runs.record(made.id, [done(study("a"))])
        store.runs.add_studies(made.id, [study("a", 9), study("b", 1)])
        assert names(store.runs.next_studies(made.id, PLENTY)) == ["b"]
        assert store.runs.progress(made.id) == Progress(studies_done=1, studies_total=2, instances=3)

    def test_what_came_of_them_is_there_when_the_store_is_opened_again(
        self, store: Store, made: Run, open_again: Callable[[], Store]
    ) -> None:
        store.runs.add_studies(made.id, [study("a"), study("b", 1)])
        told = done(study("a"), reason="Modality is CT", resource=resource("a", patient_name="DOE^J"))
        store.runs.record(made.id, [told])
        again = open_again()
        assert again.runs.studies(made.id, None, PLENTY) == ([told.study], 1)
        assert names(again.runs.next_studies(made.id, PLENTY)) == ["b"]

    def test_they_are_listed_by_what_was_found(self, store: Store, made: Run) -> None:
        store.runs.add_studies(made.id, [study(name, position) for position, name in enumerate("abcd")])
        store.runs.record(
            made.id,
            [
                done(study("c", 2), "unmatched", change="lost"),
                done(study("a", 0), "matched"),
                done(study("b", 1), "matched", change="gained"),
            ],
        )
        listed = {
            finding: names(store.runs.studies(made.id, finding, PLENTY)[0])
            for finding in (None, "matched", "unmatched", "gained", "lost")
        }
        assert listed == {
            None: ["a", "b", "c"],
            "matched": ["a", "b"],
            "unmatched": ["c"],
            "gained": ["b"],
            "lost": ["c"],
        }
        page, total = store.runs.studies(made.id, "matched", 1, 1)
        assert (names(page), total) == (["b"], 2)
        assert store.runs.studies(made.id, "matched", 0) == ([], 2)

    def test_they_are_read_on_while_others_are_done(self, store: Store, made: Run) -> None:
        # Two at each position, so that the study decides as well.
        studies = [study(f"study-{number:02}", number // 2) for number in range(9)]
        store.runs.add_studies(made.id, studies)
        store.runs.record(made.id, [done(one) for one in studies[3:]])
        read = store.runs.studies_after(made.id, "matched", None, 4)
        store.runs.record(made.id, [done(one) for one in studies[:3]])
        while page := store.runs.studies_after(made.id, None, read[-1], 4):
            read += page
        assert names(read) == names(studies[3:])

    def test_the_progress_of_none(self, store: Store, made: Run) -> None:
        assert store.runs.progress(made.id) == Progress(studies_total=0)
        store.runs.add_studies(made.id, [])
        store.runs.record(made.id, [])
        assert store.runs.next_studies(made.id, PLENTY) == []


class TestDeliveries:
    def test_they_come_with_what_is_recorded(self, store: Store, made: Run) -> None:
        store.runs.add_studies(made.id, [study("a"), study("b", 1)])
        one, two = (delivery(identifier=name, run=made.id) for name in ("d1", "d2"))
        store.runs.record(made.id, [done(study("a"), "matched", one, two), done(study("b", 1))])
        assert store.deliveries.get("d1") == one.delivery
        assert {each.delivery.id for each in lease(store, instances=10)} == {"d1", "d2"}

    def test_recording_again_makes_none_twice(self, store: Store, made: Run) -> None:
        store.runs.add_studies(made.id, [study("a")])
        store.runs.record(made.id, [done(study("a"), "matched", delivery(identifier="d", run=made.id))])
        store.deliveries.cancel("d", NOON)
        store.runs.record(made.id, [done(study("a"), "matched", delivery(identifier="d", run=made.id))])
        assert store.deliveries.get("d").state == State.CANCELLED
        assert store.deliveries.find(DeliveryFilter(run=made.id), PLENTY)[1] == 1

    def test_they_are_found_and_counted_by_their_run(self, store: Store, made: Run) -> None:
        store.runs.add_studies(made.id, [study("a")])
        own = [delivery(identifier=f"d{number}", run=made.id) for number in range(3)]
        store.runs.record(made.id, [done(study("a"), "matched", *own, delivery(identifier="other"))])
        store.deliveries.cancel("d1", NOON)
        assert {one.id for one in store.deliveries.find(DeliveryFilter(run=made.id), 9)[0]} == {
            "d0",
            "d1",
            "d2",
        }
        assert store.deliveries.counts_of_run(made.id) == {State.WAITING: 2, State.CANCELLED: 1}
        assert store.deliveries.cancel(DeliveryFilter(run=made.id), NOON) == 2
        assert store.deliveries.get("other").state == State.WAITING

    def test_one_that_was_asked_for_by_hand_says_what_to_do(self, store: Store, made: Run) -> None:
        by_hand = ByHand(user="admin", action=Forward(type="forward", destination="pacs"))
        planned = delivery(identifier="d", run=made.id)
        planned = NewDelivery(
            planned.delivery.model_copy(update={"policy": None, "by_hand": by_hand}), planned.instances
        )
        store.runs.add_studies(made.id, [study("a")])
        store.runs.record(made.id, [done(study("a"), "matched", planned)])
        [leased] = lease(store)
        assert leased.delivery.by_hand == by_hand
        assert leased.delivery.policy is None
        assert store.deliveries.find(DeliveryFilter(policy="policy-1"), 9)[1] == 0
