"""Deliveries a second of one, two and three nodes on one MongoDB, each to a destination that sleeps.

Run as `PYTHONPATH=tests .venv/tests/bin/python tests/benchmarks/nodes.py` once `tests/run integration` has
made the environments. A destination that takes `SLEEP` for each delivery and `CONCURRENCY` at once bounds
what a node can do; the ratios tell how much of that the store leaves.
"""

import tempfile
import threading
import time
from contextlib import ExitStack
from pathlib import Path

from samples import make_image, unique
from servers.mongodb import MongoServer
from servers.orthanc import OrthancServer
from servers.router import RouterClient, patient
from servers.scripted_http import Answer, Asked, ScriptedHttp
from servers.sender import send
from servers.waiting import wait_until

SLEEP = 0.25
CONCURRENCY = 4
STUDIES = 120


class Sleeping:
    """A service that takes its time, and remembers when it had done each delivery."""

    def __init__(self) -> None:
        self.done: list[float] = []

    def answer(self, _asked: Asked) -> Answer:
        threading.Event().wait(SLEEP)
        self.done.append(time.monotonic())
        return Answer(200)


def measure(mongodb: MongoServer, folder: Path, nodes: int) -> float:
    """Deliveries a second of so many nodes together."""
    database = unique("db").lower()
    with ExitStack() as opened:
        servers = []
        services = []
        for number in range(nodes):
            server = OrthancServer(
                folder / f"{nodes}-{number}",
                aet=f"NODE{number}",
                mongo_uri=mongodb.uri,
                mongo_database=database,
            )
            opened.callback(server.kill)
            servers.append(server.start())
            service = Sleeping()
            services.append(service)
            http = opened.enter_context(ScriptedHttp(service.answer))
            router = RouterClient(servers[0].rest)
            destination = router.post(
                "/destinations",
                {
                    "name": f"Sleeping {number}",
                    "kind": "http",
                    "settings": {"url": http.url},
                    "concurrency": CONCURRENCY,
                },
            )
            action = {"type": "notify", "destination": destination["id"]}
            rule = patient(f"PATIENT{number}")
            router.post("/policies", {"name": f"To {number}", "rule": rule, "actions": [action]})
        for number, server in enumerate(servers):
            images = [make_image("CT", PatientID=f"PATIENT{number}") for _ in range(STUDIES)]
            send(server.dicom_port, images)
        wait_until(
            lambda: all(len(service.done) >= STUDIES for service in services), 120, "not all has arrived"
        )
        done = sorted(at for service in services for at in service.done)
    # Without the start and the end, when not all nodes are busy.
    middle = done[len(done) // 4 : -len(done) // 4]
    return (len(middle) - 1) / (middle[-1] - middle[0])


def main() -> None:
    with tempfile.TemporaryDirectory(prefix="nodes-") as name:
        folder = Path(name)
        (folder / "mongodb").mkdir()
        with MongoServer(folder / "mongodb") as mongodb:
            print(
                f"{CONCURRENCY} at once, {SLEEP} s each: {CONCURRENCY / SLEEP:.0f} a second and node at most"
            )
            alone = 0.0
            for nodes in (1, 2, 3):
                rate = measure(mongodb, folder, nodes)
                alone = alone or rate
                print(
                    f"{nodes} nodes: {rate:6.1f} deliveries/s, {rate / alone:.2f} times one node", flush=True
                )


if __name__ == "__main__":
    main()
