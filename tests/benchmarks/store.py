# SPDX-License-Identifier: GPL-3.0-or-later
"""How the embedded store bears a backlog: `python tests/benchmarks/store.py [deliveries]`.

Prints the time of a claim with ten and with many deliveries waiting, what a process grows by while it
works on many, how many plans and records it writes a second, and how long each question of the API takes.
"""

import resource
import statistics
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

_ROOT = Path(__file__).resolve().parents[2]
sys.path[:0] = [str(_ROOT / "plugin"), str(_ROOT / "tests")]

from router.documents.delivery import State  # noqa: E402
from router.store import Arrival, Cursor, DeliveryFilter, Outcome, Plan, Store  # noqa: E402
from router.store.sqlite import SqliteStore  # noqa: E402
from unit.store.stored_samples import NOON, add, after, attempt, delivery, until  # noqa: E402
from unit.store.stored_samples import resource as about  # noqa: E402

_BATCH = 1_000
_LANE = "research-pacs"


def image(number: int) -> str:
    """As long as Orthanc's own identifiers."""
    return "-".join(f"{number:08x}" for _ in range(5))


def fill(store: Store, numbers: range) -> None:
    """Plan a delivery of two images each, among ten policies and three lanes."""
    for start in range(numbers.start, numbers.stop, _BATCH):
        add(
            store,
            *(
                delivery(
                    lane=_LANE if number % 3 else "archive",
                    policy_id=f"policy-{number % 10}",
                    instances=[image(number), image(number + 1)],
                    created_at=after(number / 1000),
                    about=about(
                        image(number // 50),
                        patient_id=f"P{number // 50}",
                        patient_name=f"NAME{number // 50}^FIRST",
                        accession_number=f"A{number // 50}",
                        study_instance_uid=f"1.2.840.{number // 50}",
                    ),
                )
                for number in range(start, min(start + _BATCH, numbers.stop))
            ),
        )


def milliseconds(action: Callable[[], object], times: int = 50) -> float:
    """The median of many calls."""
    taken = []
    for _ in range(times):
        began = time.perf_counter()
        action()
        taken.append(time.perf_counter() - began)
    return statistics.median(taken) * 1000


def claim(store: Store) -> float:
    """Milliseconds of a claim of one delivery, in a queue that stays as long as it is."""
    taken = []
    for _ in range(200):
        began = time.perf_counter()
        leased = store.deliveries.lease(_LANE, until(10_000), after(5_000), 1)
        taken.append(time.perf_counter() - began)
        for each in leased:
            store.deliveries.record(each, Outcome(State.WAITING, each.instances))
    return statistics.median(taken) * 1000


def resident_megabytes() -> float:
    pages = int(Path("/proc/self/statm").read_text().split()[1])
    return pages * resource.getpagesize() / 2**20


def commits_per_second(store: Store, plans: int = 300) -> float:
    """Of plans with one image and its delivery, as when images come one by one."""
    began = time.perf_counter()
    for _ in range(plans):
        cursor = store.intake.cursor()
        assert cursor is not None
        number = cursor.version + 10_000_000
        arrived = Arrival(image(number), image(number // 100), image(number // 200), number, NOON)
        moved = Cursor(cursor.sequence + 1, cursor.version + 1)
        planned = delivery(lane="single", instances=[image(number)])
        store.intake.commit(Plan(cursor, moved, [arrived], deliveries=[planned]))
    return plans / (time.perf_counter() - began)


def records_per_second(store: Store, deliveries: int = 200) -> float:
    """Of deliveries leased one by one and recorded as succeeded."""
    began = time.perf_counter()
    for _ in range(deliveries):
        (leased,) = store.deliveries.lease("single", until(10_000), after(5_000), 1)
        store.deliveries.record(leased, Outcome(State.SUCCEEDED, (), attempt()))
    return deliveries / (time.perf_counter() - began)


def questions(store: Store) -> dict[str, float]:
    """Milliseconds of each question that the API asks, on the first page of 50."""
    waiting = frozenset({State.WAITING})
    not_done = frozenset({State.WAITING, State.RETRYING, State.FAILED})
    filters = {
        "all": DeliveryFilter(),
        "in a state": DeliveryFilter(waiting),
        "in several states": DeliveryFilter(not_done),
        "of a policy": DeliveryFilter(policy="policy-1"),
        "of a policy, in a rare state": DeliveryFilter(frozenset({State.FAILED}), "policy-1"),
        "to a destination, in a state": DeliveryFilter(waiting, destination=_LANE),
        "of a policy to a destination": DeliveryFilter(policy="policy-1", destination=_LANE),
        "of a study": DeliveryFilter(resource=image(7)),
        "of a patient by id": DeliveryFilter(search="P77"),
        "of a patient by name": DeliveryFilter(search="name77"),
        "of every patient by the same letters": DeliveryFilter(search="name"),
        "since a moment": DeliveryFilter(since=after(50)),
    }
    taken = {
        f"find {name}": milliseconds(lambda wanted=wanted: store.deliveries.find(wanted, 50), 7)  # type: ignore[misc]
        for name, wanted in filters.items()
    }
    taken["find page 1,000 of all"] = milliseconds(
        lambda: store.deliveries.find(DeliveryFilter(), 50, 50_000), 7
    )
    taken["counts"] = milliseconds(store.deliveries.counts)
    taken["next_ready_at"] = milliseconds(lambda: store.deliveries.next_ready_at(_LANE))
    return taken


def main(many: int = 100_000) -> None:
    with tempfile.TemporaryDirectory() as folder:
        store = SqliteStore(Path(folder))
        fill(store, range(10))
        few = claim(store)
        before = resident_megabytes()
        print(f"{'claim with 10 waiting':<45}{few:9.2f} ms")

        began = time.perf_counter()
        fill(store, range(10, many))
        filled = time.perf_counter() - began
        backlog = claim(store)
        print(f"{f'claim with {many:,} waiting':<45}{backlog:9.2f} ms  ({backlog / few:.2f} times)")
        for name, taken in questions(store).items():
            print(f"{name:<45}{taken:9.2f} ms")
        grown = resident_megabytes() - before
        print(f"{f'memory grown by with {many:,} waiting':<45}{grown:9.1f} MB")
        size = sum(path.stat().st_size for path in Path(folder).iterdir()) / 2**20
        print(f"{'files':<45}{size:9.1f} MB")
        print(f"{f'deliveries planned, {_BATCH:,} a plan':<45}{(many - 10) / filled:9.0f} /s")
        print(f"{'plans of one image committed':<45}{commits_per_second(store):9.0f} /s")
        print(f"{'deliveries leased and recorded one by one':<45}{records_per_second(store):9.0f} /s")
        began = time.perf_counter()
        cancelled = store.deliveries.cancel(DeliveryFilter(), NOON)
        print(f"{f'cancelling all {cancelled:,}':<45}{(time.perf_counter() - began) * 1000:9.0f} ms")
        began = time.perf_counter()
        expired = store.deliveries.expire(after(1))
        print(f"{f'expiring all {expired:,}':<45}{(time.perf_counter() - began) * 1000:9.0f} ms")
        print(f"{'memory grown by in all':<45}{resident_megabytes() - before:9.1f} MB")
        store.close()


if __name__ == "__main__":
    main(*map(int, sys.argv[1:]))
