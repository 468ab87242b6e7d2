# SPDX-License-Identifier: GPL-3.0-or-later
"""A process that plans and carries out deliveries until it is killed.

Run as `python crashing_worker.py MONGO_URI DATABASE FOLDER COMMAND...`; an empty URI means SQLite. What
it has been told by the store it says on its standard output, a line each, before it goes on:

- `work`: plan for ever two deliveries a version (`committed VERSION`), lease some, and record each as
  succeeded or to be retried at once (`recorded ID`).
- `commit N PART_BYTES`: commit one plan, and die after the N-th command to MongoDB since then; plans
  longer than PART_BYTES are put down in parts. Ends with `committed VERSION` where it lives on.
- `study N`: record a study of the run `run`, with two deliveries, and die after the N-th command to
  MongoDB since then.
- `fail N`: lease a delivery and record that it has failed and what takes its place, and die after the
  N-th command to MongoDB since the lease.
- `together N`: save the destination `d`, the policy `p` and a new one `q` together, and
  die after the N-th command to MongoDB since then. Ends with `saved` where it lives on.
- `act N`: create the policy `p-N` and cancel all deliveries, each as an act, and settle the audit trail; die
  after the N-th command to MongoDB since then.
"""

import contextlib
import itertools
import os
import sys
from pathlib import Path

from pymongo import monitoring

from router.documents.audit import Act, Actor
from router.documents.delivery import State
from router.documents.run import RunStudy
from router.store import (
    Arrival,
    Cursor,
    DeliveryFilter,
    DoneStudy,
    Fired,
    Growing,
    Outcome,
    Plan,
    Save,
    Store,
    StoreUnavailable,
    open_store,
)
from router.store.mongodb import intake_ledger
from unit.store.stored_samples import NOON, after, attempt, delivery, policy, settle, until


class Death(monitoring.CommandListener):
    """Ends this process, as SIGKILL would, after a number of commands."""

    commands_left: int | None = None

    def started(self, event: monitoring.CommandStartedEvent) -> None:
        pass

    def failed(self, event: monitoring.CommandFailedEvent) -> None:
        pass

    def succeeded(self, _event: monitoring.CommandSucceededEvent) -> None:
        if self.commands_left is not None:
            self.commands_left -= 1
            if self.commands_left == 0:
                os._exit(9)


def say(*words: object) -> None:
    print(*words, flush=True)


def next_plan(cursor: Cursor) -> Plan:
    """Adds an image and two deliveries, and goes on with what every plan goes on with."""
    version = cursor.version + 1
    fired = {"policy-1": Fired(version, matched=True)}
    return Plan(
        based_on=cursor,
        cursor=Cursor(version, version),
        arrivals=[
            Arrival(f"image-{version}", "series-1", "study-1", version, after(version)),
            Arrival("image-sent-again", "series-1", "study-1", version, after(version)),
        ],
        growing=[
            Growing("study", "study-1", version, after(version), None, fired),
            Growing("study", f"study-{version}", version, after(version), NOON),
        ],
        deliveries=[
            delivery(
                identifier=f"{version}-{part}", instances=[f"image-{version}"], created_at=after(version)
            )
            for part in "ab"
        ],
    )


def work(store: Store) -> None:
    store.deliveries.release("node-1")
    for turn in itertools.count():
        # A server that is away comes back; whether the last call was carried out is asked, not guessed.
        with contextlib.suppress(StoreUnavailable):
            cursor = store.intake.cursor()
            assert cursor is not None
            store.intake.commit(next_plan(cursor))
            say("committed", cursor.version + 1)
            for leased in store.deliveries.lease("pacs", until(60), NOON, 3):
                state = State.RETRYING if turn % 3 == 0 else State.SUCCEEDED
                remaining = leased.instances if state is State.RETRYING else ()
                made = attempt("cut" if state is State.RETRYING else None)
                if store.deliveries.record(leased, Outcome(state, remaining, made)):
                    say("recorded", leased.delivery.id)


def commit(store: Store, death: Death, commands_left: int, part_bytes: int) -> None:
    intake_ledger._PART_BYTES = part_bytes  # type: ignore[misc]
    cursor = store.intake.cursor()
    assert cursor is not None
    death.commands_left = commands_left
    store.intake.commit(next_plan(cursor))
    death.commands_left = None
    say("committed", cursor.version + 1)


def study(store: Store, death: Death, commands_left: int) -> None:
    deliveries = [delivery(identifier=f"{commands_left}-{part}", run="run") for part in "ab"]
    death.commands_left = commands_left
    done = RunStudy(study=f"study-{commands_left}", position=commands_left, done=True)
    store.runs.record("run", [DoneStudy(done, deliveries)])
    death.commands_left = None


def fail(store: Store, death: Death, commands_left: int) -> None:
    (leased,) = store.deliveries.lease("pacs", until(60), NOON, 1)
    death.commands_left = commands_left
    successor = delivery(identifier=f"{leased.delivery.id}-alternate", lane="alternate")
    failed = Outcome(State.FAILED, leased.instances, attempt("refused"), successor=successor)
    assert store.deliveries.record(leased, failed)
    death.commands_left = None


def together(store: Store, death: Death, commands_left: int) -> None:
    target, known = store.destinations.get("d"), store.policies.get("p")
    saves = [
        Save(target.model_copy(update={"revision": target.revision + 1, "batch": 7})),
        Save(known.model_copy(update={"revision": known.revision + 1, "description": "new"})),
        Save(policy("q")),
    ]
    death.commands_left = commands_left
    store.save_together(saves)
    death.commands_left = None
    say("saved")


def act(store: Store, death: Death, commands_left: int) -> None:
    death.commands_left = commands_left
    name = f"p-{commands_left}"
    store.policies.create(policy(name, identifier=name), act_of("policy.created"))
    store.deliveries.cancel(DeliveryFilter(), NOON, act_of("delivery.cancelled"))
    settle(store)
    death.commands_left = None


def act_of(event: str) -> Act:
    return Act(event=event, at=NOON, node="node-1", actor=Actor(type="user", name="edda"))


def main(mongo_uri: str, database: str, folder: str, command: str, *numbers: str) -> None:
    death = Death()
    monitoring.register(death)
    store = open_store(mongo_uri or None, database, Path(folder))
    match command, *map(int, numbers):
        case ["work"]:
            work(store)
        case ["commit", int(commands_left), int(part_bytes)]:
            commit(store, death, commands_left, part_bytes)
        case ["study", int(commands_left)]:
            study(store, death, commands_left)
        case ["act", int(commands_left)]:
            act(store, death, commands_left)
        case ["fail", int(commands_left)]:
            fail(store, death, commands_left)
        case ["together", int(commands_left)]:
            together(store, death, commands_left)
    store.close()


if __name__ == "__main__":
    main(*sys.argv[1:])
