# SPDX-License-Identifier: GPL-3.0-or-later
"""How often policies fired lately."""

from datetime import timedelta

from router.documents.activity import Activity
from router.documents.delivery import State
from router.store import NewDelivery, Store
from unit.store.stored_samples import NOON, add, brought_to, delivery


def made(policy: str, *, days: float) -> NewDelivery:
    """A delivery that this policy made so many days before noon."""
    return delivery(policy_id=policy, created_at=NOON - timedelta(days=days))


def test_counts_by_policy_what_was_made_within_a_day_and_a_week(store: Store) -> None:
    add(store, *(made("a", days=days) for days in (0.5, 0.9, 1.1, 6.9, 7.1)), made("b", days=2))
    assert store.deliveries.activity(["b", "a"], NOON) == [
        Activity(policy="b", last_fired_at=NOON - timedelta(days=2), day=0, week=1),
        Activity(policy="a", last_fired_at=NOON - timedelta(days=0.5), day=2, week=4),
    ]


def test_what_fired_longer_ago_says_when(store: Store) -> None:
    add(store, made("a", days=20), made("a", days=9))
    assert store.deliveries.activity(["a"], NOON) == [
        Activity(policy="a", last_fired_at=NOON - timedelta(days=9))
    ]


def test_what_never_fired_has_no_time(store: Store) -> None:
    assert store.deliveries.activity(["a"], NOON) == [Activity(policy="a", last_fired_at=None)]
    assert store.deliveries.activity([], NOON) == []


def test_what_failed_is_counted_too(store: Store) -> None:
    for state in (State.FAILED, State.FAILED, State.SUCCEEDED, State.CANCELLED):
        brought_to(store, state)
    (activity,) = store.deliveries.activity(["policy-1"], NOON)
    assert (activity.week, activity.failed_week) == (4, 2)
