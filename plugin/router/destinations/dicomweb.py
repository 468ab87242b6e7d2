# SPDX-License-Identifier: GPL-3.0-or-later
"""Destination kind `dicomweb`: a server that takes images by STOW-RS (PS3.18, 10.5)."""

import io
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import pydicom
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
from router.destinations.one_by_one import contents
from router.destinations.outgoing import ImageRefused, Outgoing
from router.destinations.stow import multipart, store_response
from router.destinations.web import WebServer, WebSettings, address_of
from router.orthanc_api import OrthancApi, OrthancError, OrthancUnreachable
from router.unreadable import UNREADABLE

#: Bytes of images in one request; a larger image goes alone.
_LARGEST_REQUEST = 16 * 1024 * 1024

#: The most bytes of an answer; one that names ten thousand images has fewer.
_LARGEST_ANSWER = 8 * 1024 * 1024

_JSON = "application/dicom+json"
_XML = "application/dicom+xml"
_NOT_ACCEPTABLE = 406
_UNTOLD = "the server has not stored it and does not say why: see its log, and whether its disk is full"
_NOT_KNOWN = (
    "the server has taken the request, and does not say in JSON or XML which images it has stored: have it"
    " answer with a Store Instances Response (PS3.18, 10.5.3)"
)


class DicomWebSettings(WebSettings):
    """The name of a server of the DICOMweb plugin, or the server itself."""

    server: str | None = Field(
        default=None,
        title="Server",
        description="A server that Orthanc's configuration names (DicomWeb, Servers)",
        min_length=1,
    )

    @model_validator(mode="after")
    def _names_one_server(self) -> "DicomWebSettings":
        if (self.server is None) == (self.url is None):
            raise ValueError("give either server or url")
        if self.server is not None and self.has_login:
            raise ValueError("the login of a server is in Orthanc's configuration")
        return self


class AliasSender:
    """Lets Orthanc's DICOMweb plugin send to a server that the plugin knows."""

    def __init__(self, alias: str, settings: DicomWebSettings, orthanc: OrthancApi) -> None:
        self._alias = alias
        self._settings = settings
        self._orthanc = orthanc

    def send(self, images: Sequence[Outgoing]) -> None:
        if not all(image.is_stored for image in images):
            self._send_changed(images)
            return
        try:
            self._orthanc.dicomweb_store(self._alias, [image.instance for image in images])
        except OrthancUnreachable as error:
            raise DestinationUnavailable(str(error)) from error
        except OrthancError as error:
            # The plugin says no reason. Where the server answers the test, an image is the cause.
            self.test()
            if error.status == 404:
                raise InstancesRefused("not in Orthanc any more") from error
            raise InstancesRefused(
                f"The server {self._alias} does not take it, and Orthanc does not say why: see the server's"
                " log, and whether its disk is full"
            ) from error

    def test(self) -> str:
        try:
            found = self._orthanc.dicomweb_get(self._alias, "/studies", {"limit": "1"})
        except OrthancUnreachable as error:
            raise DestinationUnavailable(str(error)) from error
        except OrthancError as error:
            raise self._told(error) from error
        if found and not isinstance(read_json(found), list):
            raise DestinationUnavailable(f"The server {self._alias} does not answer as DICOMweb")
        return "The server has answered a search for studies (QIDO-RS)."

    def close(self) -> None:
        """Do nothing: there is nothing to close."""

    def _send_changed(self, images: Sequence[Outgoing]) -> None:
        """Send changed images straight to the server's URL: the plugin sends only images stored in Orthanc.

        Orthanc does not give out the server's password, so this needs a server without a login.
        """
        server = self._known().get(self._alias, {})
        if not server.get("Url") or server.get("Username") or server.get("HttpHeaders"):
            raise DestinationUnavailable(
                f"Changed images can be sent to {self._alias} only where it needs no login: give the server"
                " by url, username and password in the destination instead"
            )
        sender = UrlSender(str(server["Url"]).rstrip("/"), self._settings)
        try:
            sender.send(images)
        finally:
            sender.close()

    def _told(self, error: OrthancError) -> DestinationUnavailable:
        if error.status in {401, 403}:
            return LoginRefused(
                f"The server {self._alias} refuses the user or the password: correct them in Orthanc's"
                " configuration (DicomWeb, Servers)"
            )
        if self._alias not in self._known():
            return DestinationUnavailable(
                f"Orthanc's DICOMweb plugin knows no server {self._alias!r}: add it to Orthanc's"
                " configuration (DicomWeb, Servers), or correct the name"
            )
        return DestinationUnavailable(
            f"The server {self._alias} cannot be reached, or is no DICOMweb server ({error.message}): check"
            " that it runs, and its Url in Orthanc's configuration (DicomWeb, Servers)"
        )

    def _known(self) -> dict[str, dict[str, object]]:
        try:
            return self._orthanc.dicomweb_servers()
        except OrthancUnreachable as error:
            raise DestinationUnavailable(str(error)) from error
        except OrthancError as error:
            raise DestinationUnavailable("Orthanc's DICOMweb plugin is not there: install it") from error


