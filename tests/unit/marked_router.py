# SPDX-License-Identifier: GPL-3.0-or-later
"""As much of a router as there is to its secrets and its audit trail."""

from pathlib import Path

from router.administration.marking import mark
from router.audit import Audit, AuditTrailKey
from router.secrets import Vault
from router.store import Store
from unit.store.stored_samples import after


class MarkedRouter:
    """A store that has been marked with the key in `folder`, whose acts are signed."""

    def __init__(self, store: Store, folder: Path) -> None:
        self.store = store
        self.vault = Vault.of({}, folder / "secret.key", folder)
        self.key = AuditTrailKey(store, self.vault)
        mark(store, self.vault, self.key)
        self.key.get()
        store.sign_with(self.key.signed)
        self.audit = Audit(store, self.key, "NODE", lambda: after(100))
