# SPDX-License-Identifier: GPL-3.0-or-later
"""Every run gets its turn, however many there are."""

from collections.abc import Iterator, Sequence
from types import SimpleNamespace
from typing import Any, cast

from router.documents.run import Run, RunState, RunStudy
from router.intake.stored_instances import StoredInstance
from router.runs.worker import RunWorker
from router.store import DoneStudy, RunFilter, Store
from unit.store.stored_samples import NOON
from unit.store.test_runs import run


class Endless:
    """A task with one study, which is never done."""

    def select(self) -> Iterator[RunStudy]:
        return iter([RunStudy(study="study", position=0)])

    def carry_out(self, study: RunStudy, stored: Sequence[StoredInstance]) -> DoneStudy:  # noqa: ARG002
        return DoneStudy(study)

    def report(self) -> dict[str, Any]:
        return {}


def test_the_oldest_begin_first_though_newer_ones_do_not_end(store: Store) -> None:
    orthanc = cast(Any, SimpleNamespace(system=lambda: {"Version": "1.10.1"}, bulk_content=lambda _: []))
    context = cast(Any, SimpleNamespace(store=store, orthanc=orthanc, clock=lambda: NOON))
    open_task = cast(Any, lambda *_: Endless())
    worker = RunWorker(context, "node-1", {"preview": open_task}, lambda _: True, lambda _: None)
    made: list[Run] = [run(created=number) for number in range(103)]
    for one in made:
        store.runs.create(one)
    worker._turn()
    begun, _ = store.runs.find(RunFilter(states=frozenset({RunState.RUNNING})), 200)
    assert {one.id for one in begun} == {one.id for one in made[:100]}
    ended = made[0].model_copy(update={"state": RunState.FINISHED, "finished_at": NOON})
    assert store.runs.save(ended, RunState.RUNNING)
    worker._turn()
    assert store.runs.get(made[100].id).state == RunState.RUNNING
