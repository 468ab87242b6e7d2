# SPDX-License-Identifier: GPL-3.0-or-later
"""The associations of one thread with a node, one at a time, and the encoding of what is sent over them."""

from collections.abc import Callable, Iterable, Mapping
from contextlib import suppress
from typing import Final

from pydicom.uid import ExplicitVRLittleEndian, ImplicitVRLittleEndian

from router.destinations.dicom.association import MOST_CONTEXTS, Association, AssociationLost, Context
from router.destinations.dicom.dicom_file import DicomFile
from router.destinations.dicom.experience import Experience
from router.destinations.dicom.failure import UNCOMPRESSED_SYNTAXES, sop_class_not_taken, syntax_not_taken
from router.destinations.dicom.node import Node
from router.destinations.outgoing import ImageRefused, Outgoing

#: The transfer syntaxes for nodes that take an image uncompressed (PS3.5, 10.1), the one with VRs first.
_UNCOMPRESSED: Final = (str(ExplicitVRLittleEndian), str(ImplicitVRLittleEndian))


class Unencoded(ImageRefused):
    """The node may take the image in another encoding."""


class Associations:
    """Opens an association when one is needed, and keeps it while it suits the images to send."""

    def __init__(self, node: Node, experience: Experience, kinds: Mapping[str, Context]) -> None:
        """`kinds`: the SOP class and transfer syntax of stored images, as far as known."""
        self._node = node
        self._experience = experience
        self._kinds = kinds
        self._association: Association | None = None
        self._proposed: set[Context] = set()

    def for_kind(self, kind: Context, image: Outgoing, ahead: Iterable[Outgoing]) -> Association:
        """Return an association in which this kind was proposed; a new one also proposes those of the images
        ahead. Raises NoAssociation."""
        if self._association is not None and kind in self._proposed:
            return self._association
        self.end(Association.release)
        contexts = self._contexts(kind, image, ahead)
        self._association = Association(self._node, contexts)
        self._proposed = set(contexts)
        return self._association

    def as_taken(self, file: DicomFile, association: Association) -> DicomFile:
        """Return the file in a transfer syntax that the node has accepted. Raises ImageRefused."""
        kind = (file.sop_class, file.syntax)
        if kind in association.accepted:
            self._experience.taken(kind)
            return _whole(file)
        self._experience.not_taken(kind)
        for syntax in _UNCOMPRESSED:
            if (file.sop_class, syntax) in association.accepted:
                try:
                    return _whole(file.encoded(syntax))
                except Unencoded:
                    raise
                except ImageRefused as error:
                    raise Unencoded(f"{syntax_not_taken(file.syntax)}; {error}") from error
        if any(sop_class == file.sop_class for sop_class, _ in association.accepted):
            raise ImageRefused(syntax_not_taken(file.syntax))
        raise ImageRefused(sop_class_not_taken(file.sop_class, file.syntax))

    def end(self, how: Callable[[Association], None]) -> None:
        """End the open association, if any, with `how`."""
        if self._association is not None:
            association, self._association = self._association, None
            with suppress(AssociationLost):
                how(association)

    def _contexts(self, first: Context, image: Outgoing, ahead: Iterable[Outgoing]) -> list[Context]:
        """Return the contexts to propose: for the kind sent first, and for those expected to follow."""
        expected = [self._kinds[one.instance] for one in ahead if one.instance in self._kinds]
        changed = self._kinds.get(image.instance, first)[1]
        # Where the syntax of this image was changed, that of the others was too.
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


def _whole(file: DicomFile) -> DicomFile:
    """Return the file, if its data set can be sent at all. Raises Unencoded where it cannot."""
    if len(file.data_set) % 2:
        raise Unencoded("It is no valid DICOM: its data set has an odd number of bytes")
    return file
