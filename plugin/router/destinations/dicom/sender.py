# SPDX-License-Identifier: GPL-3.0-or-later
"""Sends to a DICOM node: by Orthanc's own C-STORE where that tells enough, otherwise by the router's."""

import threading
import time
from collections.abc import Iterable, Mapping, Sequence
from contextlib import suppress
from typing import Any, Final

from pydicom.uid import ExplicitVRLittleEndian, ImplicitVRLittleEndian

from router.destinations.dicom.association import Association, AssociationLost, Context, NoAssociation
from router.destinations.dicom.experience import Experience
from router.destinations.dicom.failure import Failure, refusal, understood
from router.destinations.dicom.node import NodeLookup, unknown_alias
from router.destinations.dicom.sending import Report, Sending
from router.destinations.dicom.settings import DicomSettings
from router.destinations.dicom.several import SeveralAssociations
from router.destinations.dicom.storage_commitment import Commitments, Found, Receipt, look_again_seconds
from router.destinations.dicom.titles import OWN_TITLES, Titles, by_titles
from router.destinations.kind import (
    DestinationUnavailable,
    Installation,
    InstancesRefused,
    Unconfirmed,
)
from router.destinations.outgoing import Outgoing
from router.destinations.own_modalities import make_known
from router.destinations.portions import PORTION
from router.destinations.spreading import Spreading
from router.destinations.storage_status import is_stored
from router.orthanc_api import OrthancError, OrthancUnreachable

#: Orthanc proposes these for every SOP class. Images of unknown syntax count as being in one of them.
_TOGETHER: Final = frozenset({ImplicitVRLittleEndian, ExplicitVRLittleEndian, ""})
_VERIFICATION: Final = ("1.2.840.10008.1.1", str(ImplicitVRLittleEndian))
#: How long to wait for a node that may commit at once; how often to look meanwhile.
_QUICK_SECONDS: Final = 1.0
_LOOK_SECONDS: Final = 0.1
#: With fewer images than this, more than one association is not worth it.
_SEVERAL: Final = 5
#: Where Orthanc takes longer than this for an image, the node may be far away.
_SLOW_SECONDS: Final = 0.03


