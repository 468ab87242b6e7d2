# SPDX-License-Identifier: GPL-3.0-or-later
"""Only so many requests are answered at once; the others are told to come again."""

import json
import logging

import pytest

from router.api.admission import Admission, Busy


def test_whoever_finds_no_place_is_told_to_come_again() -> None:
    admission = Admission(2)
    one, other, third = (admission.place("GET /health") for _ in range(3))
    with one, other, pytest.raises(Busy) as refused, third:
        pass
    answer = refused.value.response()
    assert answer.status == 503
    assert answer.headers["Retry-After"] == "1"
    assert json.loads(answer.body)["error"]["code"] == "busy"


def test_a_place_is_free_again_however_it_ended() -> None:
    admission = Admission(1)
    for _ in range(3):
        with pytest.raises(ZeroDivisionError), admission.place("GET /health"):
            raise ZeroDivisionError
    with admission.place("GET /health"):
        pass


def test_the_log_tells_it_once_a_minute_and_what_takes_long(caplog: pytest.LogCaptureFixture) -> None:
    now = 0.0
    admission = Admission(1, lambda: now)

    def refused() -> None:
        with pytest.raises(Busy), admission.place("GET /policies"):
            pass

    with caplog.at_level(logging.WARNING), admission.place("POST /destinations"):
        refused()
        refused()
        now = 61.0
        refused()
    assert [record.getMessage() for record in caplog.records] == [
        "1 requests are being answered at once: others are refused (503)",
        "1 requests are being answered at once; the oldest, POST /destinations, for 61 s: others are refused"
        " (503)",
    ]
