# SPDX-License-Identifier: GPL-3.0-or-later
"""Transforms: the changes that an action makes to an image on its way. A file in, a file out."""

from router.transforms.burned_in import Withheld
from router.transforms.code_lists import CodeLists, key_of, parts_of
from router.transforms.codes import Unlisted
from router.transforms.devices import Devices
from router.transforms.encoding import encode
from router.transforms.left_identity import left_identity
from router.transforms.patient import identified_in
from router.transforms.pseudonyms import Pseudonyms
from router.transforms.transformer import Changed, Transformer, TransformError
from router.transforms.transforms import Transforms, check
from router.transforms.untransformable import Untransformable

__all__ = [
    "Changed",
    "CodeLists",
    "Devices",
    "Pseudonyms",
    "TransformError",
    "Transformer",
    "Transforms",
    "Unlisted",
    "Untransformable",
    "Withheld",
    "check",
    "encode",
    "identified_in",
    "key_of",
    "left_identity",
    "parts_of",
]
