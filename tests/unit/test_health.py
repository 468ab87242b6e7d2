# SPDX-License-Identifier: GPL-3.0-or-later
"""A part that is added tells its health without a change of what collects it."""

import json
from typing import Any

from router.api.health import HealthRoutes
from router.api.http import Request
from router.health import HasHealth, Health, Problem
from router.rounds import Failures, Rounds


class Recorder(Rounds):
    """A made-up part."""

    def __init__(self) -> None:
        super().__init__("router-recorder")
        self.store_answered: bool | None = None

    def health(self, *, store_answers: bool) -> Health:
        self.store_answered = store_answers
        said = {"recorder": {"tapes": 3}, "intake": {"recorded": 7}}
        return Health([Problem("recorder", "The tape is full")], answer=said)

    def _round(self) -> float:
        raise RuntimeError("the motor is stuck")


class Quiet(Rounds):
    """A part that is never in trouble."""

    def _round(self) -> float:
        return 60.0


class Reading:
    """A part that has said something of the intake before."""

    def health(self, *, store_answers: bool) -> Health:  # noqa: ARG002 - it is always the same
        warnings = [Problem("slow", "It is slow")]
        return Health([Problem("store", "It is away")], warnings, {"intake": {"cursor": 1}})


def told(*parts: HasHealth, store_problem: str = "") -> dict[str, Any]:
    [route] = HealthRoutes("here", parts, lambda: store_problem).routes()
    answer: dict[str, Any] = json.loads(route.handler(Request("GET", "/health")).body)
    return answer


def test_what_a_part_says_is_in_the_answer() -> None:
    answer = told(Reading(), Recorder())
    assert answer["problems"][1] == {"code": "recorder", "message": "The tape is full"}
    assert answer["recorder"] == {"tapes": 3}
    assert answer["intake"] == {"cursor": 1, "recorded": 7}
    assert list(answer)[-1] == "recorder", "what is described already comes first"


def test_what_several_parts_find_is_said_once() -> None:
    assert told(Reading(), Reading())["problems"] == [{"code": "store", "message": "It is away"}]


def test_problems_count_more_than_warnings() -> None:
    assert told(Quiet("router-quiet"))["status"] == "ok"
    assert told(Reading())["status"] == "degraded"


def test_parts_are_told_whether_the_store_can_be_asked() -> None:
    recorder = Recorder()
    told(recorder)
    assert recorder.store_answered is True
    told(recorder, store_problem="the disk is full")
    assert recorder.store_answered is False


def test_what_nobody_foresaw_is_told_of_all_parts() -> None:
    recorder = Recorder()
    recorder._carried_out()
    [problem] = told(Failures([Quiet("router-quiet"), recorder]))["problems"]
    assert problem["code"] == "router"
    assert "router-recorder has failed (RuntimeError)" in problem["message"]
