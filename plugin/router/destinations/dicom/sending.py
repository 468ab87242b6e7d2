# SPDX-License-Identifier: GPL-3.0-or-later
"""Sends images over one association after the other, and knows of each image what has become of it."""

import threading
from collections import Counter
from collections.abc import Callable, Generator, Iterable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from dataclasses import dataclass, field
from itertools import islice
from typing import Final

from pydicom.uid import UID

from router.destinations.dicom.association import (
    Association,
    AssociationLost,
    Context,
    NoAnswer,
    NoAssociation,
)
from router.destinations.dicom.associations import Associations, Unencoded
from router.destinations.dicom.dicom_file import DicomFile
from router.destinations.dicom.experience import Experience
from router.destinations.dicom.failure import refusal, sop_class_not_taken
from router.destinations.dicom.node import Node
from router.destinations.kind import DestinationUnavailable
from router.destinations.one_by_one import contents
from router.destinations.outgoing import ImageGone, ImageRefused, Outgoing
from router.destinations.storage_status import DUPLICATE, is_stored, out_of_resources

#: So many answers in a row that it is out of resources, with none taken between, are believed.
_OUT_OF_RESOURCES: Final = 8
#: So many associations in a row that end before a single answer, and the node is left alone.
_LOSSES: Final = 3


@dataclass
class Report:
    """What has become of images, by Orthanc's identifier of each."""

    #: SOP Class and SOP Instance UID of what the node has.
    taken: dict[str, tuple[str, str]] = field(default_factory=dict)
    #: Why others were refused.
    refused: dict[str, str] = field(default_factory=dict)
    #: Those of them that are not in Orthanc any more.
    gone: set[str] = field(default_factory=set)
    #: Those of them that the node may take if they are written otherwise.
    unencoded: set[str] = field(default_factory=set)
    #: Images sent in another transfer syntax than they have, by both names and what else is to be said.
    encoded: Counter[tuple[str, ...]] = field(default_factory=Counter)
    #: Images of which the node says that it has them already.
    duplicates: int = 0
    #: Whether there was an image that had better be sent with the answer to each known.
    is_mixed: bool = False
    #: Why the rest was not sent.
    unavailable: str | None = None

    def count_encoded(self, file: DicomFile, sent: DicomFile) -> None:
        """An image was sent in another transfer syntax than it has."""
        self.encoded[UID(file.syntax).name, UID(sent.syntax).name, *sent.remarks] += 1

    @property
    def note(self) -> str | None:
        """What a person should know of it beside errors."""
        notes = [
            " ".join(
                [f"{count} sent as {to}, as the node does not take {source}", *map("({})".format, remarks)]
            )
            for (source, to, *remarks), count in self.encoded.items()
        ]
        if self.duplicates:
            notes.append(
                f"the node had {self.duplicates} already, by an earlier attempt or another way"
                " (status 0x0111)"
            )
        return "; ".join(notes) or None


