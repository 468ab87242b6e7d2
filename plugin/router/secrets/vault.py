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

#: Stands before what is sealed with its purpose; JSON never begins so.
_MARK = b"\x02"

#: Of a key file: when it was written, its inode, its size; None where there is none.
_Version = tuple[int, int, int] | None


@dataclass(frozen=True, slots=True)
class _Content:
    """What is inside: the secret, what it is for, and where it belongs. No purpose: it was sealed by a router
    that knew none."""

    purpose: str | None
    place: Mapping[str, Any]
    value: Any


class Vault:
    """Seals secrets with the installation's key. May be used from any thread.

    The key file holds one key a line (`Fernet.generate_key`): the first one encrypts, all decrypt, so that
    a new key is put before the old ones. It is made, for its owner alone, when a secret is first sealed, and
    read again when it has changed.

    Inside it is said what a secret is for and where it belongs, so that nobody who can only write to the
    store can put one in the place of another.
    """

    def __init__(self, file: Path, keys: str = "", marked: Path | None = None) -> None:
        """`keys`, where given, are used instead of the file's: separated by white space or commas. `marked`
        is a file that is there once all that is stored says its purpose; until then, what says none is
        believed."""
        self._file = file
        self._marked = marked
        self._given = keys
        self._lock = threading.Lock()
        self._read: tuple[_Version, Keys] | None = None

    @classmethod
    def of(cls, environment: Mapping[str, str], file: Path, folder: Path) -> "Vault":
        """With the keys in the variable ROUTER_SECRET_KEY; else those in the file that ROUTER_SECRET_KEY_FILE
        names (a Docker secret, say); else in `file`, which the settings name. `folder` is the router's
        own."""
        named = environment.get("ROUTER_SECRET_KEY_FILE", "")
        key_file = Path(named) if named else file
        return cls(key_file, environment.get("ROUTER_SECRET_KEY", ""), folder / "secrets.marked")

    @property
    def file(self) -> Path | None:
        """The key file; None where the keys are in a variable."""
        return None if self._given else self._file

    def believes_unmarked(self) -> bool:
        """Whether a secret without a purpose is believed: as long as not all that is stored has been
        marked."""
        return self._marked is not None and not self._marked.exists()

    def mark(self) -> None:
        """Believe no secret without a purpose from now on. Raises OSError."""
        if self._marked is not None:
            self._marked.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
            self._marked.touch(mode=0o600)

    def unmark(self) -> None:
        """Believe them again: something has been put back that may be older. Raises OSError."""
        if self._marked is not None:
            self._marked.unlink(missing_ok=True)

    def seal(self, value: object, purpose: str, place: Mapping[str, object] | None = None) -> dict[str, str]:
        """A secret (anything that JSON can say) as it is stored. Raises SecretsUnreadable.

        `purpose` is what it is for, `place` is what it belongs to: names and values that JSON can say.
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
        """What was sealed for this purpose and this place; `unmarked`: also what says none, whoever has
        sealed it.

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
        """The same secret with a purpose: what was given where it has one. Raises SecretsUnreadable."""
        content = self._content(sealed)
        return self.seal(content.value, purpose, place) if content.purpose is None else sealed

    def is_marked(self, sealed: object) -> bool:
        """Whether it says what it is for. Raises SecretsUnreadable."""
        return self._content(sealed).purpose is not None

    def are_same(self, sealed: object, other: object) -> bool:
        """Whether two are one secret, whatever they are for. Raises SecretsUnreadable."""
        return bool(self._content(sealed).value == self._content(other).value)

    def are_alike(self, sealed: object, other: object) -> bool:
        """Whether two are one secret for the same purpose and place. Raises SecretsUnreadable."""
        return self._content(sealed) == self._content(other)

    def _content(self, sealed: object) -> _Content:
        text = self._open(sealed)[0]
        if text.startswith(_MARK):
            return _Content(*json.loads(text.removeprefix(_MARK)))
        return _Content(None, {}, json.loads(text))

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
