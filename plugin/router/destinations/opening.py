# SPDX-License-Identifier: GPL-3.0-or-later
"""Opens destinations: makes a target from stored settings, and decrypts their secrets."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any, Final

from router.destinations.kind import DestinationUnavailable, Installation, Kind, Target
from router.destinations.own_modalities import own_name
from router.destinations.secret_places import PURPOSE, place_of
from router.destinations.whereabouts import Whereabouts, addresses_of
from router.documents.destination import DestinationDraft
from router.orthanc_api import OrthancError, OrthancUnreachable
from router.secrets import SecretsUnreadable, Vault, is_sealed, secret_names

#: The most connections to a destination with no limit set.
_MOST_CONNECTIONS: Final = 8


class Opening:
    """Opens destinations. Secrets are decrypted here, and nowhere earlier."""

    def __init__(self, kinds: Mapping[str, Kind], installation: Installation, vault: Vault) -> None:
        self._kinds = kinds
        self._installation = installation
        self._vault = vault

    def open(self, identifier: str, destination: DestinationDraft) -> Target:
        """Open a destination from its stored form. Raises DestinationUnavailable."""
        kind = self._kinds.get(destination.kind)
        if kind is None:
            raise DestinationUnavailable(f"This version of the router has no kind {destination.kind!r}")
        settings = kind.settings.model_validate(self._unsealed(kind, destination.settings))
        for field, message in kind.problems(settings, self._installation):
            raise DestinationUnavailable(f"{field}: {message}" if field else message)
        installation = replace(
            self._installation, connections=_MOST_CONNECTIONS if destination.concurrency is None else 1
        )
        return kind.open(own_name(identifier, destination.name), settings, installation)

    def leads_here(self, destination: DestinationDraft) -> bool:
        """Whether images sent to the destination return to this very Orthanc, as far as can be told. False
        where something in between hides this, and where Orthanc does not answer."""
        kind = self._kinds.get(destination.kind)
        try:
            return kind is not None and kind.leads_here(destination.settings, self._installation)
        except (OrthancError, OrthancUnreachable):
            return False

    def whereabouts(self, destination: DestinationDraft) -> Whereabouts:
        """Return where a destination is, as far as can be told. Looks its host up."""
        kind = self._kinds.get(destination.kind)
        try:
            address = kind.address(destination.settings, self._installation) if kind is not None else None
        except (OrthancError, OrthancUnreachable):
            address = None
        return Whereabouts() if address is None else Whereabouts(address.aet, addresses_of(address.host))

    def _unsealed(self, kind: Kind, settings: Mapping[str, Any]) -> dict[str, Any]:
        opened = dict(settings)
        for name in secret_names(kind.settings):
            if is_sealed(opened.get(name)):
                try:
                    place = place_of(kind.name, kind.settings, settings, name)
                    opened[name] = self._vault.unseal(opened[name], PURPOSE, place)
                except SecretsUnreadable as error:
                    raise DestinationUnavailable(f"The secret {name!r} cannot be read. {error}") from error
        return opened
