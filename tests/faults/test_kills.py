"""Kill -9 at random moments under load: nothing is lost, and nothing is planned twice.

`--kills` says how often (hundreds take a while: about 4 seconds each). What was answered to the sender
with success is compared with what has arrived and with the ledger of deliveries.
"""

import random
import threading
from collections import Counter
from collections.abc import Callable
from pathlib import Path

import pytest

from faults.load import Load
from servers.mongodb import MongoServer
from servers.orthanc import OrthancServer
from servers.router import FINISHED, Json, RouterClient, patient
from servers.storescp import StoreScp
from servers.waiting import wait_until

ALL = patient("SOMEONE")
EAGER = {"attempts": 1000, "initial_seconds": 0.05, "max_seconds": 0.5}


def test_nothing_is_lost_and_nothing_is_planned_twice(
    orthanc: OrthancServer,
    mongodb: MongoServer | None,
    tmp_path: Path,
    chance: random.Random,
    pytestconfig: pytest.Config,
) -> None:
    router = RouterClient(orthanc.rest)
    with StoreScp(tmp_path / "first", "FIRST") as first, StoreScp(tmp_path / "second", "SECOND") as second:
        at_once = router.policy("At once", ALL, router.destination("First", first, retry=EAGER))
        series = router.policy(
            "Series",
            ALL,
            router.destination("Second", second, retry=EAGER),
            trigger={"level": "series", "quiet_seconds": 1},
        )
        with Load(orthanc.dicom_port, tmp_path / "load", "SOMEONE") as load:
            for _ in range(pytestconfig.getoption("--kills")):
                _wait_for_more(load, chance.randint(1, 60))
                victims = chance.choice(_choices(orthanc, mongodb))
                for kill, _ in victims:
                    kill()
                for _, start in victims:
                    start()
                if chance.random() < 0.2:
                    _kill_while_it_starts(orthanc, chance)
                orthanc.wait_until_ready(wait_for_health=False)
            _wait_for_more(load, 1)
        wait_until(lambda: _caught_up(router), 60, router.health)
        stored = {
            instance["ID"]: instance["MainDicomTags"]["SOPInstanceUID"]
            for instance in orthanc.rest.post(
                "/tools/find", {"Level": "Instance", "Query": {}, "Expand": True}
            )
        }
        print(f"{len(load.accepted())} answered with success, {len(stored)} stored")
        assert set(load.accepted()) <= set(stored.values()), "Orthanc has lost what it accepted"
        for policy, node in ((at_once, first), (series, second)):
            deliveries = _settled(router, policy, len(stored))
            assert {delivery["state"] for delivery in deliveries} == {"succeeded"}
            planned = Counter(
                instance
                for delivery in deliveries
                for instance in router.get(f"/deliveries/{delivery['id']}")["instance_ids"]
            )
            arrived = set(node.arrivals())
            twice = [instance for instance, count in planned.items() if count > 1]
            lost = [instance for instance in stored if instance not in planned]
            missing = [instance for instance, uid in stored.items() if uid not in arrived]
            assert (twice, lost, missing) == ([], [], []), (
                f"{policy['name']}: planned twice, never, not arrived"
            )


def _wait_for_more(load: Load, images: int) -> None:
    wanted = len(load.accepted()) + images
    wait_until(lambda: len(load.accepted()) >= wanted, 60, "nothing is accepted any more")


def _caught_up(router: RouterClient) -> bool:
    health = router.health()
    return bool(health["status"] == "ok" and health["intake"].get("lag_changes") == 0)


def _choices(
    orthanc: OrthancServer, mongodb: MongoServer | None
) -> list[list[tuple[Callable[[], object], Callable[[], object]]]]:
    """Who can be killed together: for each, how, and how it is started again."""
    the_orthanc = (orthanc.kill, orthanc.process.start)
    if mongodb is None:
        return [[the_orthanc]]
    the_store = (mongodb.kill, mongodb.start)
    return [[the_orthanc], [the_store], [the_orthanc, the_store], [the_store, the_orthanc]]


def _kill_while_it_starts(orthanc: OrthancServer, chance: random.Random) -> None:
    # Here time itself is what is wanted: any moment of the start.
    threading.Event().wait(chance.uniform(0, 2.5))
    orthanc.kill()
    orthanc.process.start()


def _settled(router: RouterClient, policy: Json, instances: int) -> list[Json]:
    """All deliveries of the policy, once they stand for so many instances and none is open any more."""
    found: list[Json] = []

    def settled() -> bool:
        found[:] = _all_deliveries(router, policy)
        return (
            all(delivery["state"] in FINISHED for delivery in found)
            and sum(delivery["instances"] for delivery in found) >= instances
        )

    def state() -> str:
        planned = sum(delivery["instances"] for delivery in found)
        return f"{policy['name']}: {planned} of {instances} planned, {Counter(one['state'] for one in found)}"

    wait_until(settled, 60, state)
    return found


def _all_deliveries(router: RouterClient, policy: Json) -> list[Json]:
    found: list[Json] = []
    while True:
        page = router.get("/deliveries", policy=policy["id"], limit=1000, offset=len(found))
        found += page["items"]
        if len(found) >= page["total"]:
            return found
