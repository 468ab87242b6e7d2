# SPDX-License-Identifier: GPL-3.0-or-later
"""What pydicom raises on bytes that make no sense as DICOM."""

import struct
import zlib
from typing import Final

from pydicom.errors import BytesLengthException, InvalidDicomError

UNREADABLE: Final = (
    InvalidDicomError,
    BytesLengthException,
    AttributeError,
    EOFError,
    LookupError,
    OSError,
    RuntimeError,
    TypeError,
    ValueError,
    struct.error,
    zlib.error,
)
