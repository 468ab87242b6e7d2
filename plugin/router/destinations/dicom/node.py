"""A DICOM node as it is called: titles, address, time limit, TLS."""

import ssl
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from router.destinations.dicom.settings import DicomSettings
from router.destinations.kind import DestinationUnavailable, DicomTls, Installation
from router.orthanc_api import OrthancError, OrthancUnreachable


@dataclass(frozen=True, slots=True)
class Node:
    """Where a node is, and who calls it there."""

    aet: str
    host: str
    port: int
    calling_aet: str
    #: What the node may take for each answer.
    timeout_seconds: float
    tls: ssl.SSLContext | None = None
    #: Whether images may be sent in another transfer syntax than they have (`AllowTranscoding`).
    transcodes: bool = True


def node_of(settings: DicomSettings, installation: Installation) -> Node:
    """The node of a destination, with what Orthanc's configuration says of an alias.

    Raises DestinationUnavailable where Orthanc does not know the alias, or cannot be asked.
    """
    alias: Mapping[str, Any] = {}
    try:
        if settings.modality is not None:
            alias = installation.orthanc.modality(settings.modality)
        calling = settings.local_aet or alias.get("LocalAet") or installation.orthanc.system()["DicomAet"]
    except OrthancUnreachable as error:
        raise DestinationUnavailable(str(error)) from error
    except OrthancError as error:
        raise unknown_alias(settings.modality or "", error) from error
    return Node(
        aet=settings.aet or str(alias["AET"]),
        host=settings.host or str(alias["Host"]),
        port=settings.port or int(alias["Port"]),
        calling_aet=calling,
        timeout_seconds=settings.timeout_seconds,
        tls=_tls(installation.dicom_tls) if alias.get("UseDicomTls") else None,
        transcodes=alias.get("AllowTranscoding", True),
    )


def unknown_alias(alias: str, error: OrthancError) -> DestinationUnavailable:
    """What it means that Orthanc has nothing under an alias."""
    if error.status != 404:
        return DestinationUnavailable(error.message)
    return DestinationUnavailable(
        f"Orthanc knows no modality {alias!r}: add it to Orthanc's configuration (DicomModalities), or"
        " correct the name"
    )


def _tls(files: DicomTls) -> ssl.SSLContext:
    """As Orthanc calls nodes by TLS (Orthanc Book, "Configuring DICOM TLS"): the node is known by its
    certificate, whatever name is in it."""
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
