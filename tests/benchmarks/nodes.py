# SPDX-License-Identifier: GPL-3.0-or-later
"""Deliveries a second of one, two and three nodes on one MongoDB, each to a destination that sleeps; and what
an idle node asks of MongoDB.

Run as `PYTHONPATH=tests .venv/tests/bin/python tests/benchmarks/nodes.py` once `tests/run integration` has
made the environments, on a machine that does nothing else. What a node can do at most is bounded by its
destination: `--concurrency` deliveries at once that take `--sleep` seconds each. That bound is printed beside
what was reached; the rest is what the store, the nodes and this machine have taken. With `--counted` also the
commands that MongoDB was asked, through a proxy in this process, which slows them down.
"""

import argparse
import tempfile
import threading
import time
from contextlib import ExitStack
from pathlib import Path

from samples import make_image, unique
from servers.mongodb import MongoServer
from servers.mongodb_proxy import MongoProxy
from servers.orthanc import OrthancServer
from servers.router import RouterClient, patient
from servers.scripted_http import Answer, Asked, ScriptedHttp
from servers.sender import send
from servers.waiting import wait_until

IDLE_SECONDS = 20
IDLE_DESTINATIONS = 20


class Sleeping:
    """A service that takes its time, and remembers when it had done each delivery."""

    def __init__(self, seconds: float) -> None:
        self.done: list[float] = []
        self._seconds = seconds

    def answer(self, _asked: Asked) -> Answer:
        threading.Event().wait(self._seconds)
        self.done.append(time.monotonic())
        return Answer(200)


class Group:
    """Nodes on one MongoDB, reached directly or by a proxy that counts."""

    def __init__(self, mongodb: MongoServer, proxy: MongoProxy | None, folder: Path, nodes: int) -> None:
        uri = mongodb.uri
        if proxy is not None:
            uri = f"{uri.replace(f':{mongodb.port}/', f':{proxy.port}/')}&directConnection=true"
        database = unique("db").lower()
        self.nodes = [
            OrthancServer(
                folder / f"{database}-{number}", aet=f"NODE{number}", mongo_uri=uri, mongo_database=database
            )
            for number in range(nodes)
        ]

    def __enter__(self) -> list[OrthancServer]:
        return [node.start() for node in self.nodes]

    def __exit__(self, *_: object) -> None:
        for node in self.nodes:
            node.kill()


def deliveries(nodes: list[OrthancServer], settings: argparse.Namespace) -> tuple[float, int]:
    """Deliveries a second of all nodes together, and how many there were in all."""
    with ExitStack() as opened:
        services = []
        for number, node in enumerate(nodes):
            service = Sleeping(settings.sleep)
            services.append(service)
            http = opened.enter_context(ScriptedHttp(service.answer))
            router = RouterClient(node.rest)
            destination = router.post(
                "/destinations",
                {
                    "name": f"Sleeping {number}",
                    "kind": "http",
                    "settings": {"url": http.url},
                    "concurrency": settings.concurrency,
                },
            )
            action = {"type": "notify", "destination": destination["id"]}
            rule = patient(f"PATIENT{number}")
            router.post("/policies", {"name": f"To {number}", "rule": rule, "actions": [action]})
        for number, node in enumerate(nodes):
            send(
                node.dicom_port,
                [make_image("CT", PatientID=f"PATIENT{number}") for _ in range(settings.studies)],
            )
        wait_until(
            lambda: all(len(service.done) >= settings.studies for service in services),
            600,
            "not all has arrived",
        )
    done = sorted(at for service in services for at in service.done)
    # Without the start and the end, when not all nodes are busy.
    middle = done[len(done) // 4 : -len(done) // 4]
    return (len(middle) - 1) / (middle[-1] - middle[0]), len(done)


def measure_deliveries(mongodb: MongoServer, folder: Path, settings: argparse.Namespace) -> None:
    bound = settings.concurrency / settings.sleep
    print(f"{settings.concurrency} at once, {settings.sleep} s each: {bound:.0f} a second and node at most")
    alone = 0.0
    for count in (1, 2, 3):
        with ExitStack() as opened:
            proxy = opened.enter_context(MongoProxy(mongodb.port)) if settings.counted else None
            nodes = opened.enter_context(Group(mongodb, proxy, folder, count))
            rate, number = deliveries(nodes, settings)
        alone = alone or rate
        text = (
            f"{count} nodes: {rate:6.1f} deliveries/s, {100 * rate / (count * bound):.0f} % of the bound,"
            f" {rate / alone:.2f} times one node"
        )
        if proxy is not None:
            commands = proxy.commands()
            text += f"; {commands / number:.0f} commands each, {1000 * proxy.seconds / commands:.1f} ms"
        print(text, flush=True)


def measure_idle(mongodb: MongoServer, folder: Path) -> None:
    with MongoProxy(mongodb.port) as proxy, Group(mongodb, proxy, folder, 1) as [node]:
        router = RouterClient(node.rest)
        for number in range(IDLE_DESTINATIONS):
            settings = {"url": "http://127.0.0.1:9/"}
            router.post("/destinations", {"name": f"D{number}", "kind": "http", "settings": settings})
        # What follows from the changes is not what is measured.
        threading.Event().wait(10)
        with proxy.counted() as counts:
            threading.Event().wait(IDLE_SECONDS)
    print(
        f"An idle node with {IDLE_DESTINATIONS} destinations: {counts.total() / IDLE_SECONDS:.1f} commands/s"
    )
    for name, number in counts.most_common(10):
        print(f"  {number / IDLE_SECONDS:5.2f} {name}")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--sleep", type=float, default=1.0, help="seconds that each delivery takes")
    parser.add_argument("--concurrency", type=int, default=8, help="deliveries at once")
    parser.add_argument("--studies", type=int, default=160, help="deliveries of each node")
    parser.add_argument("--counted", action="store_true", help="count what MongoDB is asked")
    parser.add_argument("--only", choices=["deliveries", "idle"], default=None)
    settings = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="nodes-") as name:
        folder = Path(name)
        (folder / "mongodb").mkdir()
        with MongoServer(folder / "mongodb") as mongodb:
            if settings.only != "idle":
                measure_deliveries(mongodb, folder, settings)
            if settings.only != "deliveries":
                measure_idle(mongodb, folder)


if __name__ == "__main__":
    main()
