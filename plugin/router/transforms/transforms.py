# SPDX-License-Identifier: GPL-3.0-or-later
"""The transforms of policies, each compiled once, with the installation's key of pseudonyms."""

import base64
import json
import secrets
import threading
from collections import OrderedDict

from router.documents.transform import Transform
from router.secrets import Vault
from router.store import Store
from router.transforms.code_lists import CodeLists, key_of
from router.transforms.codes import Codes, Naming
from router.transforms.devices import Devices
from router.transforms.pseudonyms import Pseudonyms
from router.transforms.transformer import Transformer

KEY = "pseudonym-key"
PURPOSE = "pseudonyms"
_KEY_BYTES = 32
_KEPT = 200


class Transforms:
    """Compiles transforms and keeps the results. May be used by several threads at once.

    The key is created at first use. The store keeps it, so that all nodes have the same key. It is sealed
    with the key of all secrets, so that the store alone does not reveal it.
    """

    def __init__(self, store: Store, vault: Vault) -> None:
        self._store = store
        self._vault = vault
        self._lock = threading.Lock()
        self._pseudonyms: Pseudonyms | None = None
        self._compiled: OrderedDict[tuple[str, str], tuple[Codes | None, int, Transformer]] = OrderedDict()
        #: The lists of codes of projects.
        self.lists = CodeLists(store, vault)
        #: The library of devices.
        self.devices = Devices(store)

    def of(self, transform: Transform, destination: str = "") -> Transformer:
        """The transform, ready for use; `destination` is the id of the destination.

        Raises TransformError, StoreUnavailable or SecretsUnreadable.
        """
        project = key_of(transform.project or "", destination)
        codes = self.lists.of(project) if project else None
        library = self.devices.current() if transform.redact_devices else None
        revision, devices = (library.revision, library.redactions) if library else (0, [])
        written = project, transform.model_dump_json()
        with self._lock:
            found = self._compiled.get(written)
            if found is None or found[0] is not codes or found[1] != revision:
                made = Transformer(transform, self._of_project(project), codes, devices)
                found = self._compiled[written] = codes, revision, made
            self._compiled.move_to_end(written)
            while len(self._compiled) > _KEPT:
                self._compiled.popitem(last=False)
            return found[2]

    def naming(self, project: str, destination: str = "") -> Naming:
        """The naming of patients by transforms with this project and destination; an empty project means
        none.

        Raises StoreUnavailable or SecretsUnreadable.
        """
        key = key_of(project, destination)
        codes = self.lists.of(key) if key else None
        with self._lock:
            return Naming(self._of_project(key), codes)

    def _of_project(self, project: str) -> Pseudonyms:
        return self._opened().of_project(project) if project else self._opened()

    def _opened(self) -> Pseudonyms:
        if self._pseudonyms is None:
            made = base64.b64encode(secrets.token_bytes(_KEY_BYTES)).decode("ascii")
            sealed = self._store.remember(KEY, json.dumps(self._vault.seal(made, PURPOSE)))
            self._pseudonyms = Pseudonyms(base64.b64decode(self._vault.unseal(json.loads(sealed), PURPOSE)))
        return self._pseudonyms


def check(transform: Transform) -> None:
    """Check a transform. Raises TransformError where it is not usable."""
    Transformer(transform, Pseudonyms(bytes(_KEY_BYTES)))
