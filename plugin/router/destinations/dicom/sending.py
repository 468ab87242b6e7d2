"""Sends images over one association after the other, and knows of each image what has become of it."""

import threading
from collections import Counter
from collections.abc import Callable, Generator, Iterable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing, suppress
from dataclasses import dataclass, field
from itertools import islice
from typing import Final

from pydicom.uid import UID, ExplicitVRLittleEndian, ImplicitVRLittleEndian

from router.destinations.dicom.association import (
    MOST_CONTEXTS,
    Association,
    AssociationLost,
    Context,
    NoAnswer,
    NoAssociation,
)
from router.destinations.dicom.dicom_file import DicomFile
from router.destinations.dicom.experience import Experience
from router.destinations.dicom.node import Node
from router.destinations.dicom_failure import (
    UNCOMPRESSED_SYNTAXES,
    refusal,
    sop_class_not_taken,
    syntax_not_taken,
)
from router.destinations.kind import DestinationUnavailable
from router.destinations.one_by_one import contents
from router.destinations.outgoing import ImageGone, ImageRefused, Outgoing
from router.destinations.storage_status import DUPLICATE, is_stored, out_of_resources

#: What every node takes an image in, if it takes it uncompressed (PS3.5, 10.1), the more telling one first.
_UNCOMPRESSED: Final = (str(ExplicitVRLittleEndian), str(ImplicitVRLittleEndian))
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
        self._association: Association | None = None
        self._proposed: set[Context] = set()
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
                self._end(Association.release)
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
            self._end(Association.release)
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
        sent = self._as_taken(image, file, association)
        number = association.accepted[sent.sop_class, sent.syntax]
        if len(sent.data_set) % 2:
            self._report.unencoded.add(image.instance)
            raise ImageRefused("It is no valid DICOM: its data set has an odd number of bytes")
        try:
            status = association.store(sent.sop_class, sent.uid, number, sent.data_set)
        except AssociationLost as error:
            self._end(Association.abort)
            self._report.is_mixed = True
            self._lose(image, error)
            return
        self._losses = 0
        self._report.is_mixed |= status != 0
        self._judge(image, file, status)
        if sent is not file and image.instance in self._report.taken:
            self._report.encoded[UID(file.syntax).name, UID(sent.syntax).name, *sent.remarks] += 1

    def _as_taken(self, image: Outgoing, file: DicomFile, association: Association) -> DicomFile:
        """The file in a transfer syntax that the node has accepted. Raises ImageRefused."""
        kind = (file.sop_class, file.syntax)
        if kind in association.accepted:
            self._experience.taken(kind)
            return file
        self._experience.not_taken(kind)
        for syntax in _UNCOMPRESSED:
            if (file.sop_class, syntax) in association.accepted:
                try:
                    return file.encoded(syntax)
                except ImageRefused as error:
                    self._report.unencoded.add(image.instance)
                    raise ImageRefused(f"{syntax_not_taken(file.syntax)}; {error}") from error
        if any(sop_class == file.sop_class for sop_class, _ in association.accepted):
            raise ImageRefused(syntax_not_taken(file.syntax))
        raise ImageRefused(sop_class_not_taken(file.sop_class, file.syntax))

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
        if self._association is not None and kind in self._proposed:
            return self._association
        self._end(Association.release)
        contexts = self._contexts(kind, image)
        try:
            self._association = Association(self._node, contexts)
        except NoAssociation as error:
            if self._has_taken and error.is_rejection and not self._experience.takes(kind):
                # Some nodes accept no association in which there is nothing for them.
                raise ImageRefused(sop_class_not_taken(*kind)) from error
            raise
        self._proposed = set(contexts)
        return self._association

    def _contexts(self, first: Context, image: Outgoing) -> list[Context]:
        """What to propose: the kind that is sent first, and those that are expected to follow."""
        expected = [self._kinds[one.instance] for one in self._ahead if one.instance in self._kinds]
        changed = self._kinds.get(image.instance, first)[1]
        # Where the syntax of this one was changed, that of others was too.
        kinds = [
            first,
            *((sop_class, first[1] if syntax == changed else syntax) for sop_class, syntax in expected),
        ]
        contexts: dict[Context, None] = {}
        for sop_class, syntax in dict.fromkeys(kinds):
            takes_others = self._node.transcodes or syntax in UNCOMPRESSED_SYNTAXES
            syntaxes = [syntax, *(_UNCOMPRESSED if takes_others else ())]
            wanted = contexts | dict.fromkeys((sop_class, one) for one in syntaxes)
            if len(wanted) <= MOST_CONTEXTS:
                contexts = wanted
        return list(contexts)

    def _end(self, how: Callable[[Association], None]) -> None:
        if self._association is not None:
            association, self._association = self._association, None
            with suppress(AssociationLost):
                how(association)


def _prepared(images: Sequence[Outgoing]) -> Generator[tuple[Outgoing, Callable[[], DicomFile]], None, None]:
    """Images, each with what gives its file or raises: the next one is read and changed while one is sent."""
    if len(images) == 1:
        yield images[0], lambda: _read(images[0])
        return
    reader = ThreadPoolExecutor(1, "router-dicom-reader")
    try:
        ahead = reader.submit(_read, images[0])
        for image, following in zip(images, [*images[1:], None], strict=True):
            current = ahead
            current.exception()  # read to its end before the next one begins
            if following is not None:
                ahead = reader.submit(_read, following)
            yield image, current.result
            del current
    finally:
        reader.shutdown(cancel_futures=True)


def _read(image: Outgoing) -> DicomFile:
    return DicomFile.of(contents(image))
