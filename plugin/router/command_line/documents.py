# SPDX-License-Identifier: GPL-3.0-or-later
"""Reads several files as one document, and locates paths in the files."""

import json
import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from router.documents.invalid import Invalid, validated
from router.documents.routing_document import RoutingDocument
from router.documents.yaml_text import NotYaml, read_yaml

_ENTRY = re.compile(r"(destinations|policies)\[(\d+)\]")


class Unreadable(Exception):  # noqa: N818 - it reads as what it says
    """A file cannot be read at all."""


@dataclass(frozen=True, slots=True)
class Place:
    """A path in one of the files."""

    file: str
    path: str


@dataclass
class Documents:
    """Files, taken together."""

    together: RoutingDocument = field(default_factory=lambda: RoutingDocument(version=1))
    #: What keeps a file from being a document.
    problems: list[tuple[Place, str]] = field(default_factory=list)
    _origins: dict[str, list[Place]] = field(default_factory=lambda: {"destinations": [], "policies": []})

    def place(self, path: str) -> Place:
        """Return the place of a path of the whole document."""
        found = _ENTRY.match(path)
        if found is None:
            return Place("", path)
        origin = self._origins[found[1]][int(found[2])]
        return Place(origin.file, origin.path + path[found.end() :])

    def add(self, file: Path) -> None:
        """Add a file. Raises Unreadable."""
        try:
            text = file.read_text("utf-8")
        except (OSError, UnicodeDecodeError) as error:
            raise Unreadable(f"{file}: {error}") from error
        try:
            document = validated(RoutingDocument, _parsed(file, text))
        except (NotYaml, ValueError) as error:
            self.problems.append((Place(str(file), ""), str(error)))
            return
        except Invalid as invalid:
            self.problems += [(Place(str(file), path), message) for path, message in invalid.problems]
            return
        for part, origins in self._origins.items():
            entries = getattr(document, part)
            origins += [Place(str(file), f"{part}[{index}]") for index in range(len(entries))]
            getattr(self.together, part).extend(entries)


def read_documents(files: Sequence[Path]) -> Documents:
    """Read all files as one document. Raises Unreadable."""
    documents = Documents()
    for file in files:
        documents.add(file)
    return documents


def _parsed(file: Path, text: str) -> Any:
    """Raises NotYaml, ValueError."""
    return json.loads(text) if file.suffix.lower() == ".json" else read_yaml(text)
