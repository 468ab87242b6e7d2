# SPDX-License-Identifier: GPL-3.0-or-later
"""The file `.env`: one NAME=value per line, as docker compose reads it."""

import os
import re
import secrets
from pathlib import Path

from launcher.failure import Failure

_LINE = re.compile(
    r"""\s* (?:export\s+)? (?P<name>[A-Za-z_]\w*) \s*=\s*
        (?: "(?P<double>[^"]*)" | '(?P<single>[^']*)' | (?P<plain>[^\s"'\#].*?)? )
        \s* (?:\s\#.*)?""",
    re.VERBOSE,
)

_EMPTY_PASSWORD = re.compile(r"^(\w+_PASSWORD)=$", re.MULTILINE)


def read(path: Path) -> dict[str, str]:
    """Return the values in the file. Raises Failure for an invalid line."""
    values = {}
    for number, line in enumerate(_text(path).splitlines(), 1):
        if not line.strip() or line.lstrip().startswith("#"):
            continue
        found = _LINE.fullmatch(line)
        if not found:
            raise Failure(f'{path}, line {number} is not NAME=value (a value with spaces stands in "...").')
        values[found["name"]] = found["double"] or found["single"] or found["plain"] or ""
    return values


def write_if_missing(home: Path) -> bool:
    """Write `.env` from `.env.example`, with a new password for each empty one. Return whether it was
    missing.

    Only the owner can read the file. It appears complete or not at all. Raises Failure.
    """
    path = home / ".env"
    if path.exists():
        return False
    text = _EMPTY_PASSWORD.sub(
        lambda found: f"{found[1]}={secrets.token_hex(12)}", _text(home / ".env.example")
    )
    unfinished = path.with_name(f".env.{os.getpid()}")
    try:
        unfinished.touch(mode=0o600)
        unfinished.write_text(text, encoding="utf-8")
        unfinished.replace(path)
    except OSError as error:
        raise Failure(f"Cannot write {path}: {error.strerror}.") from None
    return True


def _text(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8")
    except OSError as error:
        raise Failure(f"Cannot read {path}: {error.strerror}.") from None
