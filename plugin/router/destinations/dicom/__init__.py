# SPDX-License-Identifier: GPL-3.0-or-later
"""Destination kind `dicom`: another DICOM node, by C-STORE (PS3.4, annex B)."""

from collections.abc import Iterator, Mapping
from typing import Any

from router.destinations.dicom.sender import DicomSender
from router.destinations.dicom.settings import DicomSettings
from router.destinations.kind import Address, Installation, Kind


def _node(settings: Mapping[str, Any], installation: Installation) -> tuple[str, str, int]:
    """Return called AE title, host and port."""
    if settings.get("modality"):
        node = installation.orthanc.modality(settings["modality"])
        return str(node["AET"]), str(node["Host"]), int(node["Port"])
    return str(settings.get("aet")), str(settings.get("host")), int(settings.get("port") or 0)


def _leads_here(settings: Mapping[str, Any], installation: Installation) -> bool:
    _, host, port = _node(settings, installation)
    return installation.own_address.is_node(host, port)


def _address(settings: Mapping[str, Any], installation: Installation) -> Address:
    aet, host, _ = _node(settings, installation)
    return Address(host, aet.strip())


def _entry(settings: Mapping[str, Any]) -> Mapping[str, object]:
    return DicomSettings.model_validate(settings).entry()


def _problems(settings: DicomSettings, installation: Installation) -> Iterator[tuple[str, str]]:
    """Yield what Orthanc's configuration lacks for TLS."""
    files = installation.dicom_tls
    lacking = [
        name
        for name, value in (
            ("DicomTlsCertificate", files.certificate),
            ("DicomTlsPrivateKey", files.private_key),
            ("DicomTlsTrustedCertificates", files.trusted_certificates),
        )
        if not value
    ]
    if settings.tls and lacking:
        yield "tls", f"Orthanc's configuration lacks {', '.join(lacking)}: add the files of its certificates"


KIND = Kind(
    "dicom",
    "DICOM node",
    DicomSettings,
    DicomSender,
    problems=_problems,
    leads_here=_leads_here,
    address=_address,
    entry=_entry,
)
