# SPDX-License-Identifier: GPL-3.0-or-later
"""Secrets at rest: the key is not in the store, and a lost or wrong one is told in words."""

import stat
import threading
from pathlib import Path

import pytest
from cryptography.fernet import Fernet
from pydantic import BaseModel, Field

from router.secrets import SecretsUnreadable, Vault, is_sealed, sealed_names, secret, secret_names
from router.secrets.fields import SEALED
from router.secrets.keys import new_key, read_key_file, replace_key_file


class Settings(BaseModel):
    host: str = Field(default="h")
    password: str | None = secret(title="Password")


def test_what_was_sealed_comes_back_and_is_not_to_be_read(tmp_path: Path) -> None:
    vault = Vault(tmp_path / "secret.key")
    sealed = vault.seal({"token": "geheim"}, "test")
    assert "geheim" not in str(sealed)
    assert is_sealed(sealed)
    assert vault.unseal(sealed, "test") == {"token": "geheim"}
    assert Vault(tmp_path / "secret.key").unseal(sealed, "test") == {"token": "geheim"}


def test_the_key_is_its_owners_alone_and_made_only_when_needed(tmp_path: Path) -> None:
    file = tmp_path / "router" / "secret.key"
    vault = Vault(file)
    assert not file.exists()
    vault.seal("x", "test")
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert [path.name for path in file.parent.iterdir()] == ["secret.key"]


def test_nodes_that_make_the_key_at_once_have_the_same(tmp_path: Path) -> None:
    vaults = [Vault(tmp_path / "secret.key") for _ in range(8)]
    sealed: list[dict[str, str]] = []
    threads = [
        threading.Thread(target=lambda vault=vault: sealed.append(vault.seal("x", "test")))
        for vault in vaults
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert [Vault(tmp_path / "secret.key").unseal(one, "test") for one in sealed] == ["x"] * 8


def test_a_new_key_before_the_old_one_reads_both(tmp_path: Path) -> None:
    file = tmp_path / "secret.key"
    old = Vault(file).seal("old", "test")
    file.write_text(f"{Fernet.generate_key().decode()}\n{file.read_text()}")
    assert Vault(file).unseal(old, "test") == "old"
    new = Vault(file).seal("new", "test")
    file.write_text(file.read_text().splitlines()[0])
    assert Vault(file).unseal(new, "test") == "new"
    with pytest.raises(SecretsUnreadable, match="another key"):
        Vault(file).unseal(old, "test")


def test_keys_that_are_given_go_before_the_file(tmp_path: Path) -> None:
    key = Fernet.generate_key().decode()
    sealed = Vault(tmp_path / "one", key).seal("x", "test")
    assert Vault(tmp_path / "two", key).unseal(sealed, "test") == "x"
    assert list(tmp_path.iterdir()) == []
    with pytest.raises(SecretsUnreadable, match="ROUTER_SECRET_KEY"):
        Vault(tmp_path / "one", "no key").seal("x", "test")


def test_a_key_that_is_gone_is_not_replaced_behind_ones_back(tmp_path: Path) -> None:
    sealed = Vault(tmp_path / "secret.key").seal("x", "test")
    (tmp_path / "secret.key").unlink()
    with pytest.raises(SecretsUnreadable, match="is gone"):
        Vault(tmp_path / "secret.key").unseal(sealed, "test")
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("token", ["", "none", "r\x8eP", "\ud800", "gAAAAA=="])
def test_what_was_never_sealed_is_not_opened(tmp_path: Path, token: str) -> None:
    vault = Vault(tmp_path / "secret.key")
    vault.seal("x", "test")
    with pytest.raises(SecretsUnreadable, match="another key"):
        vault.unseal({SEALED: token}, "test")


def test_a_key_file_that_cannot_be_read(tmp_path: Path) -> None:
    (tmp_path / "secret.key").mkdir()
    with pytest.raises(SecretsUnreadable, match="cannot be read"):
        Vault(tmp_path / "secret.key").seal("x", "test")


def test_which_fields_are_secrets(tmp_path: Path) -> None:
    assert secret_names(Settings) == {"password"}
    assert Settings.model_json_schema()["properties"]["password"]["writeOnly"] is True
    assert "geheim" not in repr(Settings(password="geheim"))
    assert sealed_names({"host": "h", "password": Vault(tmp_path / "k").seal("x", "test")}) == ["password"]


def test_a_changed_file_is_read_again(tmp_path: Path) -> None:
    file = tmp_path / "secret.key"
    vault = Vault(file)
    old = vault.seal("old", "test")
    replace_key_file(file, [new_key(), *read_key_file(file)])
    assert vault.unseal(old, "test") == "old"
    assert vault.count() == 2
    renewed = vault.renewed(old)
    assert vault.renewed(renewed) == renewed
    replace_key_file(file, read_key_file(file)[:1])
    assert vault.unseal(renewed, "test") == "old"
    with pytest.raises(SecretsUnreadable, match="another key"):
        vault.unseal(old, "test")


def test_a_key_that_was_read_counts_on_where_its_file_is_gone(tmp_path: Path) -> None:
    file = tmp_path / "secret.key"
    vault = Vault(file)
    sealed = vault.seal("x", "test")
    file.unlink()
    assert vault.unseal(sealed, "test") == "x"
    vault.seal("y", "test")
    assert not file.exists()


def test_where_the_key_comes_from(tmp_path: Path) -> None:
    named, ordinary = tmp_path / "named.key", tmp_path / "secret.key"
    given = new_key()
    of_named, of_ordinary = Vault(named).seal("named", "test"), Vault(ordinary).seal("ordinary", "test")
    of_given = Vault(ordinary, given).seal("given", "test")
    assert Vault.of({}, ordinary, tmp_path).unseal(of_ordinary, "test") == "ordinary"
    environment = {"ROUTER_SECRET_KEY_FILE": str(named)}
    assert Vault.of(environment, ordinary, tmp_path).unseal(of_named, "test") == "named"
    assert (
        Vault.of({**environment, "ROUTER_SECRET_KEY": given}, ordinary, tmp_path).unseal(of_given, "test")
        == "given"
    )
    assert (
        Vault.of({"ROUTER_SECRET_KEY_FILE": ""}, ordinary, tmp_path).unseal(of_ordinary, "test") == "ordinary"
    )