class Sending:
    """Sends some images once."""

    def __init__(
        self,
        node: Node,
        experience: Experience,
        kinds: Mapping[str, Context],
        report: Report,
        *,
        offered: set[str],
        stopping: threading.Event,
    ) -> None:
        """`kinds` are the SOP class and transfer syntax of stored images, as far as known; `report` tells
        what the node has taken just now; `offered` are the images that it may have got besides."""
        self._node = node
        self._experience = experience
        self._kinds = kinds
        self._offered = offered
        self._report = report
        self._has_taken = bool(report.taken)
        self._stopping = stopping
        self._associations = Associations(node, experience, kinds)
        #: Images in a row that the node had no resources for.
        self._unresourced: list[str] = []
        #: Images in a row whose association has ended before they were answered for.
        self._losses = 0
        self._lost: list[Outgoing] = []
        self._ahead: Iterable[Outgoing] = ()
        self._out_of_resources = ""

    def send(self, images: Sequence[Outgoing]) -> None:
        """Send all that can be sent, and report the outcome, also where this is cut short."""
        ahead = sorted(images, key=self._comes_last)
        try:
            self._each(ahead)
            # One that ends the association whenever it is sent must not take others along.
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
            self._report.unavailable = str(error)
        finally:
            self._associations.end(Association.release)
        self._conclude()

    def _comes_last(self, image: Outgoing) -> tuple[bool, bool]:
        kind = self._kinds.get(image.instance)
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
                    self._report.gone.add(image.instance)
                    self._refuse(image, str(error))
                except ImageRefused as error:
                    self._refuse(image, str(error))

    def _offer(self, image: Outgoing, file: DicomFile) -> None:
        """Raises ImageRefused, NoAssociation, DestinationUnavailable."""
        association = self._association_for((file.sop_class, file.syntax), image)
        try:
            sent = self._associations.as_taken(file, association)
        except Unencoded:
            self._report.unencoded.add(image.instance)
            raise
        number = association.accepted[sent.sop_class, sent.syntax]
        try:
            status = association.store(sent.sop_class, sent.uid, number, sent.data_set)
        except AssociationLost as error:
            self._associations.end(Association.abort)
            self._report.is_mixed = True
            self._lose(image, error)
            return
        self._losses = 0
        self._report.is_mixed |= status != 0
        self._judge(image, file, status)
        if sent is not file and image.instance in self._report.taken:
            self._report.count_encoded(file, sent)

    def _judge(self, image: Outgoing, file: DicomFile, status: int) -> None:
        if status == DUPLICATE:
            if not self._may_be_there(image):
                self._experience.found_duplicate(image.instance)
                raise ImageRefused(
                    f"{refusal(status)}. It had it before this was sent for the first time, so it may be"
                    " another image: compare them"
                )
            self._report.duplicates += 1
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
        self._report.taken[image.instance] = (file.sop_class, file.uid)
        self._has_taken = True
        self._blame()
        self._experience.clear(image.instance)

    def _may_be_there(self, image: Outgoing) -> bool:
        if image.instance in self._offered:
            return True
        return image.may_be_there and not self._experience.is_duplicate(image.instance)

    def _blame(self) -> None:
        """Others were taken: it was these images."""
        for instance in self._unresourced:
            self._report.refused[instance] = self._out_of_resources
        self._experience.blame(self._unresourced)
        self._unresourced.clear()

    def _conclude(self) -> None:
        if self._unresourced and self._has_taken and self._report.unavailable is None:
            self._blame()
        elif self._unresourced:
            self._experience.doubt(self._unresourced)
            if self._report.unavailable is None:
                self._report.unavailable = self._out_of_resources

    def _refuse(self, image: Outgoing, reason: str) -> None:
        self._report.refused[image.instance] = reason
        self._experience.doubt([image.instance])

    def _lose(self, image: Outgoing, error: AssociationLost) -> None:
        """The association has ended while this image was sent, which may be there now."""
        self._offered.add(image.instance)
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
        """One in which this kind was proposed. Raises NoAssociation, ImageRefused."""
        try:
            return self._associations.for_kind(kind, image, self._ahead)
        except NoAssociation as error:
            if self._has_taken and error.is_rejection and not self._experience.takes(kind):
                # Some nodes accept no association in which there is nothing for them.
                raise ImageRefused(sop_class_not_taken(*kind)) from error
            raise


def _prepared(images: Sequence[Outgoing]) -> Generator[tuple[Outgoing, Callable[[], DicomFile]], None, None]:
    """Images, each with what gives its file or raises: the next one is read and changed while one is sent."""
    if len(images) == 1:
        yield images[0], lambda: file_of(images[0])
        return
    reader = ThreadPoolExecutor(1, "router-dicom-reader")
    try:
        ahead = reader.submit(file_of, images[0])
        for image, following in zip(images, [*images[1:], None], strict=True):
            current = ahead
            current.exception()  # read to its end before the next one begins
            if following is not None:
                ahead = reader.submit(file_of, following)
            yield image, current.result
            del current
    finally:
        reader.shutdown(cancel_futures=True)


def file_of(image: Outgoing) -> DicomFile:
    """The file of an image. Raises ImageRefused, DestinationUnavailable."""
    return DicomFile.of(contents(image))
