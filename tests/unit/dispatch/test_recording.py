"""From what a destination did to what becomes of a delivery."""

import random
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from router.actions import Sent
from router.dispatch.recording import outcome_of, used_up
from router.documents.delivery import State
from router.documents.destination import Retry
from router.store import LeasedDelivery, Outcome
from unit.store.stored_samples import delivery

NOON = datetime(2024, 5, 17, 12, 0, tzinfo=UTC)
RETRY = Retry(attempts=3, initial_seconds=10, max_seconds=10)


def leased(attempts: int = 0) -> LeasedDelivery:
    """A delivery `d` of two images after so many attempts."""
    new = delivery(identifier="d", instances=["image-1", "image-2"])
    return LeasedDelivery(new.delivery.model_copy(update={"attempt_count": attempts}), new.instances, "token")


def outcome(sent: Sent, attempts: int = 0) -> Outcome:
    return outcome_of(leased(attempts), sent, RETRY, NOON, NOON, random.Random(1))


def test_all_has_arrived() -> None:
    ended = outcome(Sent(arrived=["image-2", "image-1"], note="1 result stored"))
    assert (ended.state, ended.note) == (State.SUCCEEDED, "1 result stored")
    assert ended.attempt is not None
    assert ended.attempt.error is None


@pytest.mark.parametrize(
    ("sent", "attempts", "state"),
    [
        (Sent(refused={"image-2": "broken"}), 0, State.RETRYING),
        (Sent(refused={"image-2": "broken"}), 2, State.FAILED),
        (Sent(refused={"image-2": "broken"}, lasting=True), 0, State.FAILED),
        (Sent(unavailable="away"), 1, State.RETRYING),
        (Sent(unavailable="away"), 2, State.FAILED),
    ],
)
def test_what_has_not_arrived_is_tried_again_unless_it_is_hopeless(
    sent: Sent, attempts: int, state: State
) -> None:
    ended = outcome(replace(sent, arrived=["image-1"]), attempts)
    assert (ended.state, ended.remaining) == (state, ["image-2"])


def test_a_destination_is_left_alone_as_long_as_it_asks() -> None:
    assert outcome(Sent(unavailable="busy", retry_after=600)).next_attempt_at == NOON + timedelta(minutes=10)
    sooner = outcome(Sent(unavailable="busy", retry_after=1)).next_attempt_at
    assert sooner is not None
    assert sooner > NOON + timedelta(seconds=7)


def test_what_is_waited_for_is_held_and_counts_as_an_attempt_only_where_one_was_made() -> None:
    later = NOON + timedelta(hours=1)
    awaited = outcome(Sent(arrived=["image-1"], held_until=later, note="is to call back"), attempts=9)
    assert (awaited.state, awaited.remaining) == (State.HELD, ["image-2"])
    assert (awaited.next_attempt_at, awaited.note) == (later, "is to call back")
    assert awaited.attempt is not None
    assert awaited.attempt.error == "is to call back"
    assert outcome(Sent(held_until=later, tried=False, note="digest")).attempt is None


def test_deliveries_that_went_together_can_fare_differently() -> None:
    sent = Sent(by_delivery={"other": Sent(unavailable="away"), "d": Sent(arrived=["image-1", "image-2"])})
    assert outcome(sent).state == State.SUCCEEDED
    assert sorted(part.unavailable or "" for part in sent.parts) == ["", "away"]


@pytest.mark.parametrize(("attempts", "state"), [(0, None), (2, None), (3, State.FAILED), (9, State.FAILED)])
def test_one_that_has_no_attempt_left_ends(attempts: int, state: State | None) -> None:
    ended = used_up(leased(attempts), RETRY, NOON)
    assert (ended.state if ended else None) == state
