# SPDX-License-Identifier: GPL-3.0-or-later
"""Trusted certificates: those of the machine, or of a hospital's own authority."""

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
    """Settings that may name a file of certificates."""

    @property
    def ca_file(self) -> Path | None:
        """The file that holds the certificates."""
        ...


def trusted(ca_file: Path | None = None) -> str | bool:
    """Return the value of requests' option `verify`."""
    # The machine's own list holds the hospital's authority too. Without such a list, certifi's is used.
    paths = ssl.get_default_verify_paths()
    place = ca_file or paths.cafile or paths.capath
    return True if place is None else str(place)


def missing_ca_file(settings: TrustSettings, _installation: Installation) -> Iterable[tuple[str, str]]:
    """Yield what is wrong with the file in the settings, as `Kind.problems` does."""
    if settings.ca_file is not None and not settings.ca_file.is_file():
        yield "ca_file", f"There is no file {settings.ca_file} on the machine of this Orthanc."
