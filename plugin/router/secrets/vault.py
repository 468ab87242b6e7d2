"""Encrypts and decrypts secrets (Fernet: AES-128-CBC and HMAC-SHA256, by `cryptography`)."""

import json
import threading
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from cryptography.fernet import InvalidToken

from router.secrets.fields import SEALED
from router.secrets.key_file import make_key_file
from router.secrets.keys import Keys, SecretsUnreadable

#: Of a key file: when it was written, its inode, its size; None where there is none.
_Version = tuple[int, int, int] | None


class Vault:
    """Seals secrets with the installation's key. May be used from any thread.

    The key file holds one key a line (`Fernet.generate_key`): the first one encrypts, all decrypt, so that
    a new key is put before the old ones. It is made, for its owner alone, when a secret is first sealed, and
    read again when it has changed.
    """

    def __init__(self, file: Path, keys: str = "") -> None:
        """`keys`, where given, are used instead of the file's: separated by white space or commas."""
        self._file = file
        self._given = keys
        self._lock = threading.Lock()
        self._read: tuple[_Version, Keys] | None = None

    @classmethod
    def of(cls, environment: Mapping[str, str], file: Path) -> "Vault":
        """With the keys in the variable ROUTER_SECRET_KEY; else those in the file that ROUTER_SECRET_KEY_FILE
        names (a Docker secret, say); else in `file`, which the settings name."""
        named = environment.get("ROUTER_SECRET_KEY_FILE", "")
        return cls(Path(named) if named else file, environment.get("ROUTER_SECRET_KEY", ""))

    @property
    def file(self) -> Path | None:
        """The key file; None where the keys are in a variable."""
        return None if self._given else self._file

    def seal(self, value: object) -> dict[str, str]:
        """A secret (anything that JSON can say) as it is stored. Raises SecretsUnreadable."""
        return {SEALED: self._keys(make=True).encrypt(json.dumps(value).encode())}

    def unseal(self, sealed: object) -> Any:
        """What was sealed. Raises SecretsUnreadable."""
        return json.loads(self._open(sealed)[0])

    def renewed(self, sealed: object) -> object:
        """The same secret, sealed with the first key: what was given where it is so already.

        Raises SecretsUnreadable.
        """
        content, newest = self._open(sealed)
        return sealed if newest else {SEALED: self._keys(make=False).encrypt(content)}

    def count(self) -> int:
        """How many keys there are. Raises SecretsUnreadable."""
        return len(self._keys(make=False))

    def _open(self, sealed: object) -> tuple[bytes, bool]:
        """What was sealed, and whether with the first key."""
        token = sealed.get(SEALED) if isinstance(sealed, dict) else None
        if not isinstance(token, str):
            raise SecretsUnreadable("What is stored as a secret is none: enter it again")
        try:
            return self._keys(make=False).decrypt(token)
        except InvalidToken:
            raise SecretsUnreadable(
                f"It was encrypted with another key than {self._where()}: bring that key back, or enter"
                " the secret again"
            ) from None

    def _where(self) -> str:
        return "the one in ROUTER_SECRET_KEY" if self._given else f"the one in {self._file}"

    def _keys(self, make: bool) -> Keys:
        with self._lock:
            # Where the file is gone, what was in it goes on to count.
            if self._read is None or self._version() not in {None, self._read[0]}:
                text = self._given or self._text(make)
                self._read = self._version(), Keys.of(text, self._where())
            return self._read[1]

    def _version(self) -> _Version:
        """What is another once the file has been changed."""
        if self._given:
            return None
        try:
            status = self._file.stat()
        except OSError:  # reading it says why
            return None
        return status.st_mtime_ns, status.st_ino, status.st_size

    def _text(self, make: bool) -> str:
        try:
            try:
                return self._file.read_text(encoding="ascii")
            except FileNotFoundError:
                if not make:
                    raise SecretsUnreadable(
                        f"The key of all secrets, {self._file}, is gone: bring it back from a backup, or"
                        " enter the secrets again"
                    ) from None
            make_key_file(self._file)
            return self._file.read_text(encoding="ascii")
        except (OSError, UnicodeDecodeError) as error:
            raise SecretsUnreadable(
                f"The key of all secrets, {self._file}, cannot be read: {error}"
            ) from error
