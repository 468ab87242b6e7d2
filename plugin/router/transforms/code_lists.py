# SPDX-License-Identifier: GPL-3.0-or-later
"""Lists of codes in the store, sealed. Each import makes a revision; the previous one is kept for an undo."""

import base64
import json
import threading
import zlib
from collections import OrderedDict
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final
from urllib.parse import quote, unquote

from router.documents.code_list import Code, CodeListRevision
from router.documents.document import new_id
from router.secrets import SecretsUnreadable, Vault
from router.store import RevisionConflict, Store
from router.transforms.codes import Codes, Row

PURPOSE: Final = "list of codes"

#: Prefixes of names in the store: of the description of a revision, and of its codes. Project and revision
#: follow, for codes also an id.
_REVISIONS: Final = "code list/"
_CODES: Final = "codes/"
#: The number of revisions kept: the current one and the previous one.
_KEPT: Final = 2
#: The most lists in memory. A list of the greatest length takes some 30 MB.
_IN_MEMORY: Final = 4


@dataclass(frozen=True, slots=True)
class _Kept:
    """A stored revision; `codes` is the id of its codes, empty for a deleted list."""

    about: CodeListRevision
    codes: str

    @classmethod
    def read(cls, text: str) -> "_Kept":
        document = json.loads(text)
        codes = document.pop("id")
        return cls(CodeListRevision.model_validate(document), codes)

    def text(self) -> str:
        return json.dumps(self.about.model_dump(mode="json") | {"id": self.codes})


