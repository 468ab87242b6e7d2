# SPDX-License-Identifier: GPL-3.0-or-later
"""The folder and name of an image's file, for the kinds that write files."""

import hashlib
import io
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Annotated, Final

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, model_validator
from pydicom.filereader import read_partial

from router.destinations.outgoing import ImageRefused
from router.templates import FileTags, NotDicom, PathTemplate, TemplateError
from router.unreadable import UNREADABLE

#: Bytes at the beginning of a file in which the router looks for its identity.
HEAD: Final = 1 << 20
#: The most bytes of a file name.
_LONGEST_NAME: Final = 255

_IDENTITY: Final = ("PatientID", "StudyInstanceUID", "SeriesInstanceUID", "SOPInstanceUID")
#: SeriesInstanceUID, which comes last of them in a file.
_LAST: Final = 0x0020000E


def _checked(text: str) -> str:
    PathTemplate(text)
    return text


PathText = Annotated[str, AfterValidator(_checked)]


class FilingSettings(BaseModel):
    """The settings of a kind that writes files."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    path: PathText = Field(
        default="",
        title="Folder",
        description="A template: {{ PatientID }}/{{ StudyDate }}. Folders that are missing are made",
        max_length=4096,
    )
    file_name: PathText = Field(
        default="{{ SOPInstanceUID }}.dcm",
        title="File name",
        description="A template",
        min_length=1,
        max_length=4096,
    )

    @model_validator(mode="after")
    def _keeps_images_apart(self) -> "FilingSettings":
        if "/" in self.file_name:
            raise ValueError("file_name is the name of a file; folders go into path")
        used = PathTemplate(self.path).tags | PathTemplate(self.file_name).tags
        if "SOPInstanceUID" not in used:
            raise ValueError(
                "file_name (or path) must have {{ SOPInstanceUID }} in it, or images would replace each other"
            )
        return self


#: Identifies an image: the patient's identifier and the UIDs of study, series and instance.
Identity = tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Filed:
    """The folder and names for the file of an image."""

    #: From the top down.
    folders: Sequence[str]
    #: The name of the file, and the name it gets instead where another image has the first.
    names: tuple[str, str]
    #: None for an image that lacks one of its UIDs.
    identity: Identity | None

    def is_of_another(self, head: bytes) -> bool:
        """Whether a file with this beginning holds another image, rather than an earlier state of this one.

        False for a file that is not DICOM: it may be replaced. True for DICOM without a readable identity.
        """
        found = _identity(head)
        return found != self.identity if found is not None else head[128:132] == b"DICM"


class Filing:
    """Names files after the images in them."""

    def __init__(self, path: str, file_name: str) -> None:
        self._path = PathTemplate(path)
        self._file_name = PathTemplate(file_name)
        #: The folders that are the same for all files.
        self.fixed = self._path.fixed

    def place(self, file: bytes) -> Filed:
        """Return where a file goes. Raises ImageRefused where its path cannot be made."""
        try:
            tags = FileTags(file)
            folders, name = self._path.render(tags), "".join(self._file_name.render(tags))
        except NotDicom as error:
            raise ImageRefused(str(error)) from error
        except TemplateError as error:
            raise ImageRefused(f"Its path cannot be told: {error}") from error
        identity = _identity(file)
        return Filed(folders, (name, _other_name(name, identity or (draft_name(file),))), identity)


def already_there(names: tuple[str, str]) -> ImageRefused:
    """Return the error for an image whose two names are both taken."""
    return ImageRefused(
        f"Other images have its names, {' and '.join(names)}: change the folder or the file name"
    )


def _identity(head: bytes) -> Identity | None:
    """Return the identity of the image in a file with this beginning; None where it cannot be read."""
    try:
        dataset = read_partial(io.BytesIO(head), lambda tag, _vr, _length: tag > _LAST)
        identity = tuple(str(dataset.get(tag, "")) for tag in _IDENTITY)
    except UNREADABLE:
        return None
    return identity if all(identity[1:]) else None


def _other_name(name: str, identity: Identity) -> str:
    """Return a second name: the same at each attempt, and different for each image."""
    stem, dot, ending = name.rpartition(".")
    if not stem or ending.isdecimal():  # the end of a UID
        stem, dot, ending = name, "", ""
    digest = hashlib.sha256("\0".join(identity).encode()).hexdigest()[:12]
    added = f"-{digest}{dot}{ending}"
    room = _LONGEST_NAME - len(added.encode())
    return stem.encode()[:room].decode(errors="ignore") + added


def draft_name(file: bytes) -> str:
    """Return the name of the file while it is being written.

    It is the same for the same content. So the next attempt continues the file of an interrupted one, and two
    writers at the same time write the same bytes.
    """
    return f".{hashlib.sha256(file).hexdigest()[:32]}.part"
