# SPDX-License-Identifier: GPL-3.0-or-later
"""The values that templates take from an image."""

import io
from typing import Protocol

import pydicom
from pydicom import Dataset

from router.rules import Reading
from router.rules.tag_path import parse_tag
from router.unreadable import UNREADABLE


class NotDicom(Exception):  # noqa: N818 - it reads as what it says
    """The file is not readable as DICOM."""


class Tags(Protocol):
    """Values by tag, written as in rules. A mapping of keywords to texts is a valid implementation."""

    def get(self, key: str, default: str, /) -> str:
        """The value as shown to people; `default` where the tag is absent or empty."""
        ...


class DatasetTags:
    """The tags of a data set, each read on request.

    Values are Unicode without padding. Dates and names are as DICOM writes them (the filters `date` and
    `name` make them readable). Several values are joined by `separator`.
    """

    def __init__(self, dataset: Dataset, separator: str = ", ") -> None:
        self._reading = Reading.of_dataset(dataset, {})
        self._separator = separator

    def get(self, key: str, default: str, /) -> str:
        """See Tags. Raises Unfit for an invalid tag."""
        found = self._reading.found(parse_tag(key))
        if found is None or not found.values:
            return default
        return self._separator.join(_shown(value) for value in found.values)


class FileTags(DatasetTags):
    """The tags of a DICOM file, as `DatasetTags` gives them."""

    def __init__(self, file: bytes, separator: str = ", ") -> None:
        """Raises NotDicom."""
        try:
            dataset = pydicom.dcmread(io.BytesIO(file), stop_before_pixels=True)
        except UNREADABLE as error:
            raise NotDicom(f"The image cannot be read as DICOM ({type(error).__name__})") from error
        super().__init__(dataset, separator)


def _shown(value: object) -> str:
    # A trailing caret is an empty component. DICOM allows it, but people do not want to see it.
    text = str(value)
    return text.rstrip("^") if "^" in text else text
