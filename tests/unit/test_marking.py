# SPDX-License-Identifier: GPL-3.0-or-later
"""What the build before has stored is read, verified, and cannot be forged from then on."""

import shutil
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from router.destinations import KINDS, Installation, Opening
from router.destinations.secret_places import PURPOSE, place_of
from router.documents.audit import Actor
from router.documents.destination import Destination
from router.secrets import SecretsUnreadable, Vault
from router.secrets.rotation import unreadable_secrets
from router.store import Store, open_store
from router.transforms import Transforms
from unit.marked_router import MarkedRouter
from unit.store.stored_samples import after, policy

BEFORE = Path(__file__).parent / "store" / "before"
FILES, SERVICE, POLICY = "0" * 24, "1" * 24, "2" * 24
PERSON = Actor(type="user", name="edda")


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A router's folder as the build before has left it."""
    with closing(sqlite3.connect(tmp_path / "router.sqlite3")) as connection:
        connection.executescript((BEFORE / "store.sql").read_text("utf-8"))
    shutil.copy(BEFORE / "secret.key", tmp_path)
    return tmp_path


@pytest.fixture
def store(folder: Path) -> Iterator[Store]:
    with closing(open_store(None, "", folder)) as opened:
        yield opened


class Router(MarkedRouter):
    """One that uses its secrets, and looks at its trail."""

    def __init__(self, store: Store, folder: Path) -> None:
        super().__init__(store, folder)
        self.opening = Opening(KINDS, Installation(None, []), self.vault)  # type: ignore[arg-type]

    def secret(self, destination: Destination, name: str) -> Any:
        """What a sender to this destination would be given."""
        return self.opening._unsealed(KINDS[destination.kind], destination.settings)[name]

    def verify(self) -> str:
        """What verification says, with all that is put down in the trail; empty where all is well."""
        while self.audit.settle():
            pass
        found = self.audit.verified()
        return "" if found.ok else found.message


def test_all_of_it_is_read_and_verified(store: Store, folder: Path) -> None:
    router = Router(store, folder)
    assert router.verify() == ""
    found = router.audit.verified()
    assert (found.first, found.last, found.unkeyed) == (3, 9, 0)
    assert router.secret(store.destinations.get(FILES), "password") == "sftp password"
    service = store.destinations.get(SERVICE)
    assert router.secret(service, "password") == "http password"
    assert router.secret(service, "secret_headers") == {"X-Key": "header secret"}
    earlier = store.destinations.revision(SERVICE, 1)
    assert router.secret(earlier, "password") == "http password"
    assert Transforms(store, router.vault).naming("").patient("MUELLER", "").own == "E35DAEKBJTXTHEAK"
    assert unreadable_secrets(store, router.vault) == 0
    assert not router.vault.believes_unmarked()


def test_it_is_so_again_after_a_restart(store: Store, folder: Path) -> None:
    Router(store, folder).audit.record("router.started")
    assert Router(store, folder).verify() == ""


def test_without_the_key_nothing_is_lost(store: Store, folder: Path) -> None:
    (folder / "secret.key").rename(folder / "kept")
    assert Router(store, folder).vault.believes_unmarked()
    (folder / "kept").rename(folder / "secret.key")
    test_all_of_it_is_read_and_verified(store, folder)


def test_a_store_that_is_put_back_from_then_is_marked_again(store: Store, folder: Path) -> None:
    vault = Vault.of({}, folder / "secret.key", folder)
    vault.mark()
    with pytest.raises(SecretsUnreadable, match="does not say what it was sealed for"):
        vault.unseal(store.destinations.get(FILES).settings["password"], PURPOSE)
    vault.unmark()
    test_all_of_it_is_read_and_verified(store, folder)


class TestForging:
    """By somebody who can write to the store, and has no key."""

    @pytest.fixture
    def router(self, store: Store, folder: Path) -> Router:
        router = Router(store, folder)
        assert router.verify() == ""
        return router

    def test_what_a_router_puts_down_passes(self, router: Router) -> None:
        document = policy("MR")
        router.store.policies.create(document, router.audit.act("policy.created", PERSON))
        router.store.policies.delete(document.id, None, router.audit.act("policy.deleted", PERSON))
        assert router.verify() == ""

    def test_what_a_router_lets_go_passes(self, router: Router) -> None:
        assert router.audit.expire(after(4)) > 0
        assert router.verify() == ""

    def test_a_password_under_another_address(self, router: Router) -> None:
        files = router.store.destinations.get(FILES)
        moved = files.model_copy(update={"settings": {**files.settings, "host": "evil.example.org"}})
        with pytest.raises(Exception, match="sealed for something else"):
            router.secret(moved, "password")

    def test_a_password_in_another_destination(self, router: Router) -> None:
        files, service = (router.store.destinations.get(one) for one in (FILES, SERVICE))
        settings = {**service.settings, "password": files.settings["password"]}
        with pytest.raises(Exception, match="sealed for something else"):
            router.secret(service.model_copy(update={"settings": settings}), "password")


#: Settings that have nothing to do with who is shown a secret. A new setting belongs here, or is one that
#: binds.
FREE = {
    "path", "file_name", "timeout_seconds", "transfer_timeout_seconds", "connect_timeout_seconds", "sender",
    "per_minute", "digest_minutes", "method", "headers", "max_answer_megabytes", "scope", "client_login",
}  # fmt: skip


@pytest.mark.parametrize("kind", list(KINDS.values()), ids=lambda kind: kind.name)
def test_every_setting_binds_secrets_or_has_nothing_to_do_with_them(kind: Any) -> None:
    from router.destinations.secret_places import BINDING
    from router.secrets import secret_names

    secrets = secret_names(kind.settings)
    if secrets:
        assert set(kind.settings.model_fields) - secrets - BINDING - FREE == set()


def test_a_place_does_not_change_with_defaults() -> None:
    kind = KINDS["sftp"]
    settings = {"host": "h", "username": "u", "host_key": "k"}
    assert place_of("sftp", kind.settings, settings, "password") == place_of(
        "sftp", kind.settings, {**settings, "port": 22, "path": "elsewhere"}, "password"
    )
