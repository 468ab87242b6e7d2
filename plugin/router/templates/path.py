# SPDX-License-Identifier: GPL-3.0-or-later
"""Templates of paths: whatever an image holds, the path stays inside its first folder."""

import hashlib
import unicodedata

from router.templates.tags import Tags
from router.templates.template import Template, TemplateError

#: The most bytes (UTF-8) of one component; file systems allow 255.
_LONGEST_COMPONENT = 200
#: The most components of a path.
_DEEPEST = 32

_INSTEAD = "_"


class PathTemplate:
    """A template whose slashes separate folders. A value is always at most one name, or a part of one."""

    def __init__(self, text: str) -> None:
        """Raises TemplateError, also where the fixed text is not valid as a name."""
        #: Whether it begins at the root of the file system (or at the destination's equivalent).
        self.absolute = text.startswith("/")
        inner = text.strip("/")
        #: The first folders, the same for all images.
        self.fixed = _fixed(inner)
        self._template = Template(inner, path=True)
        self.tags = self._template.tags
        if not inner:
            return
        tried = self._template.render(dict.fromkeys(self.tags, "1")).split("/")
        problems = [
            f"{part!r} cannot be a part of a path" if part else "the path has an empty part (//)"
            for part in tried
            if part != safe_component(part)
        ]
        if len(tried) > _DEEPEST:
            problems.append(f"a path has at most {_DEEPEST} parts")
        if problems:
            raise TemplateError(problems)

    def render(self, tags: Tags) -> list[str]:
        """The names from the top folder down; none for an empty template. Raises TemplateError."""
        text = self._template.render(tags)
        return [safe_component(part) for part in text.split("/")] if text or self.tags else []


def _fixed(text: str) -> list[str]:
    begin = text.find("{")
    if begin < 0:
        return text.split("/") if text else []
    return text[:begin].split("/")[:-1]


def safe_component(text: str) -> str:
    """A name that is valid for a file or folder on any system: no separators, no control characters, neither
    empty nor `.` nor `..` nor hidden, and of bounded length. A longer name ends with its digest, so that
    different names stay different."""
    name = "".join(
        _INSTEAD if letter in '/\\:*?"<>|' or not letter.isprintable() else letter
        for letter in unicodedata.normalize("NFC", text)
    ).strip()
    if name.startswith("."):
        name = _INSTEAD + name[1:]
    name = name.rstrip(". ") or _INSTEAD
    encoded = name.encode()
    if len(encoded) <= _LONGEST_COMPONENT:
        return name
    digest = hashlib.sha256(encoded).hexdigest()[:16]
    stem = encoded[: _LONGEST_COMPONENT - len(digest) - 1].decode("utf-8", "ignore")
    return f"{stem}~{digest}"
