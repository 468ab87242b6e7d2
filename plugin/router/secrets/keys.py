# SPDX-License-Identifier: GPL-3.0-or-later
"""The keys of all secrets, and their file. The first key encrypts; all keys decrypt."""

import contextlib
import os
import re
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from cryptography.fernet import Fernet, InvalidToken


class SecretsUnreadable(Exception):  # noqa: N818 - it reads as what it says
    """Secrets cannot be encrypted or decrypted; the message says what an administrator can do."""


class Keys:
    """The current key, and the keys that it replaces."""

    def __init__(self, fernets: Sequence[Fernet]) -> None:
        self._fernets = fernets

    @classmethod
    def of(cls, text: str, where: str) -> "Keys":
        """Read keys separated by white space or commas. Raises SecretsUnreadable, which says `where` they
        are."""
        try:
            return cls([Fernet(key) for key in re.split(r"[\s,]+", text.strip())])
        except ValueError:
            raise SecretsUnreadable(
                f"The key of all secrets, {where}, is no key: it is 32 random bytes in URL-safe base64"
            ) from None

    def __len__(self) -> int:
        return len(self._fernets)

    def encrypt(self, content: bytes) -> str:
        """Encrypt with the first key."""
        return self._fernets[0].encrypt(content).decode("ascii")

    def decrypt(self, token: str) -> tuple[bytes, bool]:
        """Return the decrypted content, and whether it was encrypted with the first key. Raises
        InvalidToken."""
        for position, fernet in enumerate(self._fernets):
            try:
                return fernet.decrypt(token), position == 0
            except InvalidToken:
                continue
            except ValueError as error:  # the token is not ASCII
                raise InvalidToken from error
        raise InvalidToken


def new_key() -> str:
    """Return a new key: 32 random bytes in URL-safe Base64."""
    return Fernet.generate_key().decode("ascii")


def make_key_file(file: Path) -> None:
    """Write a file with a new key. Keep an existing file: another node of the same folder was quicker.

    Raises OSError.
    """
    file.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    with _draft(file, [new_key()]) as draft, contextlib.suppress(FileExistsError):
        os.link(draft, file)


def read_key_file(file: Path) -> list[str]:
    """Return the keys in the file. Raises OSError, UnicodeDecodeError."""
    return file.read_text(encoding="ascii").replace(",", " ").split()


def replace_key_file(file: Path, keys: Sequence[str]) -> None:
    """Replace the keys in the file; its owner stays the same. Raises OSError."""
    owner = file.stat()
    with _draft(file, keys) as draft:
        if (owner.st_uid, owner.st_gid) != (os.geteuid(), os.getegid()):
            os.chown(draft, owner.st_uid, owner.st_gid)
        draft.replace(file)


@contextmanager
def _draft(file: Path, keys: Sequence[str]) -> Iterator[Path]:
    """Make a file with these keys beside `file`, whole and on the disk. The block gives it its final name."""
    draft = file.with_name(f"{file.name}.{os.getpid()}-{threading.get_ident()}")
    descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    try:
        with os.fdopen(descriptor, "w", encoding="ascii") as stream:
            stream.writelines(f"{key}\n" for key in keys)
            stream.flush()
            os.fsync(stream.fileno())
        yield draft
    finally:
        draft.unlink(missing_ok=True)
    folder = os.open(file.parent, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(folder)
    finally:
        os.close(folder)
