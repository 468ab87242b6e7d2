"""Transforms: what an action changes in an image on its way. A file in, a file out."""

from router.transforms.burned_in import Withheld
from router.transforms.encoding import encode
from router.transforms.left_identity import left_identity
from router.transforms.patient import identified_in
from router.transforms.pseudonyms import Pseudonyms
from router.transforms.transformer import Changed, Transformer, TransformError
from router.transforms.transforms import Transforms, check
from router.transforms.untransformable import Untransformable

__all__ = [
    "Changed",
    "Pseudonyms",
    "TransformError",
    "Transformer",
    "Transforms",
    "Untransformable",
    "Withheld",
    "check",
    "encode",
    "identified_in",
    "left_identity",
]
