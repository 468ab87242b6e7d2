# SPDX-License-Identifier: GPL-3.0-or-later
"""Deliveries that may have ended the process: each is carried out alone, and people are told.

A delivery that was under way several times when the process died may not be the cause: all others that were
under way at the time look the same. A delivery that ends the process once more, while alone, is the cause.
"""

import threading
from collections.abc import Iterator
from contextlib import contextmanager

from router.documents.delivery import SUSPECT_AFTER, Delivery

#: How many deliveries people are told of at most.
_TOLD = 20


class Suspects:
    """The suspects of all lanes of a node. May be used from any thread."""

    def __init__(self) -> None:
        self._condition = threading.Condition()
        self._under_way = 0
        #: Whether a suspect waits to be alone, or is carried out alone.
        self._is_wanted = False
        self._is_alone = False
        self._told: dict[str, str] = {}

    @property
    def is_one_waiting(self) -> bool:
        """Whether a suspect waits to be alone, or is carried out: no other delivery may begin."""
        return self._is_wanted

    @contextmanager
    def among_others(self) -> Iterator[None]:
        """Wait for the end of a suspect under way; then keep suspects waiting while the context is open."""
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
        """Keep other deliveries waiting while a suspect is carried out in this context.

        Yields False where the deliveries under way have not ended within `seconds`, or another suspect goes
        first: then the suspect must not be carried out.
        """
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
        """Return the messages for people."""
        with self._condition:
            return list(self._told.values())

    def is_sent_alone(self, delivery: Delivery) -> None:
        """Report that a suspect is about to be carried out."""
        self._tell(delivery, "it is carried out by itself now")

    def has_failed(self, delivery: Delivery) -> None:
        """Report that a delivery is not tried any more, because it ended the process."""
        self._tell(delivery, "it has failed for that reason; the delivery says more")

    def is_cleared(self, delivery: Delivery) -> None:
        """Withdraw the report of a suspect whose attempt has ended, with whatever result."""
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
    """Whether a delivery must be carried out alone."""
    return delivery.interruptions >= SUSPECT_AFTER


def reason_to_fail(delivery: Delivery) -> str | None:
    """Return why a delivery is not carried out any more; None where it is."""
    if delivery.interruptions <= SUSPECT_AFTER:
        return None
    return (
        f"Orthanc or the router ended unexpectedly {delivery.interruptions} times while this was under way,"
        " the last time while nothing else was. It is not tried again by itself: find out what is wrong with"
        " the images or the destination first, then retry it"
    )
