# SPDX-License-Identifier: GPL-3.0-or-later
"""Encrypts and decrypts secrets (Fernet: AES-128-CBC and HMAC-SHA256, by `cryptography`)."""

import json
import threading
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from cryptography.fernet import InvalidToken

from router.secrets.fields import SEALED
from router.secrets.keys import Keys, SecretsUnreadable, make_key_file

#: The first byte of content that is sealed with its purpose; JSON never begins with it.
_MARK = b"\x02"

#: The version of a key file: its time of writing, inode and size; None where there is none.
_Version = tuple[int, int, int] | None


@dataclass(frozen=True, slots=True)
class _Content:
    """The content of a sealed secret: its purpose, its place and its value. `purpose` is None where an older
    router sealed it, which knew no purposes."""

    purpose: str | None
    place: Mapping[str, Any]
    value: Any


class Vault:
    """Seals secrets with the installation's key. May be used from any thread.

    The key file has one key a line (`Fernet.generate_key`). The first key encrypts and all keys decrypt, so
    a new key goes before the old ones. The file is made when a secret is first sealed, for its owner alone,
    and read again when it has changed.

    A sealed secret contains its purpose and its place, so that an intruder who can only write to the store
    cannot put one secret in the place of another.
    """

    def __init__(self, file: Path, keys: str = "", marked: Path | None = None) -> None:
        """`keys`, where given, replace those in the file; white space or commas separate them. The file
        `marked` exists once all stored secrets have a purpose; until then, a secret without one is accepted.
        """
        self._file = file
        self._marked = marked
        self._given = keys
        self._lock = threading.Lock()
        self._read: tuple[_Version, Keys] | None = None

    @classmethod
    def of(cls, environment: Mapping[str, str], file: Path, folder: Path) -> "Vault":
        """Make a vault with the keys in the variable ROUTER_SECRET_KEY; else with those in the file that
        ROUTER_SECRET_KEY_FILE names (for example a Docker secret); else with those in `file`, which the
        settings name. `folder` is the router's own folder."""
        named = environment.get("ROUTER_SECRET_KEY_FILE", "")
        key_file = Path(named) if named else file
        return cls(key_file, environment.get("ROUTER_SECRET_KEY", ""), folder / "secrets.marked")

    @property
    def file(self) -> Path | None:
        """The key file; None where the keys are in a variable."""
        return None if self._given else self._file

    def believes_unmarked(self) -> bool:
        """Whether secrets without a purpose are accepted: until all stored secrets have been marked."""
        return self._marked is not None and not self._marked.exists()

    def mark(self) -> None:
        """Accept no secret without a purpose from now on. Raises OSError."""
        if self._marked is not None:
            self._marked.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
            self._marked.touch(mode=0o600)

    def unmark(self) -> None:
        """Accept secrets without a purpose again, because a restored backup may be older. Raises OSError."""
        if self._marked is not None:
            self._marked.unlink(missing_ok=True)

    def seal(self, value: object, purpose: str, place: Mapping[str, object] | None = None) -> dict[str, str]:
        """Return a secret (any JSON value) as it is stored. Raises SecretsUnreadable.

        `purpose` is its use; `place` is what it belongs to: names and JSON values.
        """
        content = _MARK + json.dumps([purpose, place or {}, value]).encode()
        return {SEALED: self._keys(make=True).encrypt(content)}

    def unseal(
        self,
        sealed: object,
        purpose: str,
        place: Mapping[str, object] | None = None,
        *,
        unmarked: bool = False,
    ) -> Any:
        """Return the value that was sealed for this purpose and place. `unmarked` accepts a secret without a
        purpose even after `mark`.

        Raises SecretsUnreadable.
        """
        content = self._content(sealed)
        if content.purpose is None:
            if unmarked or self.believes_unmarked():
                return content.value
            raise SecretsUnreadable("It does not say what it was sealed for: enter it again")
        if content.purpose != purpose or content.place != (place or {}):
            raise SecretsUnreadable("It was sealed for something else than this: enter it again")
        return content.value

    def marked(self, sealed: object, purpose: str, place: Mapping[str, object] | None = None) -> object:
        """Return the secret sealed with a purpose; `sealed` itself where it has one. Raises
        SecretsUnreadable."""
        content = self._content(sealed)
        return self.seal(content.value, purpose, place) if content.purpose is None else sealed

    def is_marked(self, sealed: object) -> bool:
        """Whether the secret has a purpose. Raises SecretsUnreadable."""
        return self._content(sealed).purpose is not None

    def are_same(self, sealed: object, other: object) -> bool:
        """Whether both have the same value, whatever their purpose. Raises SecretsUnreadable."""
        return bool(self._content(sealed).value == self._content(other).value)

    def are_alike(self, sealed: object, other: object) -> bool:
        """Whether both have the same value, purpose and place. Raises SecretsUnreadable."""
        return self._content(sealed) == self._content(other)

    def _content(self, sealed: object) -> _Content:
        text = self._open(sealed)[0]
        if text.startswith(_MARK):
            return _Content(*json.loads(text.removeprefix(_MARK)))
        return _Content(None, {}, json.loads(text))

    def renewed(self, sealed: object) -> object:
        """Return the secret sealed with the first key; `sealed` itself where it is so already.

        Raises SecretsUnreadable.
        """
        content, newest = self._open(sealed)
        return sealed if newest else {SEALED: self._keys(make=False).encrypt(content)}

    def count(self) -> int:
        """Return how many keys there are. Raises SecretsUnreadable."""
        return len(self._keys(make=False))

    def _open(self, sealed: object) -> tuple[bytes, bool]:
        """Return the decrypted content, and whether it was sealed with the first key."""
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
            # If the file is gone, the keys read before stay in use.
            if self._read is None or self._version() not in {None, self._read[0]}:
                text = self._given or self._text(make)
                self._read = self._version(), Keys.of(text, self._where())
            return self._read[1]

    def _version(self) -> _Version:
        """Return the version of the key file, which differs once the file has changed."""
        if self._given:
            return None
        try:
            status = self._file.stat()
        except OSError:  # reading the file reports the reason
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
