# SPDX-License-Identifier: GPL-3.0-or-later
"""Looks for what must not be in a log."""

from collections.abc import Collection, Iterator, Mapping
from typing import Any
from urllib.parse import quote, urlsplit


def lines_with(log: str, texts: Collection[str]) -> list[str]:
    """The lines in which one of the texts is, as it is or as in a URL."""
    sought = {form for text in texts for form in (text, quote(text), text.replace("^", " "))}
    return [line for line in log.splitlines() if any(text in line for text in sought)]


def passwords_in(configuration: Mapping[str, Any]) -> Iterator[str]:
    """Of Orthanc's users and of MongoDB, in Orthanc's configuration."""
    yield from configuration.get("RegisteredUsers", {}).values()
    password = urlsplit(configuration.get("Router", {}).get("MongoUri", "")).password
    if password:
        yield password
