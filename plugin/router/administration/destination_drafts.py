# SPDX-License-Identifier: GPL-3.0-or-later
"""Checks destinations before they are saved."""

from collections.abc import Mapping, Sequence
from typing import Any
from urllib.parse import urlsplit

from router.destinations import KINDS, Installation, Kind
from router.destinations.secret_places import PURPOSE, place_of
from router.documents.destination import Destination, DestinationDraft
from router.documents.differences import Difference
from router.documents.invalid import Invalid, validated
from router.documents.revision import SERVER_FIELDS
from router.secrets import SecretsUnreadable, Vault, is_sealed, sealed_names, secret_names

#: The field that lists the names of the secrets that are set, in place of the secrets. A client may send it
#: back.
SECRETS_SET = "secrets_set"


def _can_be_looked_up(host: str) -> bool:
    """Whether the host's name has a form that DNS can look up (RFC 1035, 2.3.4)."""
    try:
        host.rstrip(".").encode("idna")
    except UnicodeError:
        return False
    return True


class DestinationDrafts:
    """Checks destinations, and seals their secrets."""

    def __init__(self, vault: Vault, installation: Installation | None) -> None:
        """Without an installation, what depends on the machine (folders, files) is not checked."""
        self._vault = vault
        self._installation = installation

    def checked(
        self, data: object, others: Sequence[Destination], current: Destination | None = None
    ) -> DestinationDraft:
        """Return the document as it would be saved: secrets encrypted, the alternate by id.

        `others` are the existing destinations; `current` is the destination that it would replace.

        Raises Invalid with every problem found.
        """
        if isinstance(data, Mapping):
            data = {
                name: value
                for name, value in data.items()
                if name not in SERVER_FIELDS and name != SECRETS_SET
            }
        draft = validated(DestinationDraft, data)
        kind = KINDS.get(draft.kind)
        if kind is None:
            raise Invalid(
                [("kind", f"There is no kind {draft.kind!r}; there are {', '.join(sorted(KINDS))}.")]
            )
        settings = self._settings(kind, draft.settings, current)
        alternate = self._alternate(draft.alternate, kind, current.id if current else None, others)
        return draft.model_copy(update={"settings": settings, "alternate": alternate})

    def secrets_between(self, before: Destination, after: Destination) -> list[Difference]:
        """Return which secrets differ, never their values."""
        names_before, names_after = sealed_names(before.settings), sealed_names(after.settings)
        found = []
        for name in sorted({*names_before, *names_after}):
            path = f"settings.{name}"
            if name not in names_after:
                found.append(Difference(path, "removed", None, None))
            elif name not in names_before:
                found.append(Difference(path, "added", None, None))
            elif not self._are_same(before.settings[name], after.settings[name]):
                found.append(Difference(path, "changed", None, None))
        return found

    def _are_same(self, sealed: object, other: object) -> bool:
        """Whether two secrets are equal; False where they cannot be read."""
        if sealed == other:
            return True
        try:
            return self._vault.are_same(sealed, other)
        except SecretsUnreadable:
            return False

    def _settings(
        self, kind: Kind, written: Mapping[str, Any], current: Destination | None
    ) -> dict[str, Any]:
        """Return the settings as they would be stored. Raises Invalid."""
        secrets = secret_names(kind.settings)
        stored = current.settings if current is not None and current.kind == kind.name else {}
        kept = {name: stored[name] for name in secrets if name not in written and is_sealed(stored.get(name))}
        opened: dict[str, Any] = {}
        for name, value in kept.items():
            place = place_of(kind.name, kind.settings, stored, name)
            try:
                opened[name] = self._vault.unseal(value, PURPOSE, place)
            except SecretsUnreadable as error:
                raise Invalid([(f"settings.{name}", str(error))]) from error
        settings = validated(kind.settings, {**written, **opened}, "settings")
        if self._installation is not None:
            problems = [
                (f"settings.{field}" if field else "settings", message)
                for field, message in kind.problems(settings, self._installation)
            ]
            if problems:
                raise Invalid(problems)
        document = settings.model_dump(mode="json", exclude_none=True)
        for name, host in (
            ("host", document.get("host")),
            ("url", urlsplit(str(document.get("url") or "")).hostname),
        ):
            if host and not _can_be_looked_up(host):
                raise Invalid([(f"settings.{name}", "A part of a host's name has 1 to 63 characters.")])
        elsewhere = [
            (
                f"settings.{name}",
                "It was entered for another address, user, security or host key: enter it again.",
            )
            for name in sorted(kept)
            if place_of(kind.name, kind.settings, document, name)
            != place_of(kind.name, kind.settings, stored, name)
        ]
        if elsewhere:
            raise Invalid(elsewhere)
        for name in secrets & document.keys():
            place = place_of(kind.name, kind.settings, document, name)
            try:
                document[name] = self._sealed(document[name], stored.get(name), place)
            except SecretsUnreadable as error:
                raise Invalid([(f"settings.{name}", str(error))]) from error
        return document

    def _sealed(self, value: object, stored: object, place: Mapping[str, object]) -> object:
        """Return the sealed secret; an unchanged secret keeps its stored form. Raises SecretsUnreadable."""
        sealed = self._vault.seal(value, PURPOSE, place)
        if not is_sealed(stored):
            return sealed
        try:
            return stored if self._vault.are_alike(stored, sealed) else sealed
        except SecretsUnreadable:
            return sealed

    def _alternate(
        self, wanted: str | None, kind: Kind, identifier: str | None, others: Sequence[Destination]
    ) -> str | None:
        if wanted is None:
            return None
        for other in others:
            if wanted == other.id or wanted.casefold() == other.name.casefold():
                if other.id == identifier:
                    raise Invalid([("alternate", "A destination cannot be its own alternate.")])
                able = KINDS[other.kind].takes if other.kind in KINDS else frozenset()
                if not able & kind.takes:
                    raise Invalid([("alternate", f"A {other.kind} destination does other things.")])
                return other.id
        raise Invalid([("alternate", f"There is no destination {wanted!r}.")])
