# SPDX-License-Identifier: GPL-3.0-or-later
"""Replaces the key of all secrets by a new one, and seals every stored secret anew."""

import json
import time
from collections.abc import Callable
from typing import Any, Final

from router.secrets.fields import is_sealed
from router.secrets.keys import SecretsUnreadable, new_key, read_key_file, replace_key_file
from router.secrets.vault import Vault
from router.store import Store

#: A running router may be saving a secret sealed with the old key; after this time it has saved it.
_SETTLE_SECONDS: Final = 2.0


class Rotation:
    """A change of the key. It goes on where an earlier one was interrupted. While the old key is in the key
    file, both keys are accepted; it is removed from the file only when no secret needs it any more."""

    def __init__(self, store: Store, vault: Vault, wait: Callable[[float], None] = time.sleep) -> None:
        self._store = store
        self._vault = vault
        self._wait = wait

    def run(self) -> int:
        """Seal all secrets anew; return in how many stored texts. A secret that no key opens stays as it is.

        Raises SecretsUnreadable where there is no key, or only one key in ROUTER_SECRET_KEY;
        StoreUnavailable; OSError.
        """
        file = self._vault.file
        if self._vault.count() == 1:
            if file is None:
                raise SecretsUnreadable(
                    "ROUTER_SECRET_KEY holds one key: put a new one before it, separated by a comma, restart"
                    " Orthanc with it on every node, and do this again"
                )
            replace_key_file(file, [new_key(), *read_key_file(file)])
        renewed = self._store.rewrite_secrets(self._renewed)
        while True:
            self._wait(_SETTLE_SECONDS)
            missed = self._store.rewrite_secrets(self._renewed)
            if not missed:
                break
            renewed += missed
        if file is not None:
            replace_key_file(file, read_key_file(file)[:1])
        return renewed

    def _renewed(self, text: str) -> str:
        return with_secrets(text, self._renewed_secret)

    def _renewed_secret(self, sealed: object) -> object:
        try:
            return self._vault.renewed(sealed)
        except SecretsUnreadable:
            return sealed


def with_secrets(text: str, change: Callable[[object], object]) -> str:
    """Return the JSON with each sealed secret replaced by `change(sealed)`. Return the text itself where
    nothing changes, or where it is no JSON."""
    try:
        document = json.loads(text)
    except ValueError:
        return text
    changed = _changed(document, change)
    return text if changed == document else json.dumps(changed)


def _changed(value: Any, change: Callable[[object], object]) -> Any:
    if is_sealed(value):
        return change(value)
    if isinstance(value, dict):
        return {name: _changed(one, change) for name, one in value.items()}
    return [_changed(one, change) for one in value] if isinstance(value, list) else value


def unreadable_secrets(store: Store, vault: Vault) -> int:
    """Return how many stored secrets none of the keys opens. Raises StoreUnavailable."""
    unreadable = 0

    def look(sealed: object) -> object:
        nonlocal unreadable
        try:
            vault.is_marked(sealed)
        except SecretsUnreadable:
            unreadable += 1
        return sealed

    store.rewrite_secrets(lambda text: with_secrets(text, look))
    return unreadable
