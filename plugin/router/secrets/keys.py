# SPDX-License-Identifier: GPL-3.0-or-later
"""The keys of all secrets, and the file that has them: the first encrypts, all decrypt."""

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
    """One key, and those that it replaces."""

    def __init__(self, fernets: Sequence[Fernet]) -> None:
        self._fernets = fernets

    @classmethod
    def of(cls, text: str, where: str) -> "Keys":
        """Keys that white space or commas separate. Raises SecretsUnreadable, naming `where` they are."""
        try:
            return cls([Fernet(key) for key in re.split(r"[\s,]+", text.strip())])
        except ValueError:
            raise SecretsUnreadable(
                f"The key of all secrets, {where}, is no key: it is 32 random bytes in URL-safe base64"
            ) from None

    def __len__(self) -> int:
        return len(self._fernets)

    def encrypt(self, content: bytes) -> str:
        """With the first key."""
        return self._fernets[0].encrypt(content).decode("ascii")

    def decrypt(self, token: str) -> tuple[bytes, bool]:
        """What was encrypted, and whether with the first key. Raises InvalidToken."""
        for position, fernet in enumerate(self._fernets):
            try:
                return fernet.decrypt(token), position == 0
            except InvalidToken:
                continue
            except ValueError as error:  # it is not ASCII
                raise InvalidToken from error
        raise InvalidToken


def new_key() -> str:
    """32 random bytes in URL-safe Base64."""
    return Fernet.generate_key().decode("ascii")


def make_key_file(file: Path) -> None:
    """Write a file with a new key. Where another node of the same folder was quicker, its key is the one.

    Raises OSError.
    """
    file.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    with _draft(file, [new_key()]) as draft, contextlib.suppress(FileExistsError):
        os.link(draft, file)


def read_key_file(file: Path) -> list[str]:
    """Its keys. Raises OSError, UnicodeDecodeError."""
    return file.read_text(encoding="ascii").replace(",", " ").split()


def replace_key_file(file: Path, keys: Sequence[str]) -> None:
    """Put these keys in the place of those in the file, which stays its owner's. Raises OSError."""
    owner = file.stat()
    with _draft(file, keys) as draft:
        if (owner.st_uid, owner.st_gid) != (os.geteuid(), os.getegid()):
            os.chown(draft, owner.st_uid, owner.st_gid)
        draft.replace(file)


@contextmanager
def _draft(file: Path, keys: Sequence[str]) -> Iterator[Path]:
    """A file with these keys beside `file`, whole and on the disk before it gets its name in the block."""
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
