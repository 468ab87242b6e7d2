"""Sends to a DICOM node by Orthanc's own C-STORE."""

import threading
from collections.abc import Sequence
from typing import Any

from pydicom.uid import ExplicitVRLittleEndian, ImplicitVRLittleEndian

from router.destinations.dicom.settings import DicomSettings
from router.destinations.dicom_failure import named, understood
from router.destinations.kind import DestinationUnavailable, Installation, InstancesRefused
from router.destinations.one_by_one import one_by_one
from router.destinations.outgoing import ImageRefused, Outgoing
from router.destinations.own_modalities import make_known
from router.destinations.portions import in_portions
from router.destinations.storage_commitment import uncommitted
from router.orthanc_api import OrthancError, OrthancUnreachable

#: Orthanc proposes these for every SOP class; images whose syntax is not known are of none.
_TOGETHER = frozenset({ImplicitVRLittleEndian, ExplicitVRLittleEndian, ""})


class DicomSender:
    """Sends by `POST /modalities/{alias}/store`; a node of its own gets an alias of its own."""

    def __init__(self, own_name: str, settings: DicomSettings, installation: Installation) -> None:
        self._settings = settings
        self._orthanc = installation.orthanc
        self._own_alias = own_name
        self._alias = settings.modality or self._own_alias
        self._lock = threading.Lock()
        self._is_known = False
        self._closing = threading.Event()

    def sorts(self, images: Sequence[Outgoing]) -> list[list[Outgoing]]:
        """Compressed images by SOP class and transfer syntax: in an association in which a SOP class was
        accepted with some transfer syntax, Orthanc 1.12 proposes no other, and decompresses what has one."""
        if len(images) == 1:
            return [list(images)]
        stored = self._contents(images)
        sorts: dict[tuple[str, str], list[Outgoing]] = {}
        for image in images:
            metadata = stored[image.instance]["Metadata"] if image.instance in stored else {}
            syntax = metadata.get("TransferSyntax", "")
            sort = ("", "") if syntax in _TOGETHER else (metadata.get("SopClassUid", ""), syntax)
            sorts.setdefault(sort, []).append(image)
        return list(sorts.values())

    def send(self, images: Sequence[Outgoing]) -> None:
        stored = [image for image in images if image.is_stored]
        changed = [image for image in images if not image.is_stored]
        commits = self._settings.storage_commitment
        #: The SOP Class and SOP Instance UID of what the node has taken, by Orthanc identifier.
        taken: dict[str, tuple[str, str]] = {}
        reasons: dict[str, str] = {}
        if stored:
            try:
                in_portions([image.instance for image in stored], self._send_stored)
            except (DestinationUnavailable, InstancesRefused) as error:
                if commits:
                    error.arrived.clear()  # taken, but not committed to
                raise
            taken |= self._uids_of(stored) if commits else {}
        if changed:
            try:
                self._send_changed(changed, taken)
            except InstancesRefused as error:
                reasons |= error.reasons
            except DestinationUnavailable as error:
                arrived = [] if commits else [*(image.instance for image in stored), *error.arrived]
                raise DestinationUnavailable(str(error), arrived) from error
        if commits:
            reasons |= uncommitted(
                self._orthanc,
                self._alias,
                taken,
                self._settings.timeout_seconds,
                self._settings.commitment_seconds,
                self._closing,
            )
        if reasons:
            raise InstancesRefused(f"{len(reasons)} of {len(images)} refused", reasons)

    def test(self) -> str:
        try:
            if self._settings.modality is None:
                self._echo_own_node()
            else:
                self._orthanc.echo(self._alias, self._settings.timeout_seconds)
        except OrthancUnreachable as error:
            raise DestinationUnavailable(str(error)) from error
        except OrthancError as error:
            if error.status == 404:
                raise self._unknown(error) from error
            raise DestinationUnavailable(understood(error.message).message) from error
        return "The node has answered the C-ECHO."

    def close(self) -> None:
        """Wakes what waits for a commitment. The alias stays: a later revision of the destination, which
        may be open already, has the same."""
        self._closing.set()

    def _send_stored(self, instances: Sequence[str]) -> None:
        options: dict[str, object] = {"Timeout": self._settings.timeout_seconds}
        if self._settings.local_aet:
            options["LocalAet"] = self._settings.local_aet
        try:
            if self._settings.modality is None:
                self._make_known()
            self._orthanc.store(self._alias, instances, options)
        except OrthancUnreachable as error:
            raise DestinationUnavailable(str(error)) from error
        except OrthancError as error:
            raise self._told(error, instances) from error

    def _send_changed(self, images: Sequence[Outgoing], taken: dict[str, tuple[str, str]]) -> None:
        """Send files that Orthanc does not store, each in an association of its own."""
        try:
            self._make_known()
        except OrthancUnreachable as error:
            raise DestinationUnavailable(str(error)) from error
        except OrthancError as error:
            raise self._unknown(error) from error

        def put(image: Outgoing, file: bytes) -> None:
            taken[image.instance] = self._put(file)

        one_by_one(images, put)

    def _put(self, file: bytes) -> tuple[str, str]:
        try:
            return self._orthanc.store_straight(self._own_alias, file)
        except OrthancUnreachable as error:
            raise DestinationUnavailable(str(error)) from error
        except OrthancError as error:
            failure = understood(error.message)
            if failure.refused or error.status == 400:
                raise ImageRefused(failure.message) from error
            raise DestinationUnavailable(failure.message) from error

    def _uids_of(self, images: Sequence[Outgoing]) -> dict[str, tuple[str, str]]:
        """The SOP Class and SOP Instance UID of stored images, by Orthanc identifier."""
        return {
            identifier: (
                content["Metadata"].get("SopClassUid", ""),
                content["MainDicomTags"]["SOPInstanceUID"],
            )
            for identifier, content in self._contents(images).items()
        }

    def _contents(self, images: Sequence[Outgoing]) -> dict[str, dict[str, Any]]:
        """What Orthanc's database has of stored images, by Orthanc identifier."""
        try:
            found = self._orthanc.bulk_content([image.instance for image in images if image.is_stored])
        except (OrthancError, OrthancUnreachable) as error:
            raise DestinationUnavailable(str(error)) from error
        return {content["ID"]: content for content in found}

    def _make_known(self) -> None:
        """Have an alias of our own with this destination's AE titles and timeout. Raises OrthancError."""
        with self._lock:
            if self._is_known:
                return
        settings = self._settings
        node: dict[str, object] = (
            {"AET": settings.aet, "Host": settings.host, "Port": settings.port}
            if settings.modality is None
            else dict(self._orthanc.modality(settings.modality))
        )
        node["Timeout"] = settings.timeout_seconds
        if settings.local_aet:
            node["LocalAet"] = settings.local_aet
        make_known(self._orthanc, self._own_alias, node)
        with self._lock:
            self._is_known = True

    def _echo_own_node(self) -> None:
        """Under an alias for this once, so that what is being sent at the same time keeps its own."""
        alias = f"{self._alias}-test"
        settings = self._settings
        node: dict[str, object] = {"AET": settings.aet, "Host": settings.host, "Port": settings.port}
        if settings.local_aet:
            node["LocalAet"] = settings.local_aet
        make_known(self._orthanc, alias, node)
        try:
            self._orthanc.echo(alias, settings.timeout_seconds)
        finally:
            self._orthanc.remove_modality(alias)

    def _unknown(self, error: OrthancError) -> DestinationUnavailable:
        if error.status == 404:
            return DestinationUnavailable(
                f"Orthanc knows no modality {self._alias!r}: add it to Orthanc's configuration"
                " (DicomModalities), or correct the name"
            )
        return DestinationUnavailable(error.message)

    def _told(
        self, error: OrthancError, instances: Sequence[str]
    ) -> DestinationUnavailable | InstancesRefused:
        if error.status == 404:
            if self._alias not in self._orthanc.modalities():
                with self._lock:
                    self._is_known = False
                return self._unknown(error)
            return InstancesRefused("not in Orthanc any more")
        failure = understood(error.message)
        if not failure.refused:
            return DestinationUnavailable(failure.message)
        # Which of several it was is found by sending fewer; then its SOP class is worth telling.
        return InstancesRefused(
            failure.message + (self._sop_class(instances[0]) if len(instances) == 1 else "")
        )

    def _sop_class(self, instance: str) -> str:
        try:
            [content] = self._orthanc.bulk_content([instance])
        except (OrthancError, OrthancUnreachable, ValueError):
            return ""
        uid = content["Metadata"].get("SopClassUid", "")
        return f"; its SOP class is {named(uid)}" if uid else ""
