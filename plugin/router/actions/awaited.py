"""Which deliveries wait for what becomes of others, so that they can be woken when it is known."""

import threading


class Awaited:
    """Who waits for the deliveries of which study, on this node. May be used from any thread.

    A delivery says first that it waits, and looks then; what ends in between is not missed.
    """

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._studies: dict[str, str] = {}
        self._passed: set[str] = set()

    def wait(self, delivery: str, study: str) -> None:
        """A delivery is about to look how the others of a study stand."""
        with self._lock:
            self._studies[delivery] = study
            self._passed.discard(delivery)

    def ended(self, study: str) -> list[str]:
        """A delivery of this study has ended: who is to look again."""
        with self._lock:
            waiting = [delivery for delivery, of in self._studies.items() if of == study]
            self._passed.update(waiting)
            return waiting

    def has_passed(self, delivery: str) -> bool:
        """Whether something has ended since the delivery began to look; told once."""
        with self._lock:
            passed = delivery in self._passed
            self._passed.discard(delivery)
            return passed

    def forget(self, delivery: str) -> None:
        """It does not wait any more."""
        with self._lock:
            self._studies.pop(delivery, None)
            self._passed.discard(delivery)
