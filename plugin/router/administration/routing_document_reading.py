# SPDX-License-Identifier: GPL-3.0-or-later
"""Reads a document of policies and destinations into the documents that would be stored."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

from router.administration.destination_drafts import DestinationDrafts
from router.administration.fitness import unfit_user
from router.administration.policy_drafts import PolicyDrafts
from router.administration.secret_references import Secret, with_secrets
from router.documents.destination import Destination
from router.documents.invalid import Invalid
from router.documents.policy import Policy
from router.documents.revision import Revision
from router.documents.routing_document import RoutingDocument
from router.store import DocumentType
from router.store.keys import text_key


@dataclass(frozen=True, slots=True)
class Stored:
    """The destinations and policies in the store."""

    destinations: Sequence[Destination]
    policies: Sequence[Policy]


@dataclass(frozen=True, slots=True)
class Checking:
    """The checks for the parts of a document, and the source of its secrets."""

    destinations: DestinationDrafts
    policies: PolicyDrafts
    secret: Secret


@dataclass(frozen=True, slots=True)
class Said:
    """The content of the document, by path in it."""

    destinations: Mapping[str, Destination]
    policies: Mapping[str, Policy]


class RoutingDocumentReading:
    """Reads one document."""

    def __init__(
        self,
        document: RoutingDocument,
        stored: Stored,
        checking: Checking,
        following: Callable[[Revision | None], dict[str, Any]],
        comment: str,
    ) -> None:
        """`following` returns the fields that the server sets, for the revision after a stored one, or for a
        first one (None). `comment` is the comment of the saves."""
        self._document = document
        self._stored = stored
        self._checking = checking
        self._following = following
        self._comment = comment
        self._problems: list[tuple[str, str]] = []

    def read(self) -> Said:
        """Return the whole content.

        Raises Invalid with every problem found, by paths in the document, and what the checks of policies
        raise.
        """
        destinations = self._destinations()
        policies = self._policies(instead(self._stored.destinations, destinations.values()))
        self._check_users(destinations)
        if self._problems:
            raise Invalid(self._problems)
        return Said(destinations, policies)

    def _destinations(self) -> dict[str, Destination]:
        """Return the destinations by path. Alternates come last: the same document may create them."""
        stored = {text_key(one.name): one for one in self._stored.destinations}
        written = {
            path: with_secrets(data, path, self._checking.secret, self._problems)
            for path, data in self._entries("destinations")
        }
        found: dict[str, Destination] = {}
        for path, data in written.items():
            current = stored.get(text_key(data["name"]))
            try:
                draft = self._checking.destinations.checked({**data, "alternate": None}, [], current)
            except Invalid as invalid:
                self._refuse(path, invalid)
            else:
                found[path] = Destination(**dict(draft), **self._following(current))
        there = instead(self._stored.destinations, found.values())
        for path, destination in found.items():
            try:
                draft = self._checking.destinations.checked(
                    {**written[path], "comment": self._comment}, there, destination
                )
            except Invalid as invalid:
                self._refuse(path, invalid)
            else:
                found[path] = destination.model_copy(update=dict(draft))
        return found

    def _policies(self, destinations: Sequence[Destination]) -> dict[str, Policy]:
        """Return the policies by path."""
        stored = {text_key(one.name): one for one in self._stored.policies}
        found = {}
        for path, data in self._entries("policies"):
            current = stored.get(text_key(data["name"]))
            try:
                draft = self._checking.policies.checked(
                    {**data, "comment": self._comment}, destinations, current
                )
            except Invalid as invalid:
                self._refuse(path, invalid)
            else:
                found[path] = Policy(**dict(draft), **self._following(current))
        return found

    def _entries(self, part: Literal["destinations", "policies"]) -> Iterator[tuple[str, dict[str, Any]]]:
        """Yield the documents with a valid name, by path; of equal names, only the first."""
        names: set[str] = set()
        for index, data in enumerate(getattr(self._document, part)):
            path, name = f"{part}[{index}]", data.get("name")
            if not isinstance(name, str) or not name.strip():
                self._problems.append((f"{path}.name", "must be a text"))
                continue
            key = text_key(name.strip())
            if key in names:
                self._problems.append((f"{path}.name", f"{name.strip()!r} is there twice."))
                continue
            names.add(key)
            yield path, {**data, "name": name.strip()}

    def _refuse(self, path: str, invalid: Invalid) -> None:
        self._problems += [(f"{path}.{at}" if at else path, message) for at, message in invalid.problems]

    def _check_users(self, destinations: Mapping[str, Destination]) -> None:
        """Check that the policies outside the document can still use its destinations.

        The policies in the document have been checked before.
        """
        named = {text_key(str(data.get("name", "")).strip()) for data in self._document.policies}
        others = [policy for policy in self._stored.policies if text_key(policy.name) not in named]
        for path, destination in destinations.items():
            problem = unfit_user(destination.id, destination.kind, others)
            if problem is not None:
                self._problems.append((f"{path}.kind", problem))


def instead(stored: Sequence[DocumentType], new: Iterable[DocumentType]) -> list[DocumentType]:
    """Return the stored documents, with the new ones in place of those with the same ids."""
    by_id = {one.id: one for one in stored}
    by_id |= {one.id: one for one in new}
    return list(by_id.values())
