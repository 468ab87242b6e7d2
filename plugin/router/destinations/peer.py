# SPDX-License-Identifier: GPL-3.0-or-later
"""Destination kind `peer`: another Orthanc, over its REST API (Orthanc Book, "Peers")."""

from collections.abc import Mapping, Sequence
from typing import Any, TypeGuard

from pydantic import Field, model_validator

from router.destinations.http_answers import WebAnswer, read_json
from router.destinations.kind import (
    Address,
    DestinationUnavailable,
    Installation,
    InstancesRefused,
    Kind,
    LoginRefused,
)
from router.destinations.one_by_one import one_by_one
from router.destinations.outgoing import ImageRefused, Outgoing
from router.destinations.portions import in_portions
from router.destinations.request_failure import in_one_line
from router.destinations.spreading import Spreading
from router.destinations.web import WebServer, WebSettings, address_of
from router.orthanc_api import OrthancApi, OrthancError, OrthancUnreachable

#: Orthanc's error code for an answer of a peer that is neither success nor 404.
_STATUS_NOT_ALLOWED = 2005

#: Error codes with which a peer can store nothing at all: no memory, database, file, full, read-only; and the
#: codes of SQLite.
_NO_STORAGE = frozenset({4, 11, 14, 19, 22, *range(1001, 1016)})

#: The most bytes of an answer; Orthanc's answer about an image has some hundreds.
_LARGEST_ANSWER = 1024 * 1024


class PeerSettings(WebSettings):
    """The name of a peer in Orthanc's configuration, or the peer itself."""

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
        if self.peer is not None and self.has_login:
            raise ValueError("the login of a peer is in Orthanc's configuration")
        return self


class AliasSender:
    """Lets Orthanc send to a peer that it knows."""

    def __init__(self, alias: str, orthanc: OrthancApi) -> None:
        self._alias = alias
        self._orthanc = orthanc

    def send(self, images: Sequence[Outgoing]) -> None:
        if all(image.is_stored for image in images):
            in_portions([image.instance for image in images], self._store)
        else:
            one_by_one(images, self._put)

    def test(self) -> str:
        return self._greeted()

    def close(self) -> None:
        """Do nothing: there is nothing to close."""

    def _store(self, instances: Sequence[str]) -> None:
        try:
            self._orthanc.peer_store(self._alias, instances)
        except OrthancUnreachable as error:
            raise DestinationUnavailable(str(error)) from error
        except OrthancError as error:
            raise self._refusal(error) from error
        # Orthanc takes any answer for success, even a login page.
        self._greeted()

    def _put(self, _image: Outgoing, file: bytes) -> None:
        try:
            answer = self._orthanc.peer_store_straight(self._alias, file)
        except OrthancUnreachable as error:
            raise DestinationUnavailable(str(error)) from error
        except OrthancError as error:
            raise ImageRefused(str(self._refusal(error))) from error
        if not _has_taken(read_json(answer)):
            raise self._not_orthanc()

    def _refusal(self, error: OrthancError) -> InstancesRefused:
        """Return the meaning of a failure, about which Orthanc says little: with a working peer, the images
        are the cause.

        Raises DestinationUnavailable where the peer does not work.
        """
        self._greeted()
        if error.status == 404:
            return InstancesRefused("not in Orthanc any more")
        return InstancesRefused(
            f"The peer {self._alias} does not take it ({error.message}): see its log, and whether its disk is"
            " full"
        )

    def _greeted(self) -> str:
        try:
            system = read_json(self._orthanc.peer_system(self._alias))
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
        if not _is_orthanc(system):
            raise self._not_orthanc()
        return _greeting(system)

    def _not_orthanc(self) -> DestinationUnavailable:
        return DestinationUnavailable(
            f"The peer {self._alias} does not answer as an Orthanc does: correct its Url in Orthanc's"
            " configuration (OrthancPeers), and look for a login or a proxy in between"
        )

    def _known(self) -> Sequence[str]:
        try:
            return self._orthanc.peers()
        except (OrthancError, OrthancUnreachable):
            return ()


class UrlSender:
    """Uploads to an Orthanc given by its URL.

    Does not use an alias of our own: Orthanc would store its password unencrypted in its database.
    """

    def __init__(self, url: str, settings: PeerSettings, connections: int) -> None:
        """`connections`: how many may be used at once, where the peer is far away."""
        self._url = url
        self._spreading = Spreading(connections)
        self._server = WebServer(url, settings, _LARGEST_ANSWER)

    def send(self, images: Sequence[Outgoing]) -> None:
        one_by_one(images, self._put, self._spreading)

    def test(self) -> str:
        answer = self._server.call("GET", "/system")
        system = answer.json() if answer.succeeded else None
        if not _is_orthanc(system):
            raise self._not_orthanc(answer)
        return _greeting(system)

    def close(self) -> None:
        self._server.close()

    def _put(self, _image: Outgoing, file: bytes) -> None:
        answer = self._server.call("POST", "/instances", file, Content_Type="application/dicom")
        if answer.status == 404:
            raise self._not_orthanc(answer)
        if answer.succeeded:
            if not _has_taken(answer.json()):
                raise self._not_orthanc(answer)
            return
        error = answer.json()
        told = error if isinstance(error, dict) else {}
        details = str(told.get("Details") or told.get("Message") or answer.said)
        if answer.status >= 500 and told.get("OrthancStatus") in list(_NO_STORAGE):
            raise DestinationUnavailable(
                f"{self._url} cannot store anything now ({details}): see whether its disk is full"
            )
        raise ImageRefused(f"The peer does not take it (HTTP {answer.status}: {in_one_line(details)})")

    def _not_orthanc(self, answer: WebAnswer) -> DestinationUnavailable:
        return DestinationUnavailable(
            f"{self._url} does not answer as an Orthanc does: correct the URL, and look for a login or a"
            f" proxy in between ({answer.said})"
        )


def _has_taken(answer: object) -> bool:
    """Whether this is Orthanc's answer to an image that it has stored (Orthanc Book, "REST API"). Raises
    ImageRefused where the answer says that it has not."""
    if not isinstance(answer, Mapping) or not {"ID", "Status"} <= answer.keys():
        return False
    if answer["Status"] in ("Success", "AlreadyStored"):  # a value of any type
        return True
    raise ImageRefused(f"The peer has not stored it: it says {in_one_line(str(answer['Status']))!r}")


def _is_orthanc(system: object) -> TypeGuard[Mapping[str, Any]]:
    """Whether this is Orthanc's description of itself."""
    return isinstance(system, Mapping) and "Version" in system


def _greeting(system: Mapping[str, Any]) -> str:
    name, version = (in_one_line(str(system.get(field, ""))) for field in ("Name", "Version"))
    return f"{name or 'Orthanc'} has answered: Orthanc {version}."


def _sender(_identifier: str, settings: PeerSettings, installation: Installation) -> AliasSender | UrlSender:
    if settings.url is not None:
        return UrlSender(settings.url, settings, installation.connections)
    return AliasSender(settings.peer or "", installation.orthanc)


def _url(settings: Mapping[str, Any], installation: Installation) -> str:
    return str(settings.get("url") or installation.orthanc.peer_url(settings.get("peer") or ""))


def _leads_here(settings: Mapping[str, Any], installation: Installation) -> bool:
    return installation.own_address.is_url(_url(settings, installation))


def _address(settings: Mapping[str, Any], installation: Installation) -> Address:
    return address_of(_url(settings, installation))


KIND = Kind("peer", "Orthanc peer", PeerSettings, _sender, leads_here=_leads_here, address=_address)