class DicomSender:
    """Sends to one node.

    Images that Orthanc stores are sent by `POST /modalities/{alias}/store`. This is quickest, but stops at
    the first image that the node does not take, without saying which. Associations of our own carry images
    that Orthanc could not send or the node has lately not taken, and changed images. Where a node is far away
    and the destination sets no number, several associations are used at once.
    """

    def __init__(self, own_name: str, settings: DicomSettings, installation: Installation) -> None:
        self._settings = settings
        self._nodes = NodeLookup(settings, installation)
        self._orthanc = installation.orthanc
        self._own_alias = own_name
        self._alias = settings.modality or self._own_alias
        self._experience = Experience()
        self._spreading = Spreading(installation.connections)
        self._lock = threading.Lock()
        self._is_known = False
        self._closing = threading.Event()

    def send(self, images: Sequence[Outgoing]) -> str | None:
        fresh = [image for image in images if not image.receipt]
        contents = self._contents(fresh)
        kinds = _kinds(contents)
        report = Report()
        if self._settings.passes_titles_on:
            self._send_by_titles(by_titles(fresh, contents, self._settings), kinds, report)
        else:
            self._send_under_own(fresh, kinds, report)
        return self._concluded(images, report)

    def _send_under_own(
        self, fresh: Sequence[Outgoing], kinds: Mapping[str, Context], report: Report
    ) -> None:
        """Send images under the destination's own AE titles. Raises DestinationUnavailable."""
        offered: set[str] = set()
        quick, slow = self._parted(fresh, kinds)
        if self._spreading.is_worth_it and not self._experience.is_careful:
            quick, slow = self._send_over_several(quick, slow, kinds, report, offered)
        for sort in _sorts(quick, kinds) if report.unavailable is None else ():
            slow += self._send_by_orthanc(sort, kinds, report, offered)
            if report.unavailable is not None:
                break
        if slow and report.unavailable is None:
            self._send_ourselves(slow, kinds, report, offered)

    def _send_by_titles(
        self, groups: Mapping[Titles, list[Outgoing]], kinds: Mapping[str, Context], report: Report
    ) -> None:
        """Send images under the AE titles of their senders, by associations of our own: Orthanc calls a node
        under one pair of titles.

        A node that rejects those of one sender may take the images of others. Raises DestinationUnavailable.
        """
        offered: set[str] = set()
        rejected: dict[str, str] = {}
        for titles, group in groups.items():
            images = group
            if self._spreading.is_worth_it and not self._experience.is_careful:
                untried, left = self._send_over_several(images, [], kinds, report, offered, titles)
                images = [*untried, *left]
            if images and report.unavailable is None:
                self._send_ourselves(images, kinds, report, offered, titles)
            if report.unavailable is not None:
                if not report.is_rejected:
                    return
                open_ones = (one.instance for one in images if one.instance not in report.taken)
                rejected |= dict.fromkeys(open_ones, report.unavailable)
                report.unavailable = None
        if report.taken:
            report.refused = rejected | report.refused
        elif rejected:
            report.unavailable = next(iter(rejected.values()))

    def test(self) -> str:
        try:
            association = Association(self._nodes.node(), [_VERIFICATION])
        except NoAssociation as error:
            raise DestinationUnavailable(str(error)) from error
        try:
            number = association.accepted.get(_VERIFICATION)
            # Some nodes accept images only, and no C-ECHO.
            status = 0 if number is None else association.echo(number)
        except AssociationLost as error:
            raise DestinationUnavailable(str(error)) from error
        finally:
            association.release()
        if status:
            raise DestinationUnavailable(refusal(status))
        return "The node has answered the C-ECHO." if number else "The node has accepted an association."

    def close(self) -> None:
        """End waits for a commitment. Keeps the alias: a later revision of the destination, which may be open
        already, has the same."""
        self._closing.set()

    def _contents(self, images: Sequence[Outgoing]) -> Mapping[str, Mapping[str, Any]]:
        """Return what Orthanc's database has of the images that it stores, where that matters."""
        if len(images) == 1 and self._experience.is_blank and not self._settings.passes_titles_on:
            return {}
        try:
            found = self._orthanc.bulk_content([image.instance for image in images])
        except (OrthancError, OrthancUnreachable) as error:
            raise DestinationUnavailable(str(error)) from error
        return {content["ID"]: content for content in found}

    def _parted(
        self, images: Sequence[Outgoing], kinds: Mapping[str, Context]
    ) -> tuple[list[Outgoing], list[Outgoing]]:
        """Return the images for Orthanc to send, and those for us. A single image takes us half the time:
        Orthanc 1.10 proposes some 120 presentation contexts for it."""
        if len(images) == 1 or self._experience.is_careful:
            return [], list(images)
        quick: list[Outgoing] = []
        slow: list[Outgoing] = []
        for image in images:
            kind = kinds.get(image.instance)
            is_quick = (
                image.is_stored
                and not self._experience.suspects(image.instance)
                and (kind is None or self._experience.takes(kind))
            )
            (quick if is_quick else slow).append(image)
        return quick, slow

    def _send_over_several(
        self,
        quick: list[Outgoing],
        slow: list[Outgoing],
        kinds: Mapping[str, Context],
        report: Report,
        offered: set[str],
        titles: Titles = OWN_TITLES,
    ) -> tuple[list[Outgoing], list[Outgoing]]:
        """Send images over several associations at once, if the node is far away.

        Returns the images left for Orthanc to send, and those that we send one after the other. Raises
        DestinationUnavailable.
        """
        changed: list[Outgoing] = []
        rest: list[Outgoing] = []
        for image in slow:
            is_new = not image.is_stored and not self._experience.suspects(image.instance)
            (changed if is_new else rest).append(image)
        together = [*quick, *changed]
        if len(together) < _SEVERAL:
            return quick, slow
        several = SeveralAssociations(
            self._nodes.node(titles),
            self._experience,
            kinds,
            report,
            offered=offered,
            stopping=self._closing,
        )
        untried, left = several.send(together, self._spreading)
        return (
            [one for one in untried if one.is_stored],
            [*left, *(one for one in untried if not one.is_stored), *rest],
        )

    def _send_by_orthanc(
        self,
        images: Sequence[Outgoing],
        kinds: Mapping[str, Context],
        report: Report,
        offered: set[str],
    ) -> list[Outgoing]:
        """Let Orthanc send images; return those whose outcome is unknown."""
        for start in range(0, len(images), PORTION):
            portion = [image.instance for image in images[start : start + PORTION]]
            began = time.monotonic()
            try:
                failure = self._store(portion)
            except DestinationUnavailable as error:
                report.unavailable = str(error)
                return []
            if failure is not None:
                self._experience.be_careful()
                # A single image answered with a failure is not at the node. Orthanc takes warnings for
                # failures.
                if len(portion) > 1 or failure.status is None or is_stored(failure.status):
                    offered.update(portion)
                return list(images[start:])
            if time.monotonic() - began > _SLOW_SECONDS * len(portion):
                self._spreading.may_be_far()
            report.taken |= {instance: (kinds.get(instance, ("", ""))[0], "") for instance in portion}
        return []

    def _store(self, instances: Sequence[str]) -> Failure | None:
        """Let Orthanc send images; None where the node has taken all. Raises DestinationUnavailable."""
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
            if error.status == 404 and self._alias not in self._orthanc.modalities():
                with self._lock:
                    self._is_known = False
                raise unknown_alias(self._alias, error) from error
            failure = understood(error.message, error.dimse_status)
            if failure.is_absence:
                # An image may be the cause.
                self._experience.be_careful()
                raise DestinationUnavailable(failure.message) from error
            return failure
        return None

    def _send_ourselves(
        self,
        images: Sequence[Outgoing],
        kinds: Mapping[str, Context],
        report: Report,
        offered: set[str],
        titles: Titles = OWN_TITLES,
    ) -> None:
        node = self._nodes.node(titles)
        sending = Sending(
            node,
            self._experience,
            kinds,
            report,
            offered=offered,
            stopping=self._closing,
        )
        sending.send(images)
        unencoded = [image for image in images if image.is_stored and image.instance in report.unencoded]
        may_store = node.transcodes and titles == OWN_TITLES and report.unavailable is None
        for image in unencoded if may_store else ():
            # Orthanc has other decoders, and reads big endian.
            with suppress(DestinationUnavailable):
                if self._store([image.instance]) is None:
                    del report.refused[image.instance]
                    report.taken[image.instance] = (kinds.get(image.instance, ("", ""))[0], "")
        if report.unavailable is None and not report.is_mixed:
            self._experience.all_well()

    def _concluded(self, images: Sequence[Outgoing], report: Report) -> str | None:
        """Return the note, or raise InstancesRefused, DestinationUnavailable or Unconfirmed."""
        if self._settings.storage_commitment:
            return self._committed(images, report)
        refused = report.refused
        arrived = [one.instance for one in images if one.instance in report.taken]
        if report.unavailable is not None:
            raise DestinationUnavailable(report.unavailable, arrived)
        if refused:
            raise InstancesRefused(
                f"{len(refused)} of {len(images)} refused", refused, arrived, report.gone, report.note
            )
        return report.note

    def _committed(self, images: Sequence[Outgoing], report: Report) -> str | None:
        """Do as `_concluded`, but count images as arrived only once the node has committed to them."""
        taken_at = time.time()
        receipts = {one.instance: Receipt.read(one.receipt) for one in images if one.receipt} | {
            instance: Receipt(*uids, taken_at) for instance, uids in self._with_uids(report.taken).items()
        }
        try:
            found = self._found(receipts, waits=bool(report.taken))
        except DestinationUnavailable as error:
            # The next attempt asks about what was taken.
            texts = {instance: str(receipt) for instance, receipt in receipts.items()}
            raise Unconfirmed(str(error), texts, report.refused, (), 0, str(error)) from error
        refused = report.refused | found.refused
        arrived = [*found.committed, *found.accepted]
        if found.receipts:
            raise Unconfirmed(
                f"The node has taken the images, and has yet to commit to keep {len(found.receipts)} of them",
                {instance: str(receipt) for instance, receipt in found.receipts.items()},
                refused,
                arrived,
                look_again_seconds([found.receipts[instance] for instance in found.pending]),
                report.unavailable,
            )
        if report.unavailable is not None:
            raise DestinationUnavailable(report.unavailable, arrived)
        if refused:
            raise InstancesRefused(
                f"{len(refused)} of {len(images)} refused", refused, arrived, report.gone, report.note
            )
        if found.accepted:
            return f"The node has not committed to keep {len(found.accepted)} of the images"
        return report.note

    def _found(self, receipts: Mapping[str, Receipt], waits: bool) -> Found:
        """Return the state of images that the node has taken. `waits`: wait a moment for it to commit."""
        if not receipts:
            return Found()
        self._ensure_known()
        settings = self._settings
        commitments = Commitments(
            self._orthanc,
            self._alias,
            settings.timeout_seconds,
            settings.commitment_seconds,
            settings.commitment_overdue,
        )
        found = commitments.look(receipts)
        deadline = time.monotonic() + (_QUICK_SECONDS if waits else 0.0)
        while found.pending and time.monotonic() < deadline and not self._closing.wait(_LOOK_SECONDS):
            later = commitments.look({one: found.receipts.pop(one) for one in found.pending})
            found.committed += later.committed
            found.accepted += later.accepted
            found.refused |= later.refused
            found.receipts |= later.receipts
        return found

    def _ensure_known(self) -> None:
        """Make our alias known where the destination has one. Raises DestinationUnavailable."""
        try:
            if self._settings.modality is None:
                self._make_known()
        except OrthancUnreachable as error:
            raise DestinationUnavailable(str(error)) from error
        except OrthancError as error:
            raise unknown_alias(self._alias, error) from error

    def _with_uids(self, taken: Mapping[str, tuple[str, str]]) -> dict[str, tuple[str, str]]:
        """Add the UIDs of images that Orthanc sent, from its database."""
        missing = [instance for instance, (sop_class, uid) in taken.items() if not (sop_class and uid)]
        try:
            found = self._orthanc.bulk_content(missing)
        except (OrthancError, OrthancUnreachable) as error:
            raise DestinationUnavailable(str(error)) from error
        return {instance: uids for instance, uids in taken.items() if all(uids)} | {
            content["ID"]: (
                content["Metadata"].get("SopClassUid", ""),
                content["MainDicomTags"]["SOPInstanceUID"],
            )
            for content in found
        }

    def _make_known(self) -> None:
        """Make an alias of our own for a node that Orthanc's configuration does not name.

        Raises OrthancError, OrthancUnreachable.
        """
        with self._lock:
            if self._is_known:
                return
        make_known(self._orthanc, self._own_alias, self._settings.entry())
        with self._lock:
            self._is_known = True


def _kinds(contents: Mapping[str, Mapping[str, Any]]) -> dict[str, Context]:
    """Return SOP class and transfer syntax of images, where Orthanc knows them."""
    return {
        instance: (metadata["SopClassUid"], metadata["TransferSyntax"])
        for instance, content in contents.items()
        if {"SopClassUid", "TransferSyntax"} <= (metadata := content["Metadata"]).keys()
    }


def _sorts(images: Iterable[Outgoing], kinds: Mapping[str, Context]) -> list[list[Outgoing]]:
    """Group images for Orthanc: compressed ones by SOP class and transfer syntax, all others together.

    Where an association has a SOP class with one transfer syntax, Orthanc 1.12 proposes no other, and
    decompresses images in another.
    """
    sorts: dict[Context, list[Outgoing]] = {}
    for image in images:
        sop_class, syntax = kinds.get(image.instance, ("", ""))
        sorts.setdefault(("", "") if syntax in _TOGETHER else (sop_class, syntax), []).append(image)
    return list(sorts.values())
