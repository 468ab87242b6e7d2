# SPDX-License-Identifier: GPL-3.0-or-later
"""Lossless encoders: each takes a frame and returns its compressed form (PS3.5, 8.2)."""

from typing import Final

import imagecodecs
import numpy
from pydicom import Dataset
from pydicom.pixels.encoders.base import get_encoder
from pydicom.uid import (
    UID,
    HTJ2KLossless,
    JPEG2000Lossless,
    JPEGLosslessSV1,
    JPEGLSLossless,
    RLELossless,
)

from router.transforms.pixels import Array
from router.transforms.untransformable import Untransformable

#: The lossless compressed transfer syntaxes.
LOSSLESS: Final = frozenset({RLELossless, JPEG2000Lossless, HTJ2KLossless, JPEGLSLossless, JPEGLosslessSV1})

#: These encode all allocated bits. BitsStored must then equal that of the codestream (PS3.5, 8.2).
WHOLE_BYTES: Final = frozenset({HTJ2KLossless, JPEGLSLossless})

_GREY = frozenset({"MONOCHROME1", "MONOCHROME2", "PALETTE COLOR"})
#: pydicom lets OpenJPEG make six resolutions, each half as large as the one before.
_FEWEST_FOR_SIX_RESOLUTIONS = 32
#: The size of a buffer: noise grows when compressed. Bytes for headers, and for each byte of a frame.
_HEADERS, _GROWTH = 1024, 2


def encoded(frame: Array, dataset: Dataset, wanted: UID) -> bytes:
    """Compress a little endian frame of (rows, columns, samples), without bits above BitsStored but the sign.

    `dataset` has its Image Pixel Module. Raises Untransformable, and what encoders raise.
    """
    photometric = str(dataset.PhotometricInterpretation)
    is_signed = dataset.get("PixelRepresentation") == 1
    stored, allocated = int(dataset.BitsStored), frame.dtype.itemsize * 8
    rows, columns, samples = frame.shape
    is_small = min(rows, columns) < _FEWEST_FOR_SIX_RESOLUTIONS
    if wanted == RLELossless or (wanted == JPEG2000Lossless and not is_small):
        made: bytes = get_encoder(wanted).encode(
            frame.tobytes(),
            rows=rows,
            columns=columns,
            number_of_frames=1,
            samples_per_pixel=samples,
            bits_allocated=allocated,
            bits_stored=stored,
            pixel_representation=int(is_signed),
            photometric_interpretation=photometric,
            planar_configuration=0,
        )
        return made
    if allocated > 16:
        raise Untransformable(f"It holds no pixels of {allocated} bits")
    if photometric not in ({"RGB"} if samples == 3 else _GREY):
        raise Untransformable(f"Colours in {photometric} are not encoded so")
    plain = numpy.ascontiguousarray(frame[..., 0] if samples == 1 else frame)
    numbers = plain.view(plain.dtype.str.replace("u", "i")) if is_signed else plain
    if wanted == JPEG2000Lossless:
        return bytes(
            imagecodecs.jpeg2k_encode(
                numbers, codecformat="j2k", reversible=True, bitspersample=stored, resolutions=1, mct=False
            )
        )
    if wanted == HTJ2KLossless:
        return bytes(imagecodecs.htj2k_encode(numbers, reversible=True, rgb=False))
    if wanted == JPEGLSLossless:
        return bytes(imagecodecs.jpegls_encode(plain, out=_HEADERS + _GROWTH * plain.nbytes))
    # JPEG has no signs: drop the bits above those stored. The highest stored bit restores them.
    bits = plain & plain.dtype.type((1 << stored) - 1)
    return bytes(imagecodecs.jpeg8_encode(bits, lossless=True, predictor=1, bitspersample=stored))
