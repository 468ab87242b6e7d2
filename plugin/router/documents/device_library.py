# SPDX-License-Identifier: GPL-3.0-or-later
"""The library of devices that write into their pixels, and where. All policies share it."""

from typing import Self

from pydantic import Field, model_validator

from router.documents.document import Comment, Document, Instant
from router.documents.transform import Redaction


class DeviceLibraryDraft(Document):
    """The library as people write and exchange it. An entry applies to the images that fulfil its conditions:
    ManufacturerModelName, SoftwareVersions, Rows and the like."""

    redactions: list[Redaction] = Field(max_length=1000)
    comment: Comment = ""

    @model_validator(mode="after")
    def _has_names(self) -> Self:
        names = [redaction.name.strip().casefold() for redaction in self.redactions]
        if "" in names:
            raise ValueError(f"redactions[{names.index('')}] needs a name: of the device, say")
        for index, name in enumerate(names):
            if name in names[:index]:
                raise ValueError(f"redactions[{index}] has the name of another")
        return self


class DeviceLibrary(DeviceLibraryDraft):
    """One save of the library; revision 0 is the empty library before the first save."""

    revision: int = Field(ge=0)
    updated_at: Instant | None = None
    updated_by: str = ""
