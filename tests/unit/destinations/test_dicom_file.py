# SPDX-License-Identifier: GPL-3.0-or-later
"""Other encodings of a file on its way to a node, judged by dcmtk."""

import pytest
from pydicom.uid import UID, ExplicitVRLittleEndian, ImplicitVRLittleEndian

from big_endian import big_endian_files, converted, dumped
from router.destinations.dicom.dicom_file import DicomFile

FILES = big_endian_files()


@pytest.mark.parametrize("name", FILES)
@pytest.mark.parametrize(
    ("syntax", "option"), [(ExplicitVRLittleEndian, "+te"), (ImplicitVRLittleEndian, "+ti")]
)
def test_big_endian_becomes_little_endian_as_dcmtk_makes_it(name: str, syntax: UID, option: str) -> None:
    made = DicomFile.of(FILES[name]).encoded(str(syntax))
    assert dumped(made.content) == dumped(converted(FILES[name], option))
