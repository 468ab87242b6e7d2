# SPDX-License-Identifier: GPL-3.0-or-later
"""Notices that Orthanc's change log is not the one that the cursor was saved for, and finds where to go on.

Orthanc's database may have been replaced, restored from a backup or moved; a power failure may have taken its
last entries. The numbers of the log say little then: in another database they begin at 1, and in a database
that lost its last entries they are given again. The identifiers of images do not change. So the ledger of
arrivals shows what of the log has been read.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from router.orthanc_api import Change, Changes, OrthancApi
from router.store import Arrival, Cursor, IntakeLedger

#: How many entries are read at once.
_PAGE = 1000
#: How many entries are searched at most: entries further back were not read recently.
_SEARCHED = 1_000_000
#: After an image was found that is known from another entry: how many earlier entries are searched for one
#: that was read.
_SEARCHED_FOR_SAME = 10_000


def anchor_of(changes: Changes) -> str:
    """Return the identity of the last entry; empty where there is none."""
    return changes.entries[-1].anchor if changes.entries else ""


@dataclass(frozen=True, slots=True)
class Beginning:
    """The place from which the intake goes on."""

    cursor: Cursor
    #: Whether this is the log that was read before: unchanged, or an earlier state of it with new entries.
    is_same_log: bool
    #: How many images before the cursor the ledger does not know: no policy has seen them.
    unread: int = 0


class DatabaseCheck:
    """Finds where to go on reading, at the start: a database is replaced only while Orthanc does not run."""

    def __init__(self, orthanc: OrthancApi, ledger: IntakeLedger) -> None:
        self._orthanc = orthanc
        self._ledger = ledger

    def begin(self, cursor: Cursor, end: Changes | None = None) -> Beginning:
        """Return where to go on: at `cursor` where it fits the log; otherwise at the newest entry whose image
        the ledger knows; otherwise at the end of the log, because stored images are not routed unasked.

        `end`: the end of the log at the router's start; None: the end now. Raises OrthancError,
        OrthancUnreachable, StoreUnavailable.
        """
        if self._fits(cursor):
            return Beginning(cursor, is_same_log=True)
        end = end or self._orthanc.last_change()
        version = cursor.version + 1
        unread = looked_at = 0
        known: Change | None = None
        deepest = _SEARCHED
        for entries in self._backwards(self._orthanc.last_change().last):
            images = [entry for entry in entries if entry.kind == "NewInstance"]
            arrivals = self._ledger.arrivals([image.resource for image in images])
            for image in reversed(images):
                arrival = arrivals.get(image.resource)
                if arrival is None:
                    unread += known is None and image.sequence <= end.last
                elif _is_same(arrival, image, is_newest=known is None):
                    return Beginning(Cursor(image.sequence, version, image.anchor), is_same_log=True)
                else:
                    known = known or image
            looked_at += len(entries)
            if known is not None:
                deepest = min(deepest, looked_at + _SEARCHED_FOR_SAME)
            if looked_at >= deepest:
                break
        if known is not None:
            return Beginning(Cursor(known.sequence, version, known.anchor), is_same_log=False)
        return Beginning(Cursor(end.last, version, anchor_of(end)), is_same_log=False, unread=unread)

    def _fits(self, cursor: Cursor) -> bool:
        if self._orthanc.last_change().last < cursor.sequence:
            return False
        if cursor.sequence == 0 or not cursor.anchor:
            return True
        at_cursor = self._orthanc.changes(cursor.sequence - 1, 1)
        # The entry may have been deleted with its resource; then nothing proves a different log.
        same_number = at_cursor.entries and at_cursor.entries[0].sequence == cursor.sequence
        return not same_number or anchor_of(at_cursor) == cursor.anchor

    def _backwards(self, last: int) -> Iterator[Sequence[Change]]:
        """Yield the log in stretches, the newest first. Stretches widen where few numbers are in use."""
        width = _PAGE
        while last > 0:
            first = max(0, last - width)
            entries = list(self._between(first, last))
            yield entries
            last = first
            width = width * 4 if len(entries) < _PAGE // 4 else _PAGE

    def _between(self, first: int, last: int) -> Iterator[Change]:
        """Yield the entries after number `first` up to number `last`."""
        while first < last:
            changes = self._orthanc.changes(first, _PAGE)
            yield from (entry for entry in changes.entries if entry.sequence <= last)
            if not changes.entries or changes.done:
                return
            first = changes.entries[-1].sequence


def _is_same(arrival: Arrival, entry: Change, *, is_newest: bool) -> bool:
    """Whether an arrival was planned from this very entry. Arrivals of an older router lack the date of their
    entry: then the number decides, if no newer entry is known."""
    if arrival.logged:
        return arrival.logged == entry.date
    return is_newest and arrival.sequence == entry.sequence


def planned_already(ledger: IntakeLedger, entries: Mapping[str, Change]) -> frozenset[str]:
    """Return the images that have been planned from these very entries. Raises StoreUnavailable."""
    known = ledger.arrivals(list(entries))
    return frozenset(
        image for image, arrival in known.items() if _is_same(arrival, entries[image], is_newest=False)
    )
