# SPDX-License-Identifier: GPL-3.0-or-later
"""Whose certificates are trusted: the machine's authorities, or a hospital's own."""

import ssl
from collections.abc import Iterable
from pathlib import Path
from typing import Annotated, Protocol

from pydantic import Field

from router.destinations.kind import Installation

CaFile = Annotated[
    Path | None,
    Field(
        title="CA file",
        description="Certificates (PEM) to trust instead of the machine's, for a hospital's own authority",
    ),
]


class TrustSettings(Protocol):
    """Settings that may name certificates."""

    @property
    def ca_file(self) -> Path | None:
        """The file that holds them."""
        ...


def trusted(ca_file: Path | None = None) -> str | bool:
    """What requests takes as `verify`."""
    # The machine's own list of authorities, which has the hospital's; where it has none, certifi's.
    paths = ssl.get_default_verify_paths()
    place = ca_file or paths.cafile or paths.capath
    return True if place is None else str(place)


def missing_ca_file(settings: TrustSettings, _installation: Installation) -> Iterable[tuple[str, str]]:
    """What is wrong with the file that settings name; a kind's `problems`."""
    if settings.ca_file is not None and not settings.ca_file.is_file():
        yield "ca_file", f"There is no file {settings.ca_file} on the machine of this Orthanc."
