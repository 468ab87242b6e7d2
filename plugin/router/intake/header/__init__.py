# SPDX-License-Identifier: GPL-3.0-or-later
"""Reads the tags that policies ask for from the header of a DICOM file (PS3.10, PS3.5 7.1), as it comes in.

Everything else is passed over without being kept, so that memory does not grow with the file. Headers of the
same series are mostly equal, and equal ones are kept once.
"""

from router.intake.header.kept import Header
from router.intake.header.reading import read_header
from router.intake.header.source import Odd, Read
from router.intake.header.wanted import Wanted, wanted

__all__ = ["Header", "Odd", "Read", "Wanted", "read_header", "wanted"]