class UrlSender:
    """Stores images in requests of bounded size, and reads the answer instance by instance."""

    def __init__(self, url: str, settings: DicomWebSettings) -> None:
        self._url = url
        self._server = WebServer(url, settings, _LARGEST_ANSWER)

    def send(self, images: Sequence[Outgoing]) -> None:
        arrived: list[str] = []
        reasons: dict[str, str] = {}
        try:
            for files in _batches(images, reasons):
                refused = self._store(files)
                reasons |= refused
                arrived += [instance for instance in files if instance not in refused]
        except DestinationUnavailable as error:
            error.arrived[:0] = arrived
            raise
        if reasons:
            raise InstancesRefused(f"{len(reasons)} of {len(images)} refused", reasons)

    def test(self) -> str:
        answer = self._server.call("GET", "/studies?limit=1", Accept=_JSON)
        if not answer.succeeded:
            raise DestinationUnavailable(
                f"{self._url} does not answer a search for studies: correct the URL ({answer.said})"
            )
        if answer.status != 204 and not isinstance(answer.json(), list):
            raise DestinationUnavailable(f"{self._url} does not answer as DICOMweb: correct the URL")
        return "The server has answered a search for studies (QIDO-RS)."

    def close(self) -> None:
        self._server.close()

    def _store(self, files: dict[str, bytes]) -> dict[str, str]:
        """Return why instances were not stored, by Orthanc identifier; empty where all were stored."""
        body, content_type = multipart(list(files.values()))
        answer = self._server.call("POST", "/studies", body, Content_Type=content_type, Accept=_JSON)
        if answer.status == _NOT_ACCEPTABLE:
            # One type at a time: Orthanc understands no list of types, and logs a complaint.
            answer = self._server.call("POST", "/studies", body, Content_Type=content_type, Accept=_XML)
        if answer.status in {404, 405}:
            raise DestinationUnavailable(
                f"{self._url} takes no images (HTTP {answer.status}): correct the URL"
            )
        told = store_response(answer.body)
        if told is None:
            return self._untold(files, answer)
        # PS3.18, table 10.5.3-1: 202 and 409 name the failed instances. Some servers leave out of both
        # sequences what they could not read or store: Orthanc with a full disk answers so, with 200.
        uids = {instance: _sop_instance_uid(file) for instance, file in files.items()}
        return {
            instance: told.failed.get(uid, _UNTOLD if answer.succeeded else answer.said)
            for instance, uid in uids.items()
            if uid not in told.stored
        }

    def _untold(self, files: dict[str, bytes], answer: WebAnswer) -> dict[str, str]:
        """Interpret an answer that names no instance (PS3.18, table 10.5.3-1)."""
        if not answer.succeeded:
            return self._narrowed(files, answer)
        if answer.status == 200 and not answer.body.strip():
            return {}
        if answer.status == 202:
            return dict.fromkeys(files, f"{_NOT_KNOWN} ({answer.said})")
        raise DestinationUnavailable(
            f"{self._url} does not answer as a DICOMweb server does: correct the URL, and look for a login or"
            f" a proxy in between ({answer.said})"
        )

    def _narrowed(self, files: dict[str, bytes], answer: WebAnswer) -> dict[str, str]:
        """Send each image alone, after the server refused a request as a whole."""
        if len(files) == 1:
            return dict.fromkeys(files, f"The server does not take it ({answer.said})")
        refused: dict[str, str] = {}
        for instance, file in files.items():
            refused |= self._store({instance: file})
        return refused


def _batches(images: Sequence[Outgoing], reasons: dict[str, str]) -> Iterator[dict[str, bytes]]:
    """Yield the files of each request by Orthanc identifier. Adds unreadable images to `reasons`."""
    files: dict[str, bytes] = {}
    size = 0
    for image in images:
        try:
            file = contents(image)
        except ImageRefused as error:
            reasons[image.instance] = str(error)
            continue
        if files and size + len(file) > _LARGEST_REQUEST:
            yield files
            files, size = {}, 0
        files[image.instance] = file
        size += len(file)
    if files:
        yield files


def _sop_instance_uid(file: bytes) -> str:
    try:
        image = pydicom.dcmread(io.BytesIO(file), specific_tags=["SOPInstanceUID"], stop_before_pixels=True)
        return str(image.get("SOPInstanceUID", ""))
    except UNREADABLE:
        return ""


def _sender(
    _identifier: str, settings: DicomWebSettings, installation: Installation
) -> AliasSender | UrlSender:
    if settings.url is not None:
        return UrlSender(settings.url, settings)
    return AliasSender(settings.server or "", settings, installation.orthanc)


def _url(settings: Mapping[str, Any], installation: Installation) -> str:
    url = settings.get("url")
    if not url:
        server = installation.orthanc.dicomweb_servers().get(settings.get("server") or "", {})
        url = server.get("Url", "")
    return str(url)


def _leads_here(settings: Mapping[str, Any], installation: Installation) -> bool:
    return installation.own_address.is_url(_url(settings, installation))


def _address(settings: Mapping[str, Any], installation: Installation) -> Address:
    return address_of(_url(settings, installation))


KIND = Kind(
    "dicomweb", "DICOMweb server", DicomWebSettings, _sender, leads_here=_leads_here, address=_address
)
