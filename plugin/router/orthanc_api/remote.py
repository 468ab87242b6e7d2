# SPDX-License-Identifier: GPL-3.0-or-later
"""Calls in which Orthanc contacts other machines: DICOM nodes, Orthanc peers, DICOMweb servers."""

import json
from collections.abc import Mapping, Sequence
from typing import Any
from urllib.parse import quote

from router.orthanc_api.asking import Asking, check


class RemoteCalls(Asking):
    """The calls to other machines; see OrthancApi."""

    def modalities(self) -> dict[str, dict[str, Any]]:
        """Return the DICOM nodes that Orthanc knows, by alias."""
        modalities: dict[str, dict[str, Any]] = self._json("GET", "/modalities?expand")
        return modalities

    def modality(self, alias: str) -> dict[str, Any]:
        """Return one DICOM node, in the form that `set_modality` takes."""
        modality: dict[str, Any] = self._json("GET", f"/modalities/{quote(alias, safe='')}/configuration")
        return modality

    def set_modality(self, alias: str, modality: Mapping[str, object]) -> None:
        """Make a DICOM node known under an alias (`AET`, `Host`, `Port`, ...), or change it."""
        self._call("PUT", f"/modalities/{quote(alias, safe='')}", modality)

    def remove_modality(self, alias: str) -> None:
        """Remove an alias."""
        self._call("DELETE", f"/modalities/{quote(alias, safe='')}")

    def echo(self, alias: str, timeout: int) -> None:
        """Send a C-ECHO to a modality; `timeout` in seconds."""
        self._call_that_waits("POST", f"/modalities/{quote(alias, safe='')}/echo", {"Timeout": timeout})

    def store(self, alias: str, instances: Sequence[str], options: Mapping[str, object]) -> None:
        """C-STORE instances to a modality in one association; return when it has accepted all.

        `options` as in Orthanc Book, "REST API": `LocalAet`, `Timeout` (seconds), ...
        """
        body = {**self._job(instances), **options}
        self._call_that_waits("POST", f"/modalities/{quote(alias, safe='')}/store", body)

    def request_commitment(self, alias: str, instances: Sequence[tuple[str, str]], timeout: int) -> str:
        """Ask a modality to commit to the storage of instances, given by SOP Class and SOP Instance UID
        (PS3.4, J.3.2); return the Transaction UID. `timeout` in seconds."""
        body = {
            "DicomInstances": [
                {"SOPClassUID": sop_class, "SOPInstanceUID": uid} for sop_class, uid in instances
            ],
            "Timeout": timeout,
        }
        path = f"/modalities/{quote(alias, safe='')}/storage-commitment"
        return str(json.loads(self._call_that_waits("POST", path, body))["ID"])

    def commitment(self, transaction: str) -> dict[str, Any]:
        """Return a modality's report: `Status` (`Pending`, `Success`, `Failure`), `Success`, `Failures`."""
        report: dict[str, Any] = self._json("GET", f"/storage-commitment/{quote(transaction, safe='')}")
        return report

    def peers(self) -> list[str]:
        """Return the aliases of the Orthanc peers."""
        return list(self._json("GET", "/peers"))

    def peer_url(self, alias: str) -> str:
        """Return the URL of a peer; empty where there is none of this alias."""
        peers: dict[str, dict[str, Any]] = self._json("GET", "/peers?expand")
        return str(peers.get(alias, {}).get("Url", ""))

    def peer_system(self, alias: str) -> bytes:
        """Return a peer's answer to `GET /system`: JSON where it is an Orthanc."""
        return self._call_that_waits("GET", f"/peers/{quote(alias, safe='')}/system")

    def peer_store(self, alias: str, instances: Sequence[str]) -> None:
        """Send instances to a peer; return when it has taken all."""
        self._call_that_waits("POST", f"/peers/{quote(alias, safe='')}/store", self._job(instances))

    def peer_store_straight(self, alias: str, file: bytes) -> bytes:
        """Send a file, which may not be stored here, to a peer; return the peer's answer."""
        check(file)
        return self._call_that_waits("POST", f"/peers/{quote(alias, safe='')}/store-straight", file)

    def dicomweb_servers(self) -> dict[str, dict[str, Any]]:
        """Return the servers of the DICOMweb plugin by alias, without their passwords."""
        servers: dict[str, dict[str, Any]] = self._json("GET", "/dicom-web/servers?expand")
        return servers

    def dicomweb_get(self, alias: str, uri: str, arguments: Mapping[str, str]) -> bytes:
        """Return a DICOMweb server's answer to a GET of `uri`, as JSON."""
        body = {
            "Uri": uri,
            "Arguments": arguments,
            "HttpHeaders": {"Accept": "application/dicom+json"},
        }
        return self._call_that_waits("POST", f"/dicom-web/servers/{quote(alias, safe='')}/get", body)

    def dicomweb_store(self, alias: str, instances: Sequence[str]) -> None:
        """Send instances to a DICOMweb server by STOW-RS; return when it has taken all."""
        path = f"/dicom-web/servers/{quote(alias, safe='')}/stow"
        self._call_that_waits("POST", path, self._job(instances))

    def _job(self, instances: Sequence[str]) -> dict[str, object]:
        """Return the body of a request for a job that sends instances, answered when the job has ended."""
        user_data: dict[str, object] | None = getattr(self._purpose, "user_data", None)
        wanted: dict[str, object] = {"Resources": list(instances), "Synchronous": True}
        return wanted if user_data is None else wanted | {"UserData": user_data}
