# SPDX-License-Identifier: GPL-3.0-or-later
"""Every question the router asks often is answered from an index, however much is stored.

Plans are compared, not times: a query that reads the whole of a table says `SCAN` in its plan.
"""

import re
from collections.abc import Callable, Iterator

import pytest

from router.documents.delivery import State
from router.documents.run import RunState
from router.store import AuditFilter, Cursor, DeliveryFilter, Plan, RunFilter, Store, open_store
from router.store.port import Arrival, Growing
from unit.store.stored_samples import NOON, add, after, delivery, resource, until
from unit.store.test_lineages import lineage

MANY = 2000


@pytest.fixture(scope="module")
def full(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Store]:
    """A store with some thousand deliveries in every state that the planner may find worth a scan."""
    store = open_store(None, "", tmp_path_factory.mktemp("full"))
    for half in (0, 1):
        add(
            store,
            *(
                delivery(
                    identifier=f"{half}-{n}",
                    created_at=after(n),
                    policy_id=f"policy-{n % 5}",
                    lane=f"lane-{n % 3}",
                    run=f"run-{n % 50}" if n % 2 else None,
                    about=resource(f"study-{n}", patient_id=f"P{n}", patient_name=f"DOE^{n}"),
                )
                for n in range(MANY)
            ),
        )
        if half == 0:
            store.deliveries.cancel(DeliveryFilter(), NOON)
    cursor = store.intake.cursor()
    assert cursor is not None
    store.intake.commit(
        Plan(
            cursor,
            Cursor(9, 9),
            [Arrival(f"image-{n}", f"series-{n}", f"study-{n}", n, after(n)) for n in range(MANY)],
            [Growing("study", f"study-{n}", n, after(n), after(n)) for n in range(MANY)],
        )
    )
    yield store
    store.close()


class PlansOf:
    """Runs a call and gathers the query plan of each statement it makes."""

    def __init__(self, store: Store) -> None:
        self._database = store.deliveries._database  # type: ignore[attr-defined]

    def __call__(self, ask: Callable[[], object]) -> list[str]:
        statements: list[str] = []
        with self._database.write() as writer:
            writer.set_trace_callback(statements.append)
        with self._database.read() as reader:
            reader.set_trace_callback(statements.append)
        try:
            ask()
        finally:
            with self._database.write() as writer:
                writer.set_trace_callback(None)
            with self._database.read() as reader:
                reader.set_trace_callback(None)
        plans: list[str] = []
        with self._database.read() as reader:
            for statement in statements:
                if re.match(r"\s*(SELECT|UPDATE|DELETE|INSERT)\b", statement):
                    plans += [row[3] for row in reader.execute(f"EXPLAIN QUERY PLAN {statement}")]
        return plans


ASKED: dict[str, Callable[[Store], object]] = {
    "one delivery": lambda store: store.deliveries.get("1-7"),
    "its instances": lambda store: store.deliveries.instances("1-7"),
    "all deliveries": lambda store: store.deliveries.find(DeliveryFilter(), 50),
    "those of a state": lambda store: store.deliveries.find(
        DeliveryFilter(states=frozenset({State.FAILED})), 50
    ),
    "those of some states": lambda store: store.deliveries.find(
        DeliveryFilter(states=frozenset({State.FAILED, State.WAITING})), 50
    ),
    "those of a policy": lambda store: store.deliveries.find(DeliveryFilter(policy="policy-1"), 50),
    "those of a policy in a state": lambda store: store.deliveries.find(
        DeliveryFilter(policy="policy-1", states=frozenset({State.FAILED})), 50
    ),
    "those to a destination": lambda store: store.deliveries.find(DeliveryFilter(destination="lane-1"), 50),
    "those to a destination in a state": lambda store: store.deliveries.find(
        DeliveryFilter(destination="lane-1", states=frozenset({State.FAILED})), 50
    ),
    "those of some studies": lambda store: store.deliveries.find(
        DeliveryFilter(studies=frozenset({"study-9", "study-10"}), states=frozenset({State.WAITING})), 50
    ),
    "entries of the audit on some studies": lambda store: store.audit.find(
        AuditFilter(studies=frozenset({("study-9", "1.2.9"), ("study-10", "1.2.10")})), 50
    ),
    "those of a study": lambda store: store.deliveries.find(DeliveryFilter(resource="study-9"), 50),
    "those of a study to a destination": lambda store: store.deliveries.find(
        DeliveryFilter(resource="study-9", destination="lane-1", policy="policy-1"), 50
    ),
    "those of a patient": lambda store: store.deliveries.find(DeliveryFilter(search="doe^19"), 50),
    "those of a run": lambda store: store.deliveries.find(
        DeliveryFilter(run="run-9", states=frozenset({State.WAITING})), 50
    ),
    "counts of a run": lambda store: store.deliveries.counts_of_run("run-9"),
    "the runs": lambda store: store.runs.find(RunFilter(), 50),
    "runs that are open": lambda store: store.runs.find(
        RunFilter(states=frozenset({RunState.WAITING}), node="node-1"), 50
    ),
    "the next studies of a run": lambda store: store.runs.next_studies("run-9", 50),
    "studies of a run": lambda store: store.runs.studies("run-9", "matched", 50),
    "the progress of a run": lambda store: store.runs.progress("run-9"),
    "clean-up of runs": lambda store: store.runs.expire(after(-100)),
    "those since": lambda store: store.deliveries.find(DeliveryFilter(since=after(MANY - 20)), 50),
    "everything at once": lambda store: store.deliveries.find(
        DeliveryFilter(frozenset({State.WAITING}), "policy-1", "lane-1", "study-9", NOON, "doe"), 50
    ),
    "what policies did lately": lambda store: store.deliveries.activity(["policy-1", "unknown"], NOON),
    "counts": lambda store: store.deliveries.counts(),
    "the next time": lambda store: store.deliveries.next_ready_at("lane-1"),
    "a lease": lambda store: store.deliveries.lease("lane-1", until(60), NOON, 10),
    "what an owner holds": lambda store: store.deliveries.release("node-1"),
    "clean-up of deliveries": lambda store: store.deliveries.expire(after(-100)),
    "a retry of one": lambda store: store.deliveries.retry("1-7", NOON),
    "a retry of what failed at a destination": lambda store: store.deliveries.retry(
        DeliveryFilter(frozenset({State.FAILED}), destination="lane-1"), NOON
    ),
    "the cursor": lambda store: store.intake.cursor(),
    "arrivals of a study": lambda store: store.intake.arrivals_of("study", "study-9", 3),
    "arrivals of a series": lambda store: store.intake.arrivals_of("series", "series-9", 3),
    "arrivals": lambda store: store.intake.arrivals(["image-1", "image-2"]),
    "growing": lambda store: store.intake.growing("study", ["study-1"]),
    "growing due": lambda store: store.intake.growing_due(after(5), 10),
    "the next growing due": lambda store: store.intake.next_growing_due(),
    "clean-up of arrivals": lambda store: store.intake.expire(after(-100)),
    "old lineages": lambda store: store.lineages.made_before(NOON, lineage("b", "a"), 10),
    "clean-up of lineages": lambda store: store.lineages.forget(["b"], NOON),
    "the generation": lambda store: store.policies.generation(),
}

