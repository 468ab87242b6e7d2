# SPDX-License-Identifier: GPL-3.0-or-later
"""Health tells what the parts know already: a poll writes nothing and asks Orthanc nothing."""

import json
from collections import Counter
from typing import Any, cast

import pytest
from pymongo.collection import Collection

from router.api.health import HealthRoutes
from router.api.http import Request
from router.catalog import Catalog
from router.dispatch import Dispatcher
from router.health import HasHealth
from router.intake import Intake, Lag
from router.orthanc_api import Changes, OrthancApi, OrthancUnreachable
from router.probes import LONGEST_SILENCE_SECONDS, OrthancProbe, StoreProbe
from router.settings import Settings
from router.signals import Signals
from router.store import AlteredDocument, Store, StoreUnavailable
from router.store.sqlite.database import Database
from unit.intake.alone import scope
from unit.store.stored_samples import NOON, add, delivery, destination, policy


class CountingOrthanc(OrthancApi):
    """Counts what it is asked."""

    def __init__(self) -> None:
        super().__init__(0, "")
        self.asked: Counter[str] = Counter()
        self.is_away = False

    def _count(self, what: str) -> None:
        self.asked[what] += 1
        if self.is_away:
            raise OrthancUnreachable("connection refused")

    def system(self) -> dict[str, Any]:
        self._count("system")
        return {"Version": "1.12.7"}

    def plugin_version(self) -> str:
        self._count("plugin")
        return "5.0"

    def explorer_2_study(self) -> str:
        self._count("explorer")
        return ""

    def jobs(self) -> tuple[int, int] | None:
        self._count("jobs")
        return 2, 1

    def last_change(self) -> Changes:
        self._count("changes")
        return Changes([], 0, done=True)


class IdleIntake(Intake):
    """Has read all but what comes next; its lag asks Orthanc."""

    def lag(self) -> Lag:
        self._orthanc.last_change()
        return Lag(2, 0.5)


class Seconds:
    """What only ever passes."""

    def __init__(self) -> None:
        self.now = 0.0

    def __call__(self) -> float:
        return self.now


class Health:
    """The route, its probes, and what these stand on."""

    def __init__(self, store: Store) -> None:
        self.orthanc = CountingOrthanc()
        self.seconds = Seconds()
        catalog, signals, nothing = Catalog(store, 60), Signals(), cast(Any, None)
        intake = IdleIntake(store, catalog, self.orthanc, lambda: NOON, scope(compare_digests=False), signals)
        self.store_probe = StoreProbe(store, lambda: NOON, self.seconds)
        settings = Settings.of_configuration(json.dumps({"Name": "here", "ConcurrentJobs": 2}))
        self.orthanc_probe = OrthancProbe(settings, self.orthanc, intake, lambda: NOON, self.seconds)
        dispatcher = Dispatcher(store, catalog, nothing, nothing, "here-1", lambda: NOON, signals)
        parts: list[HasHealth] = [self.store_probe, intake, catalog, dispatcher, self.orthanc_probe]
        [route] = HealthRoutes("here", parts, self.store_probe.problem).routes()
        self._handler = route.handler

    def probe(self) -> None:
        self.store_probe.look()
        self.orthanc_probe.look()

    def poll(self) -> dict[str, Any]:
        return cast(dict[str, Any], json.loads(self._handler(Request("GET", "/health")).body))

    def problems(self) -> list[str]:
        return [problem["code"] for problem in self.poll()["problems"]]


@pytest.fixture
def health(store: Store) -> Health:
    store.policies.create(policy())
    store.destinations.create(destination("pacs"))
    add(store, delivery())
    return Health(store)


@pytest.fixture
def writes(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """What is written to either store from now on."""
    counted: list[str] = []

    def count(owner: type, name: str) -> None:
        original = getattr(owner, name)

        def counting(*arguments: Any, **named: Any) -> Any:
            counted.append(name)
            return original(*arguments, **named)

        monkeypatch.setattr(owner, name, counting)

    count(Database, "write")
    for name in ("insert_one", "insert_many", "update_one", "update_many", "delete_one", "delete_many"):
        count(Collection, name)
    return counted


def test_a_poll_neither_asks_orthanc_nor_writes(health: Health, writes: list[str]) -> None:
    health.probe()
    asked = health.orthanc.asked.copy()
    assert asked
    assert writes
    writes.clear()
    for _ in range(20):
        assert health.poll()["deliveries"]["waiting"] == 1
        health.seconds.now += 1
    assert health.orthanc.asked == asked
    assert not writes


def test_it_tells_the_last_answers_and_when_they_came(health: Health) -> None:
    health.probe()
    told = health.poll()
    noon = "2024-05-17T12:00:00Z"
    assert told["store"] == {"description": told["store"]["description"], "ok": True, "checked_at": noon}
    assert (told["intake"]["lag_changes"], told["intake"]["lag_measured_at"]) == (2, noon)
    assert (told["orthanc"]["version"], told["orthanc"]["plugin_version"]) == ("1.12.7", "5.0")
    assert told["orthanc"]["asked_at"] == noon
    assert health.problems() == ["jobs"]


def test_what_costs_more_is_asked_less_often(health: Health) -> None:
    for _ in range(10):
        health.orthanc_probe.look()
        health.seconds.now += 2
    assert health.orthanc.asked == {"system": 10, "changes": 10, "plugin": 1, "explorer": 1, "jobs": 2}


def test_orthanc_that_is_away_is_told_until_it_answers_again(health: Health) -> None:
    health.probe()
    health.orthanc.is_away = True
    health.orthanc_probe.look()
    told = health.poll()
    assert "connection refused" in str(told["problems"])
    assert "lag_changes" not in told["intake"]
    assert told["orthanc"]["version"] == "1.12.7", "it is known still"
    health.orthanc.is_away = False
    health.orthanc_probe.look()
    assert health.problems() == ["jobs"]


def test_a_store_that_is_away_is_told_until_it_can_be_written_to(
    health: Health, store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail() -> None:
        raise StoreUnavailable("the disk is full")

    with monkeypatch.context() as away:
        away.setattr(store, "check", fail)
        health.probe()
    told = health.poll()
    assert told["status"] == "degraded"
    assert told["store"]["ok"] is False
    assert "the disk is full" in str(told["problems"])
    assert told["lanes"] == []
    health.store_probe.look()
    assert "store" not in health.problems()


def test_a_policy_that_was_changed_outside_is_named(
    health: Health, store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    health.probe()
    [one] = store.policies.all()
    found = AlteredDocument(one.id, one.name, NOON)
    monkeypatch.setattr(store.policies, "altered", lambda: [found])
    told = health.poll()
    since = "2024-05-17T12:00:00Z"
    assert told["altered"] == [{"kind": "policy", "id": one.id, "name": one.name, "since": since}]
    [problem] = [problem for problem in told["problems"] if problem["code"] == "policy"]
    assert f"The policy {one.name!r} was changed outside the router" in problem["message"]
    assert "Accept" in problem["message"]


def test_an_answer_that_does_not_come_is_told(health: Health) -> None:
    health.probe()
    health.seconds.now = LONGEST_SILENCE_SECONDS + 1
    assert health.problems() == ["store", "orthanc", "jobs"]
    health.probe()
    assert health.problems() == ["jobs"]
