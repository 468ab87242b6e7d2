# SPDX-License-Identifier: GPL-3.0-or-later
"""Transforms to test, and images to change."""

import io
import re
from typing import Any

from pydicom import Dataset, FileDataset, dcmread

from router.documents.transform import Transform
from router.transforms import Pseudonyms, Transformer
from samples import file_bytes

KEY = bytes(range(32))


def transformer(key: bytes = KEY, **document: Any) -> Transformer:
    """The transform of a policy document."""
    return Transformer(Transform.model_validate(document), Pseudonyms(key))


def changed(image: FileDataset, **document: Any) -> FileDataset:
    """What a transform makes of an image."""
    return read(transformer(**document)(file_bytes(image)))


def read(file: bytes) -> FileDataset:
    """A file that a transform has made."""
    return dcmread(io.BytesIO(file))


def item(**tags: Any) -> Dataset:
    """An item of a sequence."""
    made = Dataset()
    for keyword, value in tags.items():
        setattr(made, keyword, value)
    return made


def without_made_up_uids(content: object) -> str:
    """The content as text, without UIDs that a transform has made: any number may be in them."""
    return re.sub(r"2\.25\.\d+", "", str(content))