#: Scans of what is small by nature, and of an index in the order in which a page of it is wanted.
ALLOWED = re.compile(
    r"SCAN (cursor|delivery_counts|json_each|\(subquery|CONSTANT)|"
    r"SCAN deliveries USING (COVERING )?INDEX deliveries_by_age|"
    r"SCAN runs USING (COVERING )?INDEX runs_by_age"
)


@pytest.mark.parametrize("asked", ASKED)
def test_no_question_reads_a_whole_table(full: Store, asked: str) -> None:
    plans = PlansOf(full)(lambda: ASKED[asked](full))
    assert plans, "nothing was asked"
    scans = [plan for plan in plans if plan.startswith("SCAN") and not ALLOWED.match(plan)]
    assert scans == []


def used_indexes(full: Store, asked: str) -> set[str]:
    plans = PlansOf(full)(lambda: ASKED[asked](full))
    return {name for plan in plans for name in re.findall(r"INDEX (\w+)", plan)}


@pytest.mark.parametrize(
    ("asked", "index"),
    [
        ("a lease", "deliveries_ready"),
        ("a lease", "deliveries_ready_by_action"),
        ("the next time", "deliveries_ready"),
        ("those of a state", "deliveries_by_state"),
        ("those of a policy in a state", "deliveries_by_policy"),
        ("those to a destination in a state", "deliveries_by_destination"),
        ("what policies did lately", "deliveries_by_policy"),
        ("those since", "deliveries_by_age"),
        ("a retry of what failed at a destination", "deliveries_by_destination"),
        ("what an owner holds", "deliveries_by_state"),
        ("clean-up of deliveries", "deliveries_by_end"),
        ("clean-up of arrivals", "arrivals_by_age"),
        ("those of a run", "deliveries_by_run"),
        ("counts of a run", "deliveries_by_run"),
        ("the next studies of a run", "run_studies_in_order"),
        ("studies of a run", "run_studies_by_verdict"),
        ("growing due", "growing_by_due"),
        ("old lineages", "lineages_by_age"),
    ],
)
def test_the_index_made_for_it_is_used(full: Store, asked: str, index: str) -> None:
    assert index in used_indexes(full, asked)


@pytest.mark.parametrize("asked", ["those of a study to a destination", "everything at once"])
def test_a_patients_deliveries_are_found_by_the_patient(full: Store, asked: str) -> None:
    assert used_indexes(full, asked) == set()
    assert any(
        "delivery_terms USING PRIMARY KEY" in plan for plan in PlansOf(full)(lambda: ASKED[asked](full))
    )


def test_the_first_of_a_lane_is_read_in_the_order_of_the_index(full: Store) -> None:
    plans = PlansOf(full)(lambda: full.deliveries.next_ready_at("lane-1"))
    assert not any("TEMP B-TREE" in plan for plan in plans)
