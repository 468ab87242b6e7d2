# SPDX-License-Identifier: GPL-3.0-or-later
"""Sends images over one association after the other, and finds out what became of each image."""

import threading
from collections.abc import Callable, Generator, Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from itertools import islice
from typing import Final

from router.destinations.dicom.association import (
    Association,
    AssociationLost,
    Context,
    NoAnswer,
    NoAssociation,
)
from router.destinations.dicom.associations import Associations, Unencoded
from router.destinations.dicom.batch import Batch
from router.destinations.dicom.dicom_file import DicomFile
from router.destinations.dicom.experience import Experience
from router.destinations.dicom.failure import refusal, sop_class_not_taken
from router.destinations.dicom.node import Node
from router.destinations.kind import DestinationUnavailable
from router.destinations.one_by_one import contents
from router.destinations.outgoing import ImageGone, ImageRefused, Outgoing
from router.destinations.storage_status import DUPLICATE, is_stored, out_of_resources

#: The node is unavailable after this many answers in a row that it is out of resources, none taken between.
_OUT_OF_RESOURCES: Final = 8
#: The node is unavailable after this many associations in a row that ended before an answer.
_LOSSES: Final = 3


class Sending:
    """Sends some images once."""

    def __init__(self, node: Node, experience: Experience, batch: Batch, stopping: threading.Event) -> None:
        """`batch` is told what becomes of its images."""
        self._node = node
        self._experience = experience
        self._batch = batch
        self._has_taken = bool(batch.taken)
        self._stopping = stopping
        self._associations = Associations(node, experience, batch.kinds)
        #: Images in a row that the node had no resources for.
        self._unresourced: list[str] = []
        #: How many associations in a row were lost; all images that were being sent when one was lost.
        self._losses = 0
        self._lost: list[Outgoing] = []
        self._ahead: Iterable[Outgoing] = ()
        self._out_of_resources = ""

    def send(self, images: Sequence[Outgoing]) -> None:
        """Send as many images as possible, and report the outcome, even where this stops early."""
        ahead = sorted(images, key=self._comes_last)
        try:
            self._each(ahead)
            # An image that ends the association each time must not affect others, so each goes alone.
            lost, self._lost = self._lost, []
            for image in lost:
                self._associations.end(Association.release)
                self._losses = 0
                self._each([image])
                if self._lost:
                    self._lost.clear()
                    self._refuse(
                        image, "The node has broken off whenever it was sent this image: see its log"
                    )
        except (DestinationUnavailable, NoAssociation) as error:
            self._batch.unavailable = str(error)
            self._batch.is_rejected = isinstance(error, NoAssociation) and error.is_rejection
        finally:
            self._associations.end(Association.release)
        self._conclude()

    def _comes_last(self, image: Outgoing) -> tuple[bool, bool]:
        kind = self._batch.kinds.get(image.instance)
        return (
            kind is not None and not self._experience.takes(kind),
            self._experience.suspects(image.instance),
        )

    def _each(self, images: Sequence[Outgoing]) -> None:
        with closing(_prepared(images)) as prepared:
            for number, (image, file) in enumerate(prepared):
                self._ahead = islice(images, number, None)
                if self._stopping.is_set():
                    raise DestinationUnavailable("The router is being stopped")
                try:
                    self._offer(image, file())
                except ImageGone as error:
                    self._batch.gone.add(image.instance)
                    self._refuse(image, str(error))
                except ImageRefused as error:
                    self._refuse(image, str(error))

    def _offer(self, image: Outgoing, file: DicomFile) -> None:
        """Raises ImageRefused, NoAssociation, DestinationUnavailable."""
        association = self._association_for((file.sop_class, file.syntax), image)
        try:
            sent = self._associations.as_taken(file, association)
        except Unencoded:
            self._batch.unencoded.add(image.instance)
            raise
        number = association.accepted[sent.sop_class, sent.syntax]
        try:
            status = association.store(sent.sop_class, sent.uid, number, sent.data_set)
        except AssociationLost as error:
            self._associations.end(Association.abort)
            self._batch.is_mixed = True
            self._lose(image, error)
            return
        self._losses = 0
        self._batch.is_mixed |= status != 0
        self._judge(image, file, status)
        if sent is not file and image.instance in self._batch.taken:
            self._batch.count_encoded(file, sent)

    def _judge(self, image: Outgoing, file: DicomFile, status: int) -> None:
        if status == DUPLICATE:
            if not self._may_be_there(image):
                self._experience.found_duplicate(image.instance)
                raise ImageRefused(
                    f"{refusal(status)}. It had it before this was sent for the first time, so it may be"
                    " another image: compare them"
                )
            self._batch.duplicates += 1
        elif out_of_resources(status):
            if self._experience.blames(image.instance):
                raise ImageRefused(refusal(status))
            self._unresourced.append(image.instance)
            self._out_of_resources = refusal(status)
            if len(self._unresourced) >= _OUT_OF_RESOURCES:
                raise DestinationUnavailable(self._out_of_resources)
            return
        elif not is_stored(status):
            raise ImageRefused(refusal(status))
        self._batch.taken[image.instance] = (file.sop_class, file.uid)
        self._has_taken = True
        self._blame()
        self._experience.clear(image.instance)

    def _may_be_there(self, image: Outgoing) -> bool:
        if image.instance in self._batch.offered:
            return True
        return image.may_be_there and not self._experience.is_duplicate(image.instance)

    def _blame(self) -> None:
        """Refuse the images that the node had no resources for, because it has taken others."""
        for instance in self._unresourced:
            self._batch.refused[instance] = self._out_of_resources
        self._experience.blame(self._unresourced)
        self._unresourced.clear()

    def _conclude(self) -> None:
        if self._unresourced and self._has_taken and self._batch.unavailable is None:
            self._blame()
        elif self._unresourced:
            self._experience.doubt(self._unresourced)
            if self._batch.unavailable is None:
                self._batch.unavailable = self._out_of_resources

    def _refuse(self, image: Outgoing, reason: str) -> None:
        self._batch.refused[image.instance] = reason
        self._experience.doubt([image.instance])

    def _lose(self, image: Outgoing, error: AssociationLost) -> None:
        """Note that the association ended while this image was sent; the node may have it now.

        Raises ImageRefused where the image is the cause, DestinationUnavailable where the node is.
        """
        self._batch.offered.add(image.instance)
        if self._experience.blames(image.instance):
            raise ImageRefused(f"{error}, as before when it was sent this image: see its log") from error
        if isinstance(error, NoAnswer):
            self._experience.doubt([image.instance])
            raise DestinationUnavailable(str(error)) from error
        self._lost.append(image)
        self._losses += 1
        if self._losses >= _LOSSES:
            self._experience.doubt(one.instance for one in self._lost)
            raise DestinationUnavailable(str(error)) from error

    def _association_for(self, kind: Context, image: Outgoing) -> Association:
        """Return an association in which this kind was proposed. Raises NoAssociation, ImageRefused."""
        try:
            return self._associations.for_kind(kind, image, self._ahead)
        except NoAssociation as error:
            if self._has_taken and error.is_rejection and not self._experience.takes(kind):
                # Some nodes reject an association in which they accept nothing.
                raise ImageRefused(sop_class_not_taken(*kind)) from error
            raise


def _prepared(images: Sequence[Outgoing]) -> Generator[tuple[Outgoing, Callable[[], DicomFile]], None, None]:
    """Yield images, each with a function that returns its file or raises. Reads one image ahead."""
    if len(images) == 1:
        yield images[0], lambda: file_of(images[0])
        return
    reader = ThreadPoolExecutor(1, "router-dicom-reader")
    try:
        ahead = reader.submit(file_of, images[0])
        for image, following in zip(images, [*images[1:], None], strict=True):
            current = ahead
            current.exception()  # wait for its end before the next one begins
            if following is not None:
                ahead = reader.submit(file_of, following)
            yield image, current.result
            del current
    finally:
        reader.shutdown(cancel_futures=True)


def file_of(image: Outgoing) -> DicomFile:
    """Read the file of an image. Raises ImageRefused, DestinationUnavailable."""
    return DicomFile.of(contents(image))
