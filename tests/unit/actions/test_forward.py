# SPDX-License-Identifier: GPL-3.0-or-later
"""The action `forward`, with a destination that refuses, against a server that answers as Orthanc does."""

import json
from collections.abc import Sequence
from datetime import timedelta
from typing import Any

import pytest

from router.actions import SendResult, Work, forward
from router.actions.forward import Forward
from router.destinations import DestinationUnavailable, InstancesRefused, Outgoing
from router.documents.delivery import Attempt
from router.orthanc_api import OrthancApi
from router.store import LeasedDelivery
from servers.scripted_http import Answer, Asked, ScriptedHttp
from unit.actions.services_sample import ServicesSample
from unit.store.stored_samples import NOON, delivery


class Refusing:
    """Refuses all of a batch without saying which and why, as Orthanc's peers do."""

    def __init__(self, error: Exception) -> None:
        self._error = error
        self.offered: list[Outgoing] = []

    def send(self, images: Sequence[Outgoing]) -> None:
        self.offered += images
        raise self._error

    def test(self) -> str:
        return ""

    def close(self) -> None:
        """Nothing to close."""


def forwarded(error: Exception, attempts: int, stored: Sequence[str]) -> tuple[SendResult, Refusing]:
    """What becomes of two images after so many attempts, where Orthanc stores only some."""

    def answer(asked: Asked) -> Answer:
        wanted = json.loads(asked.body)["Resources"]
        return Answer(body=json.dumps([{"ID": one} for one in wanted if one in stored]).encode())

    new = delivery(instances=["image-1", "image-2"])
    made = [Attempt(at=NOON - timedelta(hours=1), seconds=1, error="refused")] * attempts
    leased = LeasedDelivery(
        new.delivery.model_copy(update={"attempts": made, "attempt_count": attempts}), new.instances, "token"
    )
    target = Refusing(error)
    with ScriptedHttp(answer) as orthanc:
        services: Any = ServicesSample(OrthancApi(orthanc.port, ""))
        action = Forward(type="forward", destination="d", send_back=True)
        return forward.perform(Work(action, [leased], target, services, NOON)), target


@pytest.mark.parametrize(("attempts", "hopeless"), [(0, set()), (1, {"image-1"})])
def test_what_was_deleted_is_given_up_at_the_second_attempt(attempts: int, hopeless: set[str]) -> None:
    sent, _ = forwarded(InstancesRefused("Internal error"), attempts, ["image-2"])
    assert sent.refused == {"image-1": "not in Orthanc any more", "image-2": "Internal error"}
    assert sent.hopeless == hopeless


def test_a_destination_that_is_away_says_nothing_of_images() -> None:
    sent, _ = forwarded(DestinationUnavailable("away"), 1, [])
    assert (sent.refused, sent.hopeless, sent.unavailable) == ({}, set(), "away")


@pytest.mark.parametrize(("attempts", "may_be_there"), [(0, False), (1, True)])
def test_a_destination_knows_what_an_earlier_attempt_may_have_brought(
    attempts: int, may_be_there: bool
) -> None:
    _, target = forwarded(DestinationUnavailable("away"), attempts, [])
    assert [image.may_be_there for image in target.offered] == [may_be_there] * 2
