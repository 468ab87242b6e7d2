# SPDX-License-Identifier: GPL-3.0-or-later
"""The library of devices in the store. Each save makes a revision; the last ones are kept."""

import threading
from typing import Final

from router.documents.device_library import DeviceLibrary
from router.store import NotFound, RevisionConflict, Store

_NAMES: Final = "device library/"
#: The number of revisions kept, the current one included.
_KEPT: Final = 20


class Devices:
    """The library of all nodes that share the store. May be used by several threads at once. A saved revision
    is visible at once. All methods may raise StoreUnavailable."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._lock = threading.Lock()
        self._read = DeviceLibrary(revision=0, redactions=[])

    def current(self) -> DeviceLibrary:
        """The newest revision."""
        number = max(self.revisions(), default=0)
        with self._lock:
            if self._read.revision != number:
                self._read = self.revision(number)
            return self._read

    def revisions(self) -> list[int]:
        """The numbers of the kept revisions, oldest first."""
        return [int(name.removeprefix(_NAMES)) for name in self._store.remembered(_NAMES)]

    def revision(self, number: int) -> DeviceLibrary:
        """The revision with this number. Raises NotFound."""
        text = self._store.recall(f"{_NAMES}{number:08}")
        if text is None:
            raise NotFound(f"The library of devices has no revision {number} any more.")
        return DeviceLibrary.model_validate_json(text)

    def save(self, library: DeviceLibrary) -> None:
        """Save the next revision. Raises RevisionConflict."""
        text = library.model_dump_json()
        # Of several writers the first wins; the others read back its text.
        if self._store.remember(f"{_NAMES}{library.revision:08}", text) != text:
            raise RevisionConflict(library.revision)
        former = [number for number in self.revisions() if number <= library.revision - _KEPT]
        self._store.forget([f"{_NAMES}{number:08}" for number in former])
