# SPDX-License-Identifier: GPL-3.0-or-later
"""Sends images over several associations at once, to a node that is far away or slow to answer.

This leaves hard cases to `sending`: an image that the node does not report as stored is left to it. `sending`
sends one image after the other, and finds out what becomes of each.
"""

import threading
from collections.abc import Sequence

from router.destinations.dicom.association import (
    Association,
    AssociationLost,
    NoAnswer,
    NoAssociation,
)
from router.destinations.dicom.associations import Associations
from router.destinations.dicom.batch import Batch
from router.destinations.dicom.dicom_file import DicomFile
from router.destinations.dicom.experience import Experience
from router.destinations.dicom.node import Node
from router.destinations.dicom.sending import file_of
from router.destinations.kind import DestinationUnavailable
from router.destinations.outgoing import ImageRefused, Outgoing
from router.destinations.spreading import Spread, Spreading
from router.destinations.storage_status import is_stored, out_of_resources


class SeveralAssociations:
    """Sends some images once."""

    def __init__(self, node: Node, experience: Experience, batch: Batch, stopping: threading.Event) -> None:
        """The arguments are those of `router.destinations.dicom.sending.Sending`."""
        self._node = node
        self._experience = experience
        self._batch = batch
        self._stopping = stopping
        self._lock = threading.Lock()
        self._images: Sequence[Outgoing] = ()
        self._left: list[Outgoing] = []

    def send(self, images: Sequence[Outgoing], spreading: Spreading) -> tuple[list[Outgoing], list[Outgoing]]:
        """Send images, and report those that the node has taken. Return those not tried, and those whose
        outcome is to be found out.

        Only a few are sent to a node that is near: Orthanc, and `sending`, which reads ahead, are quicker.
        """
        self._images = images
        untried = Spread(spreading, images, self._over_one, ends_when_near=True).run()
        return untried, self._left

    def _over_one(self, spread: Spread[Outgoing]) -> None:
        associations = Associations(self._node, self._experience, self._batch.kinds)
        try:
            while (image := spread.take()) is not None:
                if self._stopping.is_set():
                    spread.stop()
                    self._leave(image)
                    return
                if not self._offer(image, associations, spread):
                    return
        finally:
            associations.end(Association.release)

    def _offer(self, image: Outgoing, associations: Associations, spread: Spread[Outgoing]) -> bool:
        """Send an image over this connection; return whether the connection can be used further."""
        size = 0
        try:
            file = file_of(image)
            association = associations.for_kind((file.sop_class, file.syntax), image, self._images)
            sent = associations.as_taken(file, association)
            number = association.accepted[sent.sop_class, sent.syntax]
            size = len(sent.data_set)
            status = association.store(sent.sop_class, sent.uid, number, sent.data_set)
        except ImageRefused:
            self._leave(image)
        except DestinationUnavailable:  # it is Orthanc that is away
            self._leave(image)
            spread.stop()
            return False
        except NoAssociation as error:
            if not spread.not_borne(image):
                self._leave(image)
                spread.stop()
                if not self._batch.taken:
                    self._batch.unavailable = str(error)
                    self._batch.is_rejected = error.is_rejection
            return False
        except AssociationLost as error:
            associations.end(Association.abort)
            self._lose(image)
            if not spread.lost():
                spread.stop()
                if isinstance(error, NoAnswer):
                    self._experience.doubt([image.instance])
                    self._batch.unavailable = str(error)
            return False
        else:
            if is_stored(status):
                self._taken(image, file, sent)
            else:
                self._leave(image)
                if out_of_resources(status):
                    spread.stop()
        spread.done(size)
        return True

    def _taken(self, image: Outgoing, file: DicomFile, sent: DicomFile) -> None:
        with self._lock:
            self._batch.taken[image.instance] = (file.sop_class, file.uid)
            if sent is not file:
                self._batch.count_encoded(file, sent)
        self._experience.clear(image.instance)

    def _lose(self, image: Outgoing) -> None:
        """Leave an image whose association ended while it was sent; the node may have it now."""
        with self._lock:
            self._batch.offered.add(image.instance)
        self._leave(image)

    def _leave(self, image: Outgoing) -> None:
        with self._lock:
            self._left.append(image)
