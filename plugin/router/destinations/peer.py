"""Destination kind `peer`: another Orthanc, over its REST API (Orthanc Book, "Peers")."""

from collections.abc import Mapping, Sequence
from typing import Any

import requests
from pydantic import Field, model_validator

from router.destinations.kind import (
    DestinationUnavailable,
    Installation,
    InstancesRefused,
    Kind,
    LoginRefused,
)
from router.destinations.one_by_one import one_by_one
from router.destinations.outgoing import ImageRefused, Outgoing
from router.destinations.portions import in_portions
from router.destinations.web import WebServer, WebSettings
from router.orthanc_api import OrthancApi, OrthancError, OrthancUnreachable

#: Orthanc's own number for an answer of a peer that is neither success nor 404.
_STATUS_NOT_ALLOWED = 2005

#: Those that say that the peer can keep nothing, whatever it is: no memory, database, file, full, read-only;
#: and those of SQLite.
_NO_STORAGE = frozenset({4, 11, 14, 19, 22, *range(1001, 1016)})


class PeerSettings(WebSettings):
    """Either an alias of Orthanc's configuration, or the peer itself."""

    peer: str | None = Field(
        default=None,
        title="Peer",
        description="An Orthanc that Orthanc's configuration names (OrthancPeers)",
        min_length=1,
    )

    @model_validator(mode="after")
    def _names_one_peer(self) -> "PeerSettings":
        if (self.peer is None) == (self.url is None):
            raise ValueError("give either peer or url")
        if self.peer is not None and self.username is not None:
            raise ValueError("the login of a peer is in Orthanc's configuration")
        return self


class AliasSender:
    """Has Orthanc send to a peer that it knows."""

    def __init__(self, alias: str, orthanc: OrthancApi) -> None:
        self._alias = alias
        self._orthanc = orthanc

    def send(self, images: Sequence[Outgoing]) -> None:
        if all(image.is_stored for image in images):
            in_portions([image.instance for image in images], self._store)
        else:
            one_by_one(images, self._put)

    def test(self) -> str:
        return self._greeting()

    def close(self) -> None:
        """Nothing is held."""

    def _store(self, instances: Sequence[str]) -> None:
        try:
            self._orthanc.peer_store(self._alias, instances)
        except OrthancUnreachable as error:
            raise DestinationUnavailable(str(error)) from error
        except OrthancError as error:
            raise self._refusal(error) from error

    def _put(self, _image: Outgoing, file: bytes) -> None:
        try:
            self._orthanc.peer_store_straight(self._alias, file)
        except OrthancUnreachable as error:
            raise DestinationUnavailable(str(error)) from error
        except OrthancError as error:
            raise ImageRefused(str(self._refusal(error))) from error

    def _refusal(self, error: OrthancError) -> InstancesRefused:
        """What a failure means, of which Orthanc tells little: where the peer is well, the images are not.

        Raises DestinationUnavailable where it is the peer.
        """
        self._greeting()
        if error.status == 404:
            return InstancesRefused("not in Orthanc any more")
        return InstancesRefused(
            f"The peer {self._alias} does not take it ({error.message}): see its log, and whether its disk is"
            " full"
        )

    def _greeting(self) -> str:
        try:
            system = self._orthanc.peer_system(self._alias)
        except OrthancUnreachable as error:
            raise DestinationUnavailable(str(error)) from error
        except OrthancError as error:
            if error.status == 404 and self._alias not in self._known():
                raise DestinationUnavailable(
                    f"Orthanc knows no peer {self._alias!r}: add it to Orthanc's configuration"
                    " (OrthancPeers), or correct the name"
                ) from error
            if error.code == _STATUS_NOT_ALLOWED:
                raise LoginRefused(
                    f"The peer {self._alias} refuses: check the user and the password that OrthancPeers has"
                ) from error
            raise DestinationUnavailable(
                f"The peer {self._alias} does not answer ({error.message}): check that it runs, and its Url"
                " in Orthanc's configuration (OrthancPeers)"
            ) from error
        return f"{system.get('Name', 'Orthanc')} has answered: Orthanc {system.get('Version', '')}."

    def _known(self) -> Sequence[str]:
        try:
            return self._orthanc.peers()
        except (OrthancError, OrthancUnreachable):
            return ()


class UrlSender:
    """Uploads to an Orthanc that is given by its URL.

    Not under an alias of our own: Orthanc would write its password, unencrypted, into its database.
    """

    def __init__(self, url: str, settings: PeerSettings) -> None:
        self._url = url
        self._server = WebServer(url, settings)

    def send(self, images: Sequence[Outgoing]) -> None:
        one_by_one(images, self._put)

    def test(self) -> str:
        response = self._server.call("GET", "/system")
        try:
            system = response.json() if response.ok else {}
        except requests.JSONDecodeError:
            system = {}
        if "Version" not in system:
            raise self._not_orthanc(response)
        return f"{system.get('Name', 'Orthanc')} has answered: Orthanc {system['Version']}."

    def close(self) -> None:
        self._server.close()

    def _put(self, _image: Outgoing, file: bytes) -> None:
        response = self._server.call("POST", "/instances", file, Content_Type="application/dicom")
        if response.status_code == 404:
            raise self._not_orthanc(response)
        if response.status_code >= 500 and _status(response) in _NO_STORAGE:
            raise DestinationUnavailable(
                f"{self._url} cannot store anything now ({_details(response)}): see whether its disk is full"
            )
        if not response.ok:
            told = f"HTTP {response.status_code}: {_details(response)}"
            raise ImageRefused(f"The peer does not take it ({told})")

    def _not_orthanc(self, response: requests.Response) -> DestinationUnavailable:
        return DestinationUnavailable(
            f"{self._url} is no Orthanc (HTTP {response.status_code}): correct the URL"
        )


def _status(response: requests.Response) -> object:
    """Orthanc's own number of an error; None where there is none."""
    try:
        told = response.json()
    except requests.JSONDecodeError:
        return None
    return told.get("OrthancStatus") if isinstance(told, dict) else None


def _details(response: requests.Response) -> str:
    try:
        told = response.json()
    except requests.JSONDecodeError:
        return response.reason
    return str(told.get("Details") or told.get("Message") or response.reason)


def _sender(_identifier: str, settings: PeerSettings, installation: Installation) -> AliasSender | UrlSender:
    if settings.url is not None:
        return UrlSender(settings.url, settings)
    return AliasSender(settings.peer or "", installation.orthanc)


def _leads_here(settings: Mapping[str, Any], installation: Installation) -> bool:
    url = settings.get("url") or installation.orthanc.peer_url(settings.get("peer") or "")
    return installation.own_address.is_url(url)


KIND = Kind("peer", "Orthanc peer", PeerSettings, _sender, leads_here=_leads_here)
