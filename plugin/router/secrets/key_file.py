"""The file of the keys: one a line, for its owner alone."""

import contextlib
import os
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from cryptography.fernet import Fernet


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
