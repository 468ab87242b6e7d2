# SPDX-License-Identifier: GPL-3.0-or-later
"""Opens destinations: from what is stored to a sender with its secrets."""

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

#: How many connections are opened at most to a destination that does not say how many it takes.
_MOST_CONNECTIONS: Final = 8


class Opening:
    """Opens. Secrets are decrypted here and nowhere before."""

    def __init__(self, kinds: Mapping[str, Kind], installation: Installation, vault: Vault) -> None:
        self._kinds = kinds
        self._installation = installation
        self._vault = vault

    def open(self, identifier: str, destination: DestinationDraft) -> Target:
        """An open destination, from one as it is stored. Raises DestinationUnavailable."""
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
        """Whether what is sent to it comes in at this very Orthanc again, as far as can be told. Not where
        something in between hides it, nor where Orthanc does not answer."""
        kind = self._kinds.get(destination.kind)
        try:
            return kind is not None and kind.leads_here(destination.settings, self._installation)
        except (OrthancError, OrthancUnreachable):
            return False

    def whereabouts(self, destination: DestinationDraft) -> Whereabouts:
        """Where a destination is, as far as can be told; looks its host up."""
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
