# SPDX-License-Identifier: GPL-3.0-or-later
"""Where a file of an image goes, for the kinds that write files."""

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

#: Bytes at the beginning of a file in which its identity is looked for.
HEAD: Final = 1 << 20
#: Bytes of a name that file systems take.
_LONGEST_NAME: Final = 255

_IDENTITY: Final = ("PatientID", "StudyInstanceUID", "SeriesInstanceUID", "SOPInstanceUID")
#: SeriesInstanceUID, the last of them in a file.
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


#: What makes an image one and no other: the patient's identifier and the UIDs of study, series and instance.
Identity = tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Filed:
    """Where the file of an image goes."""

    #: From the uppermost down.
    folders: Sequence[str]
    #: The name of the file; and the one that it gets where another image has the first.
    names: tuple[str, str]
    #: None of an image that lacks one of its UIDs.
    identity: Identity | None

    def is_of_another(self, head: bytes) -> bool:
        """Whether a file that begins with this is another image, rather than an earlier state of this one. Of
        what is no image there is nothing to lose."""
        found = _identity(head)
        return found != self.identity if found is not None else head[128:132] == b"DICM"


class Filing:
    """Names files after the images in them."""

    def __init__(self, path: str, file_name: str) -> None:
        self._path = PathTemplate(path)
        self._file_name = PathTemplate(file_name)
        #: The folders that all files are in.
        self.fixed = self._path.fixed

    def place(self, file: bytes) -> Filed:
        """Where a file goes. Raises ImageRefused."""
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
    """Why an image gets neither name."""
    return ImageRefused(
        f"Other images have its names, {' and '.join(names)}: change the folder or the file name"
    )


def _identity(head: bytes) -> Identity | None:
    """What image a file is that begins with this; None where that cannot be told."""
    try:
        dataset = read_partial(io.BytesIO(head), lambda tag, _vr, _length: tag > _LAST)
        identity = tuple(str(dataset.get(tag, "")) for tag in _IDENTITY)
    except UNREADABLE:
        return None
    return identity if all(identity[1:]) else None


def _other_name(name: str, identity: Identity) -> str:
    """The same at every attempt, and another for each image."""
    stem, dot, ending = name.rpartition(".")
    if not stem or ending.isdecimal():  # the end of a UID
        stem, dot, ending = name, "", ""
    digest = hashlib.sha256("\0".join(identity).encode()).hexdigest()[:12]
    added = f"-{digest}{dot}{ending}"
    room = _LONGEST_NAME - len(added.encode())
    return stem.encode()[:room].decode(errors="ignore") + added


def draft_name(file: bytes) -> str:
    """The name under which a file is written before it gets its own.

    The same for the same content: what an interrupted attempt has left is taken up by the next one, and
    two that write it at once write the same.
    """
    return f".{hashlib.sha256(file).hexdigest()[:32]}.part"
