# SPDX-License-Identifier: GPL-3.0-or-later
"""Protects data of an earlier router against forging by writers who can change the store but lack the keys.

An earlier router sealed secrets without their purpose. It signed neither the acts that wait for the audit
trail nor the trail's beginning. The first start of this version trusts the existing data, marks the secrets
and signs the acts. After that, unmarked or unsigned data is not trusted.
"""

import json
import logging
from collections.abc import Mapping
from typing import Any, Final

from router.audit import AuditTrailKey
from router.audit.key import NAME as TRAIL_KEY
from router.audit.key import PURPOSE as TRAIL
from router.destinations import KINDS
from router.destinations.secret_places import PURPOSE as DESTINATION
from router.destinations.secret_places import place_of
from router.secrets import SecretsUnreadable, Vault, is_sealed, secret_names
from router.store import Store
from router.transforms.transforms import KEY as PSEUDONYMS_KEY
from router.transforms.transforms import PURPOSE as PSEUDONYMS

_log = logging.getLogger(__name__)

#: The purpose of each secret, by its name in the store.
_REMEMBERED: Final = {TRAIL_KEY: TRAIL, PSEUDONYMS_KEY: PSEUDONYMS}


def mark(store: Store, vault: Vault, key: AuditTrailKey) -> None:
    """Mark and sign the existing data, unless this was done before.

    It may be interrupted at any moment, and several nodes may do it at once.

    Raises StoreUnavailable, OSError.
    """
    if not vault.believes_unmarked():
        return
    sealed = store.recall(TRAIL_KEY)
    try:
        if sealed is not None and not vault.is_marked(json.loads(sealed)):
            _sign(store, key)
        known = {store.recall(name) or "": purpose for name, purpose in _REMEMBERED.items()}
        marking = _Marking(vault, known)
        while store.rewrite_secrets(marking.marked):
            pass
    except SecretsUnreadable as error:
        # A key is missing: a later start marks the data, once the key is back.
        _log.warning("What is stored cannot be secured against forging: %s", error)
        return
    vault.mark()


def _sign(store: Store, key: AuditTrailKey) -> None:
    """Sign the acts and the trail's beginning of an earlier router. Raises SecretsUnreadable."""
    found = key.get()
    if found is None:
        raise SecretsUnreadable("the key of the audit trail cannot be opened")
    while store.audit.settle(found, believes_all=True):
        pass
    store.audit.sign_anchor(found)


class _Marking:
    """Marks the secrets in stored texts with their purpose."""

    def __init__(self, vault: Vault, remembered: Mapping[str, str]) -> None:
        self._vault = vault
        #: The purpose of each remembered secret, by its stored text.
        self._remembered = remembered

    def marked(self, text: str) -> str:
        """Return the text with marked secrets; a secret that no key opens stays as it is."""
        try:
            document = json.loads(text)
        except ValueError:
            return text
        if is_sealed(document):
            purpose = self._remembered.get(text)
            changed = document if purpose is None else self._one(document, purpose, None)
        else:
            changed = self._of_destination(document)
        return text if changed == document else json.dumps(changed)

    def _of_destination(self, document: Any) -> Any:
        kind = KINDS.get(str(document.get("kind"))) if isinstance(document, dict) else None
        if kind is None:
            return document
        settings = dict(document["settings"])
        for name in secret_names(kind.settings):
            if is_sealed(settings.get(name)):
                place = place_of(kind.name, kind.settings, settings, name)
                settings[name] = self._one(settings[name], DESTINATION, place)
        return {**document, "settings": settings}

    def _one(self, sealed: object, purpose: str, place: Mapping[str, object] | None) -> object:
        try:
            return self._vault.marked(sealed, purpose, place)
        except SecretsUnreadable:
            return sealed
