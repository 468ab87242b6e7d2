# SPDX-License-Identifier: GPL-3.0-or-later
"""A DICOM file (PS3.10, 7) to be sent to a node: its data set as it is, or in another encoding."""

import io
from dataclasses import dataclass
from functools import cached_property

import pydicom
from pydicom.filereader import read_partial
from pydicom.tag import Tag
from pydicom.uid import UID, DeflatedExplicitVRLittleEndian

from router.destinations.outgoing import ImageRefused
from router.transforms import Untransformable, encode
from router.unreadable import UNREADABLE

#: The bytes of preamble, prefix, and the element with the length of the other meta information.
_META_START = 128 + 4 + 12
#: The last element that is read, in the order of a data set.
_SOP_INSTANCE_UID = Tag("SOPInstanceUID")


@dataclass(frozen=True)
class DicomFile:
    """A file in memory."""

    content: bytes
    sop_class: str
    uid: str
    syntax: str
    #: What a person should know about its encoding.
    remarks: tuple[str, ...] = ()

    @classmethod
    def of(cls, content: bytes) -> "DicomFile":
        """Make one from the bytes of a file; reads only the beginning. Raises ImageRefused."""
        try:
            start = read_partial(io.BytesIO(content), lambda tag, _vr, _length: tag > _SOP_INSTANCE_UID)
            return cls(
                content,
                str(start.SOPClassUID),
                str(start.SOPInstanceUID),
                str(start.file_meta.TransferSyntaxUID),
            )
        except UNREADABLE as error:
            raise ImageRefused(f"It cannot be read as a DICOM file ({type(error).__name__})") from error

    @cached_property
    def data_set(self) -> memoryview:
        """The data set as in the file; a deflated one gets the padding byte that it may lack (PS3.5, A.5)."""
        file = io.BytesIO(self.content)
        meta = read_partial(file, lambda _tag, _vr, _length: True).file_meta
        length = meta.get("FileMetaInformationGroupLength")
        # Some files lack the length; pydicom has read a deflated data set to its end by now.
        start = file.tell() if length is None else _META_START + length
        data_set = memoryview(self.content)[start:]
        is_padded = self.syntax != DeflatedExplicitVRLittleEndian or len(data_set) % 2 == 0
        return data_set if is_padded else memoryview(bytes(data_set) + b"\0")

    def encoded(self, syntax: str) -> "DicomFile":
        """Return the same image in an uncompressed transfer syntax. Decompresses its pixels.

        Raises ImageRefused.
        """
        try:
            dataset = pydicom.dcmread(io.BytesIO(self.content))
            remarks = encode(dataset, [UID(syntax)])
            written = io.BytesIO()
            pydicom.dcmwrite(written, dataset, enforce_file_format=True)
        except Untransformable as error:
            raise ImageRefused(str(error)) from error
        except UNREADABLE as error:
            raise ImageRefused(
                f"It cannot be brought to the transfer syntax {UID(syntax).name} ({type(error).__name__})"
            ) from error
        return DicomFile(written.getvalue(), self.sop_class, self.uid, syntax, tuple(remarks))
