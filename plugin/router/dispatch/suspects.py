# SPDX-License-Identifier: GPL-3.0-or-later
"""Deliveries that the process may have died of: each is carried out while no other is, and people are told.

A delivery that was under way several times when the process died need not be the cause: all others that were
under way then look the same. What the process dies of once more while nothing else is under way is the cause.
"""

import threading
from collections.abc import Iterator
from contextlib import contextmanager

from router.documents.delivery import SUSPECT_AFTER, Delivery

#: Deliveries that people are told of one by one.
_TOLD = 20


class Suspects:
    """Of all lanes of a node. May be used from any thread."""

    def __init__(self) -> None:
        self._condition = threading.Condition()
        self._under_way = 0
        #: Whether somebody waits to be alone, or is.
        self._is_wanted = False
        self._is_alone = False
        self._told: dict[str, str] = {}

    @property
    def is_one_waiting(self) -> bool:
        """Whether a suspect waits to be alone, or is carried out: nothing else is to begin."""
        return self._is_wanted

    @contextmanager
    def among_others(self) -> Iterator[None]:
        """While something is carried out that is no suspect; waits for a suspect that is under way."""
        with self._condition:
            self._condition.wait_for(lambda: not self._is_alone)
            self._under_way += 1
        try:
            yield
        finally:
            with self._condition:
                self._under_way -= 1
                self._condition.notify_all()

    @contextmanager
    def alone(self, seconds: float) -> Iterator[bool]:
        """While a suspect is carried out. False where what is under way has not ended within so many seconds,
        or another suspect goes first: then it must not be carried out."""
        with self._condition:
            has_turn = not self._is_wanted
            if has_turn:
                self._is_wanted = True
                self._is_alone = self._condition.wait_for(lambda: not self._under_way, seconds)
            is_alone = has_turn and self._is_alone
        try:
            yield is_alone
        finally:
            if has_turn:
                with self._condition:
                    self._is_wanted = self._is_alone = False
                    self._condition.notify_all()

    def problems(self) -> list[str]:
        """What people are to be told."""
        with self._condition:
            return list(self._told.values())

    def is_sent_alone(self, delivery: Delivery) -> None:
        """A suspect is about to be carried out."""
        self._tell(delivery, "it is carried out by itself now")

    def has_failed(self, delivery: Delivery) -> None:
        """A delivery is not carried out any more, because the process has died of it."""
        self._tell(delivery, "it has failed for that reason; the delivery says more")

    def is_cleared(self, delivery: Delivery) -> None:
        """An attempt has come to its end, however it ended."""
        with self._condition:
            self._told.pop(delivery.id, None)

    def _tell(self, delivery: Delivery, what: str) -> None:
        with self._condition:
            while len(self._told) >= _TOLD:
                self._told.pop(next(iter(self._told)))
            to = f" to {delivery.destination.name}" if delivery.destination else ""
            self._told[delivery.id] = (
                f"The delivery {delivery.id} ({delivery.action.type}{to}) was under way"
                f" {delivery.interruptions} times when Orthanc or the router ended unexpectedly: {what}"
            )


def is_suspect(delivery: Delivery) -> bool:
    """Whether it is to be carried out alone."""
    return delivery.interruptions >= SUSPECT_AFTER


def reason_to_fail(delivery: Delivery) -> str | None:
    """Why a delivery is not carried out any more; None where it is."""
    if delivery.interruptions <= SUSPECT_AFTER:
        return None
    return (
        f"Orthanc or the router ended unexpectedly {delivery.interruptions} times while this was under way,"
        " the last time while nothing else was. It is not tried again by itself: find out what is wrong with"
        " the images or the destination first, then retry it"
    )
