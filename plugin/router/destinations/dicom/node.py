# SPDX-License-Identifier: GPL-3.0-or-later
"""A DICOM node to call: AE titles, address, time limit, TLS."""

import ssl
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from router.destinations.dicom.settings import DicomSettings
from router.destinations.dicom.titles import OWN_TITLES, Titles
from router.destinations.kind import DestinationUnavailable, DicomTls, Installation
from router.orthanc_api import OrthancError, OrthancUnreachable


@dataclass(frozen=True, slots=True)
class Node:
    """The address of a node, and how to call it."""

    aet: str
    host: str
    port: int
    calling_aet: str
    #: How long the node may take for each answer.
    timeout_seconds: float
    tls: ssl.SSLContext | None = None
    #: Whether images may be sent in a transfer syntax that is not their own (`AllowTranscoding`).
    transcodes: bool = True


class NodeLookup:
    """Finds the node of a destination. May be used by several threads at once."""

    def __init__(self, settings: DicomSettings, installation: Installation) -> None:
        self._settings = settings
        self._orthanc = installation.orthanc
        self._dicom_tls = installation.dicom_tls
        self._own_aet = ""

    def node(self, titles: Titles = OWN_TITLES) -> Node:
        """Return the node, to be called under these titles. An alias is as Orthanc's configuration has it
        now.

        Raises DestinationUnavailable where Orthanc does not know the alias, or cannot be asked.
        """
        settings = self._settings
        alias: Mapping[str, Any] = {}
        try:
            if settings.modality is not None:
                alias = self._orthanc.modality(settings.modality)
            calling = titles.calling or settings.local_aet or alias.get("LocalAet") or self._orthancs_aet()
        except OrthancUnreachable as error:
            raise DestinationUnavailable(str(error)) from error
        except OrthancError as error:
            raise unknown_alias(settings.modality or "", error) from error
        return Node(
            aet=titles.called or settings.aet or str(alias["AET"]),
            host=settings.host or str(alias["Host"]),
            port=settings.port or int(alias["Port"]),
            calling_aet=calling,
            timeout_seconds=settings.timeout_seconds,
            tls=_tls(self._dicom_tls) if settings.tls or alias.get("UseDicomTls") else None,
            transcodes=alias.get("AllowTranscoding", True),
        )

    def _orthancs_aet(self) -> str:
        """Return Orthanc's AE title, which stays the same while Orthanc runs."""
        if not self._own_aet:
            self._own_aet = str(self._orthanc.system()["DicomAet"])
        return self._own_aet


def unknown_alias(alias: str, error: OrthancError) -> DestinationUnavailable:
    """Return the error for Orthanc's answer about an alias: it has none of this name, or another fault."""
    if error.status != 404:
        return DestinationUnavailable(error.message)
    return DestinationUnavailable(
        f"Orthanc knows no modality {alias!r}: add it to Orthanc's configuration (DicomModalities), or"
        " correct the name"
    )


def _tls(files: DicomTls) -> ssl.SSLContext:
    """Return a TLS context as Orthanc uses for nodes (Orthanc Book, "Configuring DICOM TLS"): it checks the
    node's certificate, but not the name in it."""
    if not files.trusted_certificates:
        raise DestinationUnavailable(
            "The node is to be called by TLS (UseDicomTls), but Orthanc's configuration names no"
            " DicomTlsTrustedCertificates"
        )
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname = False
    try:
        context.load_verify_locations(files.trusted_certificates)
        if files.certificate:
            context.load_cert_chain(files.certificate, files.private_key or None)
    except (OSError, ValueError) as error:
        raise DestinationUnavailable(
            "The files of DicomTlsCertificate, DicomTlsPrivateKey and DicomTlsTrustedCertificates in"
            f" Orthanc's configuration cannot be used ({error})"
        ) from error
    return context
