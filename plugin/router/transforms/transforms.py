"""The transforms of policies, compiled once, under the installation's key of pseudonyms."""

import base64
import json
import secrets
import threading
from collections import OrderedDict

from router.documents.transform import Transform
from router.secrets import Vault
from router.store import Store
from router.transforms.pseudonyms import Pseudonyms
from router.transforms.transformer import Transformer

KEY = "pseudonym-key"
PURPOSE = "pseudonyms"
_KEY_BYTES = 32
_KEPT = 200
#: Stands for the destination in the place of a project's name.
_OF_DESTINATION = "@destination"


class Transforms:
    """Gives transformers. May be used by several threads at once.

    The key is made when it is first needed and kept in the store, so that all nodes have the same, sealed
    with the key of all secrets, so that the store alone does not give it away.
    """

    def __init__(self, store: Store, vault: Vault) -> None:
        self._store = store
        self._vault = vault
        self._lock = threading.Lock()
        self._pseudonyms: Pseudonyms | None = None
        self._compiled: OrderedDict[tuple[str, str], Transformer] = OrderedDict()

    def of(self, transform: Transform, destination: str = "") -> Transformer:
        """The transform, ready to be used; `destination` is the id of the one that it is for.

        Raises TransformError, StoreUnavailable or SecretsUnreadable.
        """
        project = _project(transform.project or "", destination)
        written = project, transform.model_dump_json()
        with self._lock:
            found = self._compiled.get(written)
            if found is None:
                found = self._compiled[written] = Transformer(transform, self._of_project(project))
            self._compiled.move_to_end(written)
            while len(self._compiled) > _KEPT:
                self._compiled.popitem(last=False)
            return found

    def pseudonyms(self, project: str, destination: str = "") -> Pseudonyms:
        """Those of the transforms that name this project, for this destination; an empty one means none.

        Raises StoreUnavailable or SecretsUnreadable.
        """
        with self._lock:
            return self._of_project(_project(project, destination))

    def pseudonym(self, value: str, issuer: str = "", project: str = "") -> str:
        """The pseudonym that transforms put in the place of a value; see `Pseudonyms.pseudonym`.

        Raises StoreUnavailable or SecretsUnreadable.
        """
        return self.pseudonyms(project).pseudonym(value, issuer)

    def _of_project(self, project: str) -> Pseudonyms:
        return self._opened().of_project(project) if project else self._opened()

    def _opened(self) -> Pseudonyms:
        if self._pseudonyms is None:
            made = base64.b64encode(secrets.token_bytes(_KEY_BYTES)).decode("ascii")
            sealed = self._store.remember(KEY, json.dumps(self._vault.seal(made, PURPOSE)))
            self._pseudonyms = Pseudonyms(base64.b64decode(self._vault.unseal(json.loads(sealed), PURPOSE)))
        return self._pseudonyms


def _project(written: str, destination: str) -> str:
    return f"{_OF_DESTINATION} {destination}" if written == _OF_DESTINATION else written


def check(transform: Transform) -> None:
    """Raises TransformError where a transform cannot be used."""
    Transformer(transform, Pseudonyms(bytes(_KEY_BYTES)))
