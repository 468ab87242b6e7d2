"""Destination kind `dicom`: another DICOM node, by C-STORE (PS3.4, annex B)."""

from collections.abc import Mapping
from typing import Any

from router.destinations.dicom.sender import DicomSender
from router.destinations.dicom.settings import DicomSettings
from router.destinations.kind import Installation, Kind


def _leads_here(settings: Mapping[str, Any], installation: Installation) -> bool:
    node = settings
    if settings.get("modality"):
        node = installation.orthanc.modality(settings["modality"])
    host, port = node.get("host") or node.get("Host"), node.get("port") or node.get("Port")
    return bool(host and port) and installation.own_address.is_node(str(host), int(str(port)))


KIND = Kind("dicom", "DICOM node", DicomSettings, DicomSender, leads_here=_leads_here)
