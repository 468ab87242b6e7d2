# SPDX-License-Identifier: GPL-3.0-or-later
"""Waiting longer after each failure, but never too long, and not all at once."""

import random

import pytest

from router.dispatch.recording import backoff_seconds
from router.documents.destination import Retry

RETRY = Retry(initial_seconds=5, max_seconds=60)


@pytest.mark.parametrize(
    ("failures", "longest"), [(1, 5), (2, 10), (3, 20), (4, 40), (5, 60), (6, 60), (10**9, 60)]
)
def test_doubles_up_to_the_longest(failures: int, longest: float) -> None:
    waits = [backoff_seconds(RETRY, failures, random.Random(seed)) for seed in range(200)]
    assert longest * 0.75 <= min(waits) < longest * 0.80
    assert longest * 0.95 < max(waits) <= longest


def test_the_defaults_last_a_week() -> None:
    retry = Retry()
    chance = random.Random(1)
    seconds = sum(backoff_seconds(retry, failures, chance) for failures in range(1, retry.attempts))
    assert 6 <= seconds / 86_400 <= 8
