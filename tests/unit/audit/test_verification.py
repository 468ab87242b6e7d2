"""Whatever somebody changes in the audit trail, verifying it names the first broken entry."""

from collections.abc import Callable, Iterator, Sequence
from contextlib import closing
from pathlib import Path

import pytest

from router.audit import Audit, verified
from router.audit.audit import ROUTER
from router.documents.audit import Act, AuditEntry, AuditRecord
from router.store import AuditTrail, Ends, Link, Store, open_store
from unit.store.stored_samples import after

#: What a person makes of the entries.
Tampering = Callable[[list[AuditEntry]], list[AuditEntry]]


class Tampered:
    """A trail that somebody has changed."""

    def __init__(self, trail: AuditTrail, tampering: Tampering) -> None:
        self._ends = trail.ends()
        self._entries = tampering(list(trail.after(0, 1000)))

    def ends(self) -> Ends:
        return self._ends

    def after(self, number: int, limit: int) -> Sequence[AuditEntry]:
        return [entry for entry in self._entries if entry.number > number][:limit]


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    """Ten entries, of which the first three have expired."""
    with closing(open_store(None, "", tmp_path)) as opened:
        for n in range(1, 11):
            act = Act(event="access.refused", at=after(n), node="node-1", actor=ROUTER, detail=str(n))
            opened.audit.record(AuditRecord(**dict(act)))
        opened.audit.expire(after(4))
        yield opened


def rewritten(entry: AuditEntry, **changes: object) -> AuditEntry:
    """As somebody would who knows how it is hashed."""
    changed = entry.model_copy(update=changes)
    return changed.model_copy(update={"hash": changed.expected_hash()})


def rewritten_from(entries: list[AuditEntry], number: int) -> list[AuditEntry]:
    """All entries from this one on, linked anew."""
    made: list[AuditEntry] = []
    for entry in entries:
        if entry.number < number:
            made.append(entry)
        else:
            previous = made[-1].hash if made else entry.previous
            made.append(
                rewritten(entry, previous=previous, detail="forged" if entry.number == number else "")
            )
    return made


def changed(entries: list[AuditEntry], number: int, **changes: object) -> list[AuditEntry]:
    return [entry.model_copy(update=changes) if entry.number == number else entry for entry in entries]


def without(entries: list[AuditEntry], *numbers: int) -> list[AuditEntry]:
    return [entry for entry in entries if entry.number not in numbers]


def test_what_nobody_has_changed_is_whole(store: Store) -> None:
    found = verified(store.audit)
    assert (found.ok, found.entries, found.first, found.last) == (True, 7, 4, 10)
    assert found.broken_at is None
    assert found.hash == store.audit.ends().head.hash


def test_an_empty_trail_is_whole(tmp_path: Path) -> None:
    with closing(open_store(None, "", tmp_path)) as opened:
        found = verified(opened.audit)
    assert (found.ok, found.entries, found.first, found.last) == (True, 0, 0, 0)


@pytest.mark.parametrize(
    ("tampering", "broken_at"),
    [
        pytest.param(lambda entries: changed(entries, 6, detail="another"), 6, id="a changed text"),
        pytest.param(lambda entries: changed(entries, 4, at=after(99)), 4, id="a changed time in the first"),
        pytest.param(lambda entries: changed(entries, 6, hash="0" * 64), 6, id="a changed hash"),
        pytest.param(
            lambda entries: [rewritten(one, detail="x") if one.number == 6 else one for one in entries],
            7,
            id="one hashed anew",
        ),
        pytest.param(lambda entries: rewritten_from(entries, 6), 10, id="all hashed anew"),
        pytest.param(lambda entries: without(entries, 7), 7, id="one taken out"),
        pytest.param(lambda entries: without(entries, 4, 5), 4, id="the oldest taken out"),
        pytest.param(lambda entries: without(entries, 9, 10), 9, id="the newest taken out"),
        pytest.param(lambda entries: entries[:0], 4, id="all taken out"),
        pytest.param(
            lambda entries: [
                one.model_copy(update={"number": one.number - (one.number > 7)})
                for one in without(entries, 7)
            ],
            7,
            id="one taken out and the rest renumbered",
        ),
    ],
)
def test_what_somebody_has_changed_shows(store: Store, tampering: Tampering, broken_at: int) -> None:
    found = verified(Tampered(store.audit, tampering))  # type: ignore[arg-type]
    assert not found.ok
    assert found.broken_at == broken_at
    assert str(broken_at) in found.message


def test_what_is_newer_than_the_known_end_is_looked_at_too(store: Store) -> None:
    """Where a node has died after adding an entry."""
    Audit(store, "node-1", lambda: after(99)).record("access.refused")
    behind = Ends(store.audit.ends().anchor, Link(10, store.audit.after(9, 1)[0].hash))
    trail = Tampered(store.audit, lambda entries: changed(entries, 11, detail="another"))
    trail._ends = behind
    assert verified(trail).broken_at == 11  # type: ignore[arg-type]
