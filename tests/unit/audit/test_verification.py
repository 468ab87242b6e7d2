# SPDX-License-Identifier: GPL-3.0-or-later
"""Whatever somebody changes in the audit trail, verifying it names the first broken entry."""

from collections.abc import Callable, Iterator, Sequence
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from router.audit import AuditTrailKey, verified
from router.audit.audit import ROUTER
from router.documents.audit import Act, AuditEntry, AuditRecord
from router.secrets import Vault
from router.secrets.rotation import Rotation
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


KEY = b"k" * 32


def record(n: int) -> AuditRecord:
    act = Act(event="access.refused", at=after(n), node="node-1", actor=ROUTER, detail=str(n))
    return AuditRecord(**dict(act))


@pytest.fixture(params=[None, KEY], ids=["without a key", "with a key"])
def key(request: pytest.FixtureRequest) -> bytes | None:
    """What the entries were written with."""
    key: bytes | None = request.param
    return key


@pytest.fixture
def store(tmp_path: Path, key: bytes | None) -> Iterator[Store]:
    """Ten entries, of which the first three have expired."""
    with closing(open_store(None, "", tmp_path)) as opened:
        for n in range(1, 11):
            opened.audit.record(record(n), key)
        opened.audit.expire(after(4), key)
        yield opened


def rewritten(entry: AuditEntry, **changes: object) -> AuditEntry:
    """As somebody would who knows how it is hashed, but not the key."""
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


def test_what_nobody_has_changed_is_whole(store: Store, key: bytes | None) -> None:
    found = verified(store.audit, key)
    assert (found.ok, found.entries, found.first, found.last) == (True, 7, 4, 10)
    assert found.unkeyed == (0 if key else 7)
    assert found.broken_at is None
    assert found.hash == store.audit.ends().head.hash


def test_a_long_trail_is_looked_at_stretch_by_stretch(store: Store, key: bytes | None) -> None:
    found = [verified(store.audit, key, most=3)]
    while found[-1].go_on_after is not None:
        found.append(verified(store.audit, key, found[-1].go_on_after, 3))
    assert all(one.ok for one in found)
    assert [(one.first, one.last) for one in found[:3]] == [(4, 6), (7, 9), (10, 10)]
    assert sum(one.entries for one in found) == 7
    assert sum(one.unkeyed for one in found) == (0 if key else 7)


def test_what_is_wrong_with_a_later_stretch_is_found_there(store: Store, key: bytes | None) -> None:
    tampered: Any = Tampered(store.audit, lambda entries: changed(entries, 8, detail="forged"))
    assert verified(tampered, key, most=3).ok
    found = verified(tampered, key, 6, 3)
    assert (found.ok, found.broken_at, found.go_on_after) == (False, 8, None)


def test_the_end_of_a_stretch_is_no_end_of_the_trail(store: Store, key: bytes | None) -> None:
    cut: Any = Tampered(store.audit, lambda entries: without(entries, 9, 10))
    assert verified(cut, key, most=3).ok
    assert verified(cut, key, 6, 3).broken_at == 9


def test_one_cannot_go_on_after_what_is_not_there(store: Store, key: bytes | None) -> None:
    assert verified(store.audit, key, 11).broken_at == 11


def test_entries_without_the_key_do_not_pass_in_a_later_stretch(store: Store, key: bytes | None) -> None:
    tampered: Any = Tampered(store.audit, lambda entries: rewritten_from(entries, 8))
    assert verified(tampered, key, 7).broken_at == (8 if key else 10)


def test_an_empty_trail_is_whole(tmp_path: Path) -> None:
    with closing(open_store(None, "", tmp_path)) as opened:
        found = verified(opened.audit)
    assert (found.ok, found.entries, found.first, found.last) == (True, 0, 0, 0)


