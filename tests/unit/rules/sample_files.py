# SPDX-License-Identifier: GPL-3.0-or-later
"""The DICOM files that come with pydicom: of many devices and character sets, and broken ones."""

from pathlib import Path

import pydicom.data
from pydicom import dcmread
from pydicom.errors import InvalidDicomError

_FOLDER = Path(pydicom.data.__file__).parent


def sample_paths() -> list[Path]:
    """Every file that has a data set in it, however broken."""
    folders = (_FOLDER / "test_files", _FOLDER / "charset_files")
    paths = sorted(path for folder in folders for path in folder.rglob("*"))
    return [path for path in paths if path.is_file() and _has_dataset(path)]


def _has_dataset(path: Path) -> bool:
    try:
        return len(dcmread(path, force=path.suffix == ".dcm")) > 0
    except (InvalidDicomError, EOFError, OSError):
        return False