class CodeLists:
    """The lists of all projects. May be used by several threads at once.

    A change is visible at once to all that share the store: each method looks for a newer revision. All
    methods may raise StoreUnavailable.
    """

    def __init__(self, store: Store, vault: Vault) -> None:
        self._store = store
        self._vault = vault
        self._lock = threading.Lock()
        #: By project, the revision in memory and its codes.
        self._read: OrderedDict[str, tuple[int, Codes]] = OrderedDict()

    def projects(self) -> list[str]:
        """The projects that have a list."""
        names = self._store.remembered(_REVISIONS)
        found = dict.fromkeys(unquote(name.split("/")[1]) for name in names)
        return [project for project in found if self.revisions(project)]

    def revision(self, project: str) -> int:
        """The number of the newest revision, even if it deleted the list; 0 where there never was one."""
        return max(self._numbers(project), default=0)

    def revisions(self, project: str) -> Sequence[CodeListRevision]:
        """The current revision and the previous one, as far as they exist."""
        return [kept.about for kept in self._kept(project)]

    def of(self, project: str) -> Codes | None:
        """The list of a project; None where it has none. Raises SecretsUnreadable."""
        number = self.revision(project)
        if number == 0:
            return None
        with self._lock:
            known = self._read.get(project)
            if known is not None and known[0] == number:
                self._read.move_to_end(project)
                return known[1]
        kept = self._kept(project)
        if not kept:
            return None
        try:
            codes = Codes(_called(project), kept[0].about.on_miss, self._rows(project, kept[0]))
        except SecretsUnreadable:
            # Codes are gone if two newer revisions were saved during the read.
            if self.revision(project) == kept[0].about.revision:
                raise
            return self.of(project)
        with self._lock:
            self._read[project] = kept[0].about.revision, codes
            self._read.move_to_end(project)
            while len(self._read) > _IN_MEMORY:
                self._read.popitem(last=False)
        return codes

    def codes(self, project: str) -> Sequence[Code]:
        """The codes of a project's list, in their order; empty without a list. Raises SecretsUnreadable."""
        kept = self._kept(project)
        return [Code.model_construct(**row._asdict()) for row in self._rows(project, kept[0])] if kept else []

    def save(self, project: str, about: CodeListRevision, codes: Sequence[Code]) -> None:
        """Save a list as the next revision. Raises RevisionConflict, SecretsUnreadable."""
        self._save(project, about, [list(Row(**dict(one))) for one in codes])

    def _save(self, project: str, about: CodeListRevision, rows: Sequence[Sequence[object]]) -> None:
        identifier = new_id()
        packed = base64.b64encode(zlib.compress(json.dumps(rows).encode(), 6)).decode("ascii")
        place = _place(project, about, identifier)
        sealed = json.dumps(self._vault.seal(packed, PURPOSE, place))
        self._store.remember(f"{_begin(_CODES, project)}{about.revision:08}/{identifier}", sealed)
        self._add(project, _Kept(about, identifier))

    def undo(self, project: str, about: CodeListRevision) -> None:
        """Save the previous revision's codes as the next revision. `about` describes it and has the previous
        revision's `on_miss` and number of codes. Raises RevisionConflict, SecretsUnreadable."""
        [_, previous] = self._kept(project)
        self._save(project, about, self._rows(project, previous))

    def delete(self, project: str, about: CodeListRevision) -> None:
        """Delete the list; an undo is not possible. Raises RevisionConflict."""
        self._add(project, _Kept(about, ""))

    def _add(self, project: str, kept: _Kept) -> None:
        """Add the next revision. Of several writers the first wins; the others read back its text."""
        number, text = kept.about.revision, kept.text()
        name = f"{_begin(_REVISIONS, project)}{number:08}"
        if self._store.remember(name, text) != text:
            raise RevisionConflict(number)
        self._forget_former(project, number)

    def _forget_former(self, project: str, number: int) -> None:
        """Delete from the store what no undo needs, up to this revision."""
        kept = {one.codes for one in self._kept(project)}
        codes = [
            name
            for name in self._store.remembered(_begin(_CODES, project))
            if int(name.split("/")[2]) <= number and name.split("/")[3] not in kept
        ]
        least = number if not kept else number - _KEPT + 1
        former = [
            name
            for name in self._store.remembered(_begin(_REVISIONS, project))
            if int(name.split("/")[2]) < least
        ]
        self._store.forget([*codes, *former])

    def _numbers(self, project: str) -> list[int]:
        return [int(name.split("/")[2]) for name in self._store.remembered(_begin(_REVISIONS, project))]

    def _kept(self, project: str) -> list[_Kept]:
        """The current revision and the previous one; empty where the current one deleted the list."""
        found: list[_Kept] = []
        for number in sorted(self._numbers(project), reverse=True)[:_KEPT]:
            text = self._store.recall(f"{_begin(_REVISIONS, project)}{number:08}")
            if text is None:
                # Two newer revisions were saved meanwhile. An empty result would mean that there is no list.
                return self._kept(project)
            kept = _Kept.read(text)
            if not kept.codes:
                break
            found.append(kept)
        return found

    def _rows(self, project: str, kept: _Kept) -> list[Row]:
        """The codes of a revision. Raises SecretsUnreadable."""
        names = self._store.remembered(_begin(_CODES, project))
        text = next((self._store.recall(name) for name in names if name.split("/")[3] == kept.codes), None)
        if text is None:
            raise SecretsUnreadable(f"The list of codes of {_called(project)} is gone: import it again")
        packed = self._vault.unseal(json.loads(text), PURPOSE, _place(project, kept.about, kept.codes))
        return [Row(*row) for row in json.loads(zlib.decompress(base64.b64decode(packed)))]


def key_of(project: str, destination: str) -> str:
    """The key of pseudonyms and lists: the project, with the destination for `@destination`."""
    return f"{project} {destination}" if project == "@destination" else project


def parts_of(key: str) -> tuple[str, str]:
    """The project and the destination of a key."""
    return ("@destination", key.split(" ", 1)[1]) if key.startswith("@destination ") else (key, "")


def _called(key: str) -> str:
    project, destination = parts_of(key)
    return "its destination" if destination else f"project {project}"


def _begin(kind: str, project: str) -> str:
    return f"{kind}{quote(project, safe='')}/"


def _place(project: str, about: CodeListRevision, identifier: str) -> dict[str, str]:
    """The context that sealed codes are bound to. It has `on_miss`, which decides about images."""
    return {"project": project, "on_miss": about.on_miss, "id": identifier}