@pytest.mark.parametrize(
    ("tampering", "broken_at", "broken_at_where_keyed"),
    [
        pytest.param(lambda entries: changed(entries, 6, detail="another"), 6, 6, id="a changed text"),
        pytest.param(lambda entries: changed(entries, 4, at=after(99)), 4, 4, id="a changed time"),
        pytest.param(lambda entries: changed(entries, 6, hash="0" * 64), 6, 6, id="a changed hash"),
        pytest.param(
            lambda entries: [rewritten(one, detail="x") if one.number == 6 else one for one in entries],
            7,
            6,
            id="one hashed anew",
        ),
        pytest.param(lambda entries: rewritten_from(entries, 6), 10, 6, id="all hashed anew"),
        pytest.param(lambda entries: without(entries, 7), 7, 7, id="one taken out"),
        pytest.param(lambda entries: without(entries, 4, 5), 4, 4, id="the oldest taken out"),
        pytest.param(lambda entries: without(entries, 9, 10), 9, 9, id="the newest taken out"),
        pytest.param(lambda entries: entries[:0], 4, 4, id="all taken out"),
        pytest.param(
            lambda entries: [
                one.model_copy(update={"number": one.number - (one.number > 7)})
                for one in without(entries, 7)
            ],
            7,
            7,
            id="one taken out and the rest renumbered",
        ),
    ],
)
def test_what_somebody_has_changed_shows(
    store: Store, key: bytes | None, tampering: Tampering, broken_at: int, broken_at_where_keyed: int
) -> None:
    found = verified(Tampered(store.audit, tampering), key)  # type: ignore[arg-type]
    broken_at = broken_at_where_keyed if key else broken_at
    assert not found.ok
    assert found.broken_at == broken_at
    assert str(broken_at) in found.message


def test_what_is_newer_than_the_known_end_is_looked_at_too(store: Store, key: bytes | None) -> None:
    """Where a node has died after adding an entry."""
    store.audit.record(record(99), key)
    ends = store.audit.ends()
    behind = Ends(ends.anchor, Link(10, store.audit.after(9, 1)[0].hash), ends.anchor_signature)
    trail = Tampered(store.audit, lambda entries: changed(entries, 11, detail="another"))
    trail._ends = behind
    assert verified(trail, key).broken_at == 11  # type: ignore[arg-type]


class TestKey:
    @pytest.fixture
    def empty(self, tmp_path: Path) -> Iterator[Store]:
        with closing(open_store(None, "", tmp_path)) as opened:
            yield opened

    def test_a_trail_from_before_there_was_one_goes_on_with_it(self, empty: Store) -> None:
        for n in range(3):
            empty.audit.record(record(n))
        empty.audit.record(record(3), KEY)
        found = verified(empty.audit, KEY)
        assert (found.ok, found.entries, found.unkeyed) == (True, 4, 3)

    def test_what_is_added_without_it_shows(self, empty: Store) -> None:
        empty.audit.record(record(1), KEY)
        empty.audit.record(record(2))
        empty.audit.record(record(3), KEY)
        found = verified(empty.audit, KEY)
        assert (found.ok, found.broken_at) == (False, 2)
        assert "without the key" in found.message

    def test_a_whole_trail_forged_without_it_shows_by_their_number(self, empty: Store) -> None:
        for n in range(3):
            empty.audit.record(record(n), KEY)

        def forged(entries: list[AuditEntry]) -> list[AuditEntry]:
            return rewritten_from([entry.model_copy(update={"keyed": None}) for entry in entries], 1)

        trail = Tampered(empty.audit, forged)
        trail._ends = Ends(trail._ends.anchor, Link(3, trail._entries[-1].hash))
        found = verified(trail, KEY)  # type: ignore[arg-type]
        assert (found.ok, found.unkeyed) == (True, 3)

    def test_without_it_nothing_is_said_to_be_well(self, empty: Store) -> None:
        empty.audit.record(record(1), KEY)
        assert "cannot be verified" in verified(empty.audit).message
        assert "not as it was written" in verified(empty.audit, b"x" * 32).message

    def test_it_is_the_same_for_all_who_have_the_key_of_secrets(self, empty: Store, tmp_path: Path) -> None:
        first = AuditTrailKey(empty, Vault(tmp_path / "secret.key")).get()
        assert first is not None
        assert AuditTrailKey(empty, Vault(tmp_path / "secret.key")).get() == first
        Rotation(empty, Vault(tmp_path / "secret.key"), lambda _seconds: None).run()
        assert AuditTrailKey(empty, Vault(tmp_path / "secret.key")).get() == first

    def test_another_key_of_secrets_does_not_open_it(self, empty: Store, tmp_path: Path) -> None:
        AuditTrailKey(empty, Vault(tmp_path / "secret.key")).get()
        other = AuditTrailKey(empty, Vault(tmp_path / "another.key"))
        assert other.get() is None
        assert not (tmp_path / "another.key").exists()
        # Until it is put right.
        (tmp_path / "another.key").write_bytes((tmp_path / "secret.key").read_bytes())
        assert other.get() == AuditTrailKey(empty, Vault(tmp_path / "secret.key")).get()
