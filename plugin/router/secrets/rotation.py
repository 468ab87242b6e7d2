# SPDX-License-Identifier: GPL-3.0-or-later
"""A new key in the place of the old one: every stored secret is sealed anew."""

import json
import time
from collections.abc import Callable
from typing import Any, Final

from router.secrets.fields import is_sealed
from router.secrets.keys import SecretsUnreadable, new_key, read_key_file, replace_key_file
from router.secrets.vault import Vault
from router.store import Store

#: What a running router is about to save while secrets are sealed anew has been saved after this time.
_SETTLE_SECONDS: Final = 2.0


class Rotation:
    """Goes on where an earlier one was interrupted: as long as the old key is in the key file, both are
    accepted, and it leaves the file only once no secret needs it any more."""

    def __init__(self, store: Store, vault: Vault, wait: Callable[[float], None] = time.sleep) -> None:
        self._store = store
        self._vault = vault
        self._wait = wait

    def run(self) -> int:
        """How many documents held secrets that are sealed anew now; what no key opens stays as it is.

        Raises SecretsUnreadable where there is no key to begin with, or only one in a variable;
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
    """JSON with `change(sealed)` in the place of each sealed secret; the text itself where that is the same,
    or where it is no JSON."""
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
    """How many stored secrets none of the keys opens. Raises StoreUnavailable."""
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
