"""Encrypts and decrypts secrets (Fernet: AES-128-CBC and HMAC-SHA256, by `cryptography`)."""

import contextlib
import json
import os
import re
import threading
from pathlib import Path
from typing import Any

from cryptography.fernet import Fernet, InvalidToken, MultiFernet

from router.secrets.fields import SEALED


class SecretsUnreadable(Exception):  # noqa: N818 - it reads as what it says
    """Secrets cannot be encrypted or decrypted; the message says what an administrator can do."""


class Vault:
    """Seals secrets with the installation's key. May be used from any thread.

    The key file holds one key a line (`Fernet.generate_key`): the first one encrypts, all decrypt, so that
    a new key is put before the old ones. It is made, for its owner alone, when a secret is first sealed.
    """

    def __init__(self, file: Path, keys: str = "") -> None:
        """`keys`, where given, are used instead of the file's: separated by white space or commas."""
        self._file = file
        self._given = keys
        self._lock = threading.Lock()
        self._keys: MultiFernet | None = None

    def seal(self, value: object) -> dict[str, str]:
        """A secret (anything that JSON can say) as it is stored. Raises SecretsUnreadable."""
        return {SEALED: self._opened(make=True).encrypt(json.dumps(value).encode()).decode("ascii")}

    def unseal(self, sealed: object) -> Any:
        """What was sealed. Raises SecretsUnreadable."""
        token = sealed.get(SEALED) if isinstance(sealed, dict) else None
        if not isinstance(token, str):
            raise SecretsUnreadable("What is stored as a secret is none: enter it again")
        try:
            return json.loads(self._opened(make=False).decrypt(token))
        except InvalidToken:
            raise SecretsUnreadable(
                f"It was encrypted with another key than {self._where()}: bring that key back, or enter"
                " the secret again"
            ) from None

    def _where(self) -> str:
        return "the one in ROUTER_SECRET_KEY" if self._given else f"the one in {self._file}"

    def _opened(self, make: bool) -> MultiFernet:
        with self._lock:
            if self._keys is None:
                self._keys = _fernets(self._given or self._text(make), self._where())
            return self._keys

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
            _make(self._file)
            return self._file.read_text(encoding="ascii")
        except (OSError, UnicodeDecodeError) as error:
            raise SecretsUnreadable(
                f"The key of all secrets, {self._file}, cannot be read: {error}"
            ) from error


def _fernets(text: str, where: str) -> MultiFernet:
    try:
        fernets = [Fernet(key) for key in re.split(r"[\s,]+", text.strip())]
    except ValueError:
        raise SecretsUnreadable(
            f"The key of all secrets, {where}, is no key: it is 32 random bytes in URL-safe base64"
        ) from None
    return MultiFernet(fernets)


def _make(file: Path) -> None:
    """Write a new key, whole and on the disk before its name is there. Where another node of the same
    folder was quicker, its key is the one."""
    file.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    draft = file.with_name(f"{file.name}.{os.getpid()}-{threading.get_ident()}")
    descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    try:
        with os.fdopen(descriptor, "wb") as stream:
            stream.write(Fernet.generate_key() + b"\n")
            stream.flush()
            os.fsync(stream.fileno())
        with contextlib.suppress(FileExistsError):
            os.link(draft, file)
    finally:
        draft.unlink()
    folder = os.open(file.parent, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(folder)
    finally:
        os.close(folder)
