# SPDX-License-Identifier: GPL-3.0-or-later
"""From what a destination did to what becomes of a delivery."""

import random
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import ClassVar

import pytest

from router.actions import SendResult
from router.dispatch.recording import outcome_of, used_up
from router.documents.delivery import UNLISTED, State
from router.documents.destination import Retry
from router.store import LeasedDelivery, Outcome
from unit.store.stored_samples import delivery

NOON = datetime(2024, 5, 17, 12, 0, tzinfo=UTC)
RETRY = Retry(attempts=3, initial_seconds=10, max_seconds=10)


def leased(attempts: int = 0) -> LeasedDelivery:
    """A delivery `d` of two images after so many attempts."""
    new = delivery(identifier="d", instances=["image-1", "image-2"])
    return LeasedDelivery(new.delivery.model_copy(update={"attempt_count": attempts}), new.instances, "token")


def outcome(sent: SendResult, attempts: int = 0) -> Outcome:
    return outcome_of(leased(attempts), sent, RETRY, NOON, NOON, random.Random(1))


def test_all_has_arrived() -> None:
    ended = outcome(SendResult(arrived=["image-2", "image-1"], note="1 result stored"))
    assert (ended.state, ended.note) == (State.SUCCEEDED, "1 result stored")
    assert ended.attempt is not None
    assert ended.attempt.error is None


@pytest.mark.parametrize(
    ("sent", "attempts", "state"),
    [
        (SendResult(refused={"image-2": "broken"}), 0, State.RETRYING),
        (SendResult(refused={"image-2": "broken"}), 2, State.FAILED),
        (SendResult(refused={"image-2": "broken"}, lasting=True), 0, State.FAILED),
        (SendResult(unavailable="away"), 1, State.RETRYING),
        (SendResult(unavailable="away"), 2, State.FAILED),
    ],
)
def test_what_has_not_arrived_is_tried_again_unless_it_is_hopeless(
    sent: SendResult, attempts: int, state: State
) -> None:
    ended = outcome(replace(sent, arrived=["image-1"]), attempts)
    assert (ended.state, ended.remaining) == (state, ["image-2"])


def test_a_destination_is_left_alone_as_long_as_it_asks() -> None:
    assert outcome(SendResult(unavailable="busy", retry_after=600)).next_attempt_at == NOON + timedelta(
        minutes=10
    )
    sooner = outcome(SendResult(unavailable="busy", retry_after=1)).next_attempt_at
    assert sooner is not None
    assert sooner > NOON + timedelta(seconds=7)


def test_what_is_waited_for_is_held_and_counts_as_an_attempt_only_where_one_was_made() -> None:
    later = NOON + timedelta(hours=1)
    awaited = outcome(SendResult(arrived=["image-1"], held_until=later, note="is to call back"), attempts=9)
    assert (awaited.state, awaited.remaining) == (State.HELD, ["image-2"])
    assert (awaited.next_attempt_at, awaited.note) == (later, "is to call back")
    assert awaited.attempt is not None
    assert awaited.attempt.error == "is to call back"
    assert outcome(SendResult(held_until=later, tried=False, note="digest")).attempt is None


def test_deliveries_that_went_together_can_fare_differently() -> None:
    sent = SendResult(
        by_delivery={"other": SendResult(unavailable="away"), "d": SendResult(arrived=["image-1", "image-2"])}
    )
    assert outcome(sent).state == State.SUCCEEDED
    assert sorted(part.unavailable or "" for part in sent.parts) == ["", "away"]


@pytest.mark.parametrize(("attempts", "state"), [(0, None), (2, None), (3, State.FAILED), (9, State.FAILED)])
def test_one_that_has_no_attempt_left_ends(attempts: int, state: State | None) -> None:
    ended = used_up(leased(attempts), RETRY, NOON)
    assert (ended.state if ended else None) == state


class TestWhatTheDestinationHasYetToConfirm:
    RECEIPTS: ClassVar = {"image-1": "one", "image-2": "two"}

    def looked(self, sent: SendResult, attempts: int = 1) -> Outcome:
        """What becomes of a delivery whose images were taken at an earlier attempt."""
        taken = replace(leased(attempts), receipts=self.RECEIPTS)
        return outcome_of(taken, sent, RETRY, NOON, NOON, random.Random(1))

    def test_is_held_and_its_receipts_are_kept(self) -> None:
        sent = SendResult(receipts=dict(self.RECEIPTS), look_again_seconds=5, note="yet to commit")
        held = outcome(sent, attempts=2)
        assert (held.state, held.note, held.receipts) == (State.HELD, "yet to commit", self.RECEIPTS)
        assert held.next_attempt_at == NOON + timedelta(seconds=5)
        assert held.attempt is not None

    def test_looking_again_is_no_attempt(self) -> None:
        held = self.looked(SendResult(receipts=dict(self.RECEIPTS), look_again_seconds=5))
        assert (held.state, held.attempt, held.receipts) == (State.HELD, None, None)

    def test_what_is_confirmed_has_arrived(self) -> None:
        held = self.looked(SendResult(arrived=["image-1"], receipts={"image-2": "two"}))
        assert (held.state, held.remaining, held.receipts) == (State.HELD, ["image-2"], {"image-2": "two"})
        ended = self.looked(SendResult(arrived=["image-1", "image-2"]))
        assert (ended.state, ended.receipts) == (State.SUCCEEDED, {})

    def test_what_is_missing_is_sent_again(self) -> None:
        tried = self.looked(SendResult(arrived=["image-1"], refused={"image-2": "missing"}))
        assert (tried.state, tried.remaining, tried.receipts) == (State.RETRYING, ["image-2"], {})

    @pytest.mark.parametrize(("attempts", "state"), [(1, State.RETRYING), (2, State.FAILED)])
    def test_what_is_overdue_has_failed_and_is_not_sent_again(self, attempts: int, state: State) -> None:
        sent = SendResult(
            refused=dict.fromkeys(self.RECEIPTS, "overdue"), receipts=dict.fromkeys(self.RECEIPTS, "anew")
        )
        tried = self.looked(sent, attempts)
        assert (tried.state, tried.receipts) == (state, dict.fromkeys(self.RECEIPTS, "anew"))

    def test_is_not_forgotten_where_nothing_can_be_asked(self) -> None:
        tried = self.looked(SendResult(unavailable="away"))
        assert (tried.state, tried.receipts) == (State.RETRYING, None)

    def test_no_number_of_attempts_ends_the_waiting(self) -> None:
        assert used_up(leased(9), RETRY, NOON) is not None
        assert used_up(replace(leased(9), receipts=self.RECEIPTS), RETRY, NOON) is None


def test_what_waits_for_a_list_of_codes_cannot_be_released_by_a_person() -> None:
    refused = {"image-1": "not in the list", "image-2": "it may show text"}
    ended = outcome(SendResult(refused=refused, unlisted={"image-1"}, withheld={"image-2"}))
    assert (ended.state, ended.until_released, ended.attempt) == (State.HELD, False, None)
    assert ended.next_attempt_at == NOON + timedelta(minutes=10)
    assert ended.note == f"{UNLISTED}1 of 2 images: not in the list"
