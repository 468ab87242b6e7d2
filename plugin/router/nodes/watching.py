# SPDX-License-Identifier: GPL-3.0-or-later
"""Reports changes made on other nodes at once, where the store can report them."""

import logging
from collections.abc import Callable

from router.rounds import Rounds
from router.store import Store, StoreUnavailable, Watch

_log = logging.getLogger(__name__)

_PAUSE_SECONDS = 1.0
#: How often to ask a store that cannot report changes: an administrator may change that.
_ASK_AGAIN_SECONDS = 3600.0
#: Longer than one wait for a change.
_STOP_SECONDS = 3.0


class Watching(Rounds):
    """Waits for changes of policies and destinations. Where the store cannot report them, other parts poll
    for them (the dispatcher does every half second)."""

    def __init__(self, store: Store, changed: Callable[[], None]) -> None:
        """`changed` is called after each change, and may be called without one."""
        super().__init__("router-watching", _STOP_SECONDS)
        self._store = store
        self._changed = changed

    def _round(self) -> float:
        try:
            watch = self._store.watch()
            if watch is None:
                return _ASK_AGAIN_SECONDS
            self._follow(watch)
        except StoreUnavailable as error:
            _log.debug("Changes are not told now: %s", error)
        return _PAUSE_SECONDS

    def _follow(self, watch: Watch) -> None:
        try:
            self._changed()  # for changes made before the watch began
            while not self._ending.is_set():
                if watch.wait():
                    self._changed()
        finally:
            watch.close()
