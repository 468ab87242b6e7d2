"""Learns at once of what is changed on another node, where the store can tell."""

import logging
import threading
from collections.abc import Callable

from router.store import Store, StoreUnavailable, Watch

_log = logging.getLogger(__name__)

_PAUSE_SECONDS = 1.0


class Watching:
    """One thread that waits for changes of policies and destinations. Where the store cannot tell of them, it
    ends: then they are seen by whoever looks (the dispatcher does every half second)."""

    def __init__(self, store: Store, changed: Callable[[], None]) -> None:
        """`changed` is called after each change, and may be called without one."""
        self._store = store
        self._changed = changed
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._work, name="router-watching", daemon=True)

    def start(self) -> None:
        """Begin."""
        self._thread.start()

    def stop(self) -> None:
        """End."""
        self._stop.set()
        self._thread.join(3.0)

    def _work(self) -> None:
        while not self._stop.is_set():
            try:
                watch = self._store.watch()
                if watch is None:
                    return
                self._follow(watch)
            except StoreUnavailable as error:
                _log.debug("Changes are not told now: %s", error)
                self._stop.wait(_PAUSE_SECONDS)

    def _follow(self, watch: Watch) -> None:
        try:
            self._changed()  # what was changed before it watched
            while not self._stop.is_set():
                if watch.wait():
                    self._changed()
        finally:
            watch.close()
