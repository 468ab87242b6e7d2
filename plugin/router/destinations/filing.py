"""Where a file of an image goes, for the kinds that write files."""

import hashlib
from typing import Annotated

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, model_validator

from router.destinations.outgoing import ImageRefused
from router.templates import FileTags, NotDicom, PathTemplate, TemplateError


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


class Filing:
    """Names files after the images in them."""

    def __init__(self, path: str, file_name: str) -> None:
        self._path = PathTemplate(path)
        self._file_name = PathTemplate(file_name)
        #: The folders that all files are in.
        self.fixed = self._path.fixed

    def place(self, file: bytes) -> tuple[list[str], str]:
        """The folders from the uppermost down, and the file's name. Raises ImageRefused."""
        try:
            tags = FileTags(file)
            return self._path.render(tags), "".join(self._file_name.render(tags))
        except NotDicom as error:
            raise ImageRefused(str(error)) from error
        except TemplateError as error:
            raise ImageRefused(f"Its path cannot be told: {error}") from error


def draft_name(file: bytes) -> str:
    """The name under which a file is written before it gets its own.

    The same for the same content: what an interrupted attempt has left is taken up by the next one, and
    two that write it at once write the same.
    """
    return f".{hashlib.sha256(file).hexdigest()[:32]}.part"
