# SPDX-License-Identifier: GPL-3.0-or-later
"""A new key for all secrets: nothing is unreadable at any moment, wherever it is interrupted."""

import json
import stat
from collections.abc import Callable
from pathlib import Path

import pytest
from cryptography.fernet import Fernet

from router.documents.destination import Destination
from router.secrets import SecretsUnreadable, Vault
from router.secrets.rotation import Rotation, unreadable_secrets, with_secrets
from router.store import Store
from unit.store.stored_samples import destination


class Interrupted(Exception):  # noqa: N818
    """What a test stops the rotation with."""


def at_once(_seconds: float) -> None:
    """Wait for nothing."""


def with_password(vault: Vault, password: str, of: Destination | None = None) -> Destination:
    """A destination with a secret, or its next revision."""
    made = of or destination()
    settings = {"modality": "RESEARCH", "password": vault.seal(password, "test")}
    return made.model_copy(update={"settings": settings, "revision": made.revision + (of is not None)})


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "secret.key"


@pytest.fixture
def filled(store: Store, file: Path) -> Store:
    """A store with a secret in a current revision, in a former one, in a deleted document and beside them."""
    vault = Vault(file)
    first = with_password(vault, "first")
    store.destinations.create(first)
    store.destinations.replace(with_password(vault, "second", first))
    deleted = with_password(vault, "deleted").model_copy(update={"name": "Another"})
    store.destinations.create(deleted)
    store.destinations.delete(deleted.id)
    store.destinations.create(destination("Without a secret"))
    store.remember("pseudonym-key", json.dumps(vault.seal("of pseudonyms", "test")))
    store.remember("text", "no JSON")
    return store


def opened(store: Store, vault: Vault) -> set[str]:
    """All secrets in the store, as this vault reads them."""
    found: set[str] = set()

    def look(sealed: object) -> object:
        found.add(vault.unseal(sealed, "test"))
        return sealed

    store.rewrite_secrets(lambda text: with_secrets(text, look))
    return found


ALL = {"first", "second", "deleted", "of pseudonyms"}


def test_every_secret_gets_the_new_key_and_the_old_one_goes(filled: Store, file: Path) -> None:
    old, before = file.read_text(), filled.destinations.generation()
    running = Vault(file)
    assert opened(filled, running) == ALL
    assert Rotation(filled, Vault(file), at_once).run() >= len(ALL)
    assert len(file.read_text().split()) == 1
    assert file.read_text() != old
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert [each.name for each in file.parent.glob("secret.key*")] == ["secret.key"]
    # A router that runs on has noticed, and what kept the destinations in memory reads them anew.
    assert opened(filled, running) == ALL
    assert filled.destinations.generation() > before
    assert unreadable_secrets(filled, Vault(file)) == 0
    assert unreadable_secrets(filled, Vault(file, old)) >= len(ALL)


def test_documents_are_the_same_but_for_their_secrets(filled: Store, file: Path) -> None:
    def without_secrets() -> list[Destination]:
        return [
            each.model_copy(update={"settings": each.settings.keys()})
            for one in filled.destinations.all()
            for each in filled.destinations.revisions(one.id)
        ]

    before = without_secrets()
    Rotation(filled, Vault(file), at_once).run()
    assert without_secrets() == before


@pytest.mark.parametrize("step", [1, 2, 3])
def test_after_an_interruption_it_goes_on(filled: Store, file: Path, step: int) -> None:
    """Before anything is sealed anew, in the midst of it, and before the old key goes."""
    steps = 0

    def interrupt_at(moment: int) -> None:
        nonlocal steps
        steps = moment
        if moment == step:
            raise Interrupted

    class Breaking:
        """A store that breaks off."""

        def rewrite_secrets(self, rewrite: Callable[[str], str]) -> int:
            interrupt_at(steps + 1)
            return filled.rewrite_secrets(rewrite)

    with pytest.raises(Interrupted):
        Rotation(Breaking(), Vault(file), lambda _: interrupt_at(steps + 1)).run()  # type: ignore[arg-type]
    assert len(file.read_text().split()) == 2
    assert opened(filled, Vault(file)) == ALL
    new = file.read_text().split()[0]
    Rotation(filled, Vault(file), at_once).run()
    assert file.read_text().split() == [new]
    assert opened(filled, Vault(file)) == ALL


def test_what_is_saved_meanwhile_is_not_forgotten(filled: Store, file: Path) -> None:
    """By a router that had read the old key before."""
    old = Vault(file, file.read_text())
    late = [with_password(old, "late").model_copy(update={"name": "Late"})]

    def save_late(_seconds: float) -> None:
        while late:
            filled.destinations.create(late.pop())

    assert Rotation(filled, Vault(file), save_late).run() > len(ALL)
    assert opened(filled, Vault(file)) == {*ALL, "late"}


def test_what_no_key_opens_stays_as_it_is(filled: Store, file: Path) -> None:
    lost = with_password(Vault(file.with_name("lost.key")), "lost").model_copy(update={"name": "Lost"})
    filled.destinations.create(lost)
    Rotation(filled, Vault(file), at_once).run()
    assert filled.destinations.get(lost.id) == lost
    assert unreadable_secrets(filled, Vault(file)) > 0


class TestKeysInAVariable:
    def test_one_key_cannot_be_rotated(self, store: Store, file: Path) -> None:
        with pytest.raises(SecretsUnreadable, match="put a new one before it"):
            Rotation(store, Vault(file, Fernet.generate_key().decode()), at_once).run()

    def test_of_two_the_first_is_used(self, filled: Store, file: Path) -> None:
        new, old = Fernet.generate_key().decode(), file.read_text().strip()
        assert Rotation(filled, Vault(file, f"{new},{old}"), at_once).run() >= len(ALL)
        assert opened(filled, Vault(file, new)) == ALL
        assert file.read_text().strip() == old


def test_where_there_is_no_key_nothing_is_done(store: Store, file: Path) -> None:
    with pytest.raises(SecretsUnreadable, match="is gone"):
        Rotation(store, Vault(file), at_once).run()
    assert not file.exists()
