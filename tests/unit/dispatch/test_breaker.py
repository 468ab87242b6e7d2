# SPDX-License-Identifier: GPL-3.0-or-later
"""A destination that is down is probed by one, not hammered by all."""

from datetime import UTC, datetime, timedelta

from router.dispatch.breaker import Breaker, BreakerState

NOW = datetime(2024, 5, 31, 12, tzinfo=UTC)
MINUTE = timedelta(minutes=1)


def test_a_closed_breaker_lets_everybody_pass() -> None:
    breaker = Breaker()
    assert breaker.enter(NOW)
    assert breaker.enter(NOW)
    assert breaker.state == BreakerState.CLOSED


def test_after_a_failure_nobody_passes_until_the_wait_is_over() -> None:
    breaker = Breaker()
    breaker.failed(NOW, MINUTE)
    assert breaker.state == BreakerState.OPEN
    assert not breaker.enter(NOW + MINUTE / 2)
    assert breaker.closed_again_at == NOW + MINUTE


def test_then_one_probes_and_the_others_wait() -> None:
    breaker = Breaker()
    breaker.failed(NOW, MINUTE)
    assert breaker.enter(NOW + MINUTE)
    assert breaker.state == BreakerState.PROBING
    assert not breaker.enter(NOW + MINUTE)


def test_a_probe_that_had_nothing_to_send_lets_the_next_one_try() -> None:
    breaker = Breaker()
    breaker.failed(NOW, MINUTE)
    assert breaker.enter(NOW + MINUTE)
    breaker.leave()
    assert breaker.enter(NOW + MINUTE)


def test_success_closes_and_tells_that_it_was_open() -> None:
    breaker = Breaker()
    assert not breaker.succeeded()
    breaker.failed(NOW, MINUTE)
    breaker.failed(NOW, MINUTE)
    assert breaker.failures == 2
    assert breaker.succeeded()
    assert (breaker.state, breaker.failures) == (BreakerState.CLOSED, 0)


def test_after_the_clock_was_put_back_nobody_waits_for_it_to_come_round() -> None:
    breaker = Breaker()
    breaker.failed(NOW, MINUTE)
    an_hour_back = NOW - 60 * MINUTE
    assert breaker.wait(an_hour_back) < MINUTE / 60
    assert breaker.enter(an_hour_back)
    breaker.failed(an_hour_back, MINUTE)
    assert not breaker.enter(an_hour_back + MINUTE / 2)
    assert breaker.enter(an_hour_back + MINUTE)


def test_small_corrections_of_the_clock_change_nothing() -> None:
    breaker = Breaker()
    breaker.failed(NOW, MINUTE)
    assert not breaker.enter(NOW - MINUTE / 60)
