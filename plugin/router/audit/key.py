# SPDX-License-Identifier: GPL-3.0-or-later
"""The key of the audit trail. Without it, no one can forge the router's entries."""

import base64
import json
import logging
import secrets
import threading
from typing import Final

from router.documents.audit import signature
from router.secrets import SecretsUnreadable, Vault
from router.store import Store

_log = logging.getLogger(__name__)

NAME: Final = "audit-key"
PURPOSE: Final = "audit trail"
_KEY_BYTES: Final = 32


class AuditTrailKey:
    """The key is made when it is first needed, and kept in the store, so that all nodes have the same one. It
    is sealed with the key of all secrets, which is not in the store. May be used from any thread."""

    def __init__(self, store: Store, vault: Vault) -> None:
        self._store = store
        self._vault = vault
        self._lock = threading.Lock()
        self._key: bytes | None = None
        self._told = False

    def get(self) -> bytes | None:
        """Return the key; None while this node cannot open it. Raises StoreUnavailable."""
        with self._lock:
            if self._key is None:
                try:
                    self._key = self._opened()
                except SecretsUnreadable as error:
                    if not self._told:
                        _log.warning("The audit trail is written without its key: %s", error)
                    self._told = True
            return self._key

    def signed(self, text: str) -> str:
        """Return the text with its signature in a second line; unsigned while this node has not opened the
        key. Does not read the store, because it is called during a write."""
        key = self._key
        return text if key is None else f"{text}\n{signature(key, 'act', text)}"

    def _opened(self) -> bytes:
        sealed = self._store.recall(NAME)
        if sealed is None:
            made = base64.b64encode(secrets.token_bytes(_KEY_BYTES)).decode("ascii")
            sealed = self._store.remember(NAME, json.dumps(self._vault.seal(made, PURPOSE)))
        return base64.b64decode(self._vault.unseal(json.loads(sealed), PURPOSE))
