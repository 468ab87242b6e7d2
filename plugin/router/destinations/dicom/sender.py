# SPDX-License-Identifier: GPL-3.0-or-later
"""Sends to a DICOM node: by Orthanc's own C-STORE where that tells enough, otherwise by the router's."""

import threading
import time
from collections.abc import Iterable, Mapping, Sequence
from contextlib import suppress
from typing import Any, Final

from pydicom.uid import ExplicitVRLittleEndian, ImplicitVRLittleEndian

from router.destinations.dicom.alias import Alias
from router.destinations.dicom.association import Association, AssociationLost, Context, NoAssociation
from router.destinations.dicom.batch import Batch
from router.destinations.dicom.committing import Committing, concluded
from router.destinations.dicom.experience import Experience
from router.destinations.dicom.failure import Failure, refusal, understood
from router.destinations.dicom.node import NodeLookup, unknown_alias
from router.destinations.dicom.sending import Sending
from router.destinations.dicom.settings import DicomSettings
from router.destinations.dicom.several import SeveralAssociations
from router.destinations.dicom.titles import OWN_TITLES, Titles, by_titles
from router.destinations.kind import (
    DestinationUnavailable,
    Installation,
)
from router.destinations.outgoing import Outgoing
from router.destinations.portions import PORTION
from router.destinations.spreading import Spreading
from router.destinations.storage_status import is_stored
from router.orthanc_api import OrthancError, OrthancUnreachable

#: Orthanc proposes these for every SOP class. Images of unknown syntax count as being in one of them.
_TOGETHER: Final = frozenset({ImplicitVRLittleEndian, ExplicitVRLittleEndian, ""})
_VERIFICATION: Final = ("1.2.840.10008.1.1", str(ImplicitVRLittleEndian))
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
        self._alias = Alias(own_name, settings, installation.orthanc)
        self._experience = Experience()
        self._spreading = Spreading(installation.connections)
        self._closing = threading.Event()
        self._committing = Committing(self._alias, settings, installation.orthanc, self._closing)

    def send(self, images: Sequence[Outgoing]) -> str | None:
        fresh = [image for image in images if not image.receipt]
        stored = self._stored(fresh)
        batch = Batch(_kinds(stored))
        if self._settings.passes_titles_on:
            self._send_by_titles(by_titles(fresh, stored, self._settings), batch)
        else:
            self._send_under_own(fresh, batch)
        if self._settings.storage_commitment:
            return self._committing.concluded(images, batch)
        return concluded(images, batch)

    def _send_under_own(self, fresh: Sequence[Outgoing], batch: Batch) -> None:
        """Send images under the destination's own AE titles. Raises DestinationUnavailable."""
        quick, slow = self._parted(fresh, batch.kinds)
        if self._spreading.is_worth_it and not self._experience.is_careful:
            quick, slow = self._send_over_several(quick, slow, batch)
        for sort in _sorts(quick, batch.kinds) if batch.unavailable is None else ():
            slow += self._send_by_orthanc(sort, batch)
            if batch.unavailable is not None:
                break
        if slow and batch.unavailable is None:
            self._send_ourselves(slow, batch)

    def _send_by_titles(self, groups: Mapping[Titles, list[Outgoing]], batch: Batch) -> None:
        """Send images under the AE titles of their senders, by associations of our own: Orthanc calls a node
        under one pair of titles.

        A node that rejects those of one sender may take the images of others. Raises DestinationUnavailable.
        """
        rejected: dict[str, str] = {}
        for titles, images in groups.items():
            left = images
            if self._spreading.is_worth_it and not self._experience.is_careful:
                untried, unclear = self._send_over_several(images, [], batch, titles)
                left = [*untried, *unclear]
            if left and batch.unavailable is None:
                self._send_ourselves(left, batch, titles)
            if batch.unavailable is None:
                continue
            if not batch.is_rejected:
                return
            not_taken = (one.instance for one in images if one.instance not in batch.taken)
            rejected |= dict.fromkeys(not_taken, batch.unavailable)
            batch.unavailable, batch.is_rejected = None, False
        if batch.taken:
            batch.refused = rejected | batch.refused
        elif rejected:
            batch.unavailable = next(iter(rejected.values()))

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

    def _stored(self, images: Sequence[Outgoing]) -> Mapping[str, Mapping[str, Any]]:
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
        batch: Batch,
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
        node = self._nodes.node(titles)
        several = SeveralAssociations(node, self._experience, batch, self._closing)
        untried, left = several.send(together, self._spreading)
        return (
            [one for one in untried if one.is_stored],
            [*left, *(one for one in untried if not one.is_stored), *rest],
        )

    def _send_by_orthanc(self, images: Sequence[Outgoing], batch: Batch) -> list[Outgoing]:
        """Let Orthanc send images; return those whose outcome is unknown."""
        for start in range(0, len(images), PORTION):
            portion = [image.instance for image in images[start : start + PORTION]]
            began = time.monotonic()
            try:
                failure = self._store(portion)
            except DestinationUnavailable as error:
                batch.unavailable = str(error)
                return []
            if failure is not None:
                self._experience.be_careful()
                # A single image answered with a failure is not at the node. Orthanc takes warnings for
                # failures.
                if len(portion) > 1 or failure.status is None or is_stored(failure.status):
                    batch.offered.update(portion)
                return list(images[start:])
            if time.monotonic() - began > _SLOW_SECONDS * len(portion):
                self._spreading.may_be_far()
            batch.taken |= {instance: (batch.kinds.get(instance, ("", ""))[0], "") for instance in portion}
        return []

    def _store(self, instances: Sequence[str]) -> Failure | None:
        """Let Orthanc send images; None where the node has taken all. Raises DestinationUnavailable."""
        options: dict[str, object] = {"Timeout": self._settings.timeout_seconds}
        if self._settings.local_aet:
            options["LocalAet"] = self._settings.local_aet
        try:
            self._alias.make_known()
            self._orthanc.store(self._alias.name, instances, options)
        except OrthancUnreachable as error:
            raise DestinationUnavailable(str(error)) from error
        except OrthancError as error:
            if error.status == 404 and self._alias.is_forgotten():
                raise unknown_alias(self._alias.name, error) from error
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
        batch: Batch,
        titles: Titles = OWN_TITLES,
    ) -> None:
        node = self._nodes.node(titles)
        Sending(node, self._experience, batch, self._closing).send(images)
        unencoded = [image for image in images if image.is_stored and image.instance in batch.unencoded]
        may_store = node.transcodes and titles == OWN_TITLES and batch.unavailable is None
        for image in unencoded if may_store else ():
            # Orthanc has other decoders, and reads big endian.
            with suppress(DestinationUnavailable):
                if self._store([image.instance]) is None:
                    del batch.refused[image.instance]
                    batch.taken[image.instance] = (batch.kinds.get(image.instance, ("", ""))[0], "")
        if batch.unavailable is None and not batch.is_mixed:
            self._experience.all_well()


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
