# SPDX-License-Identifier: GPL-3.0-or-later
"""Known attributes that come as UN, as old archives write them (PS3.5, 6.2.2)."""

import io
import subprocess
from pathlib import Path

import pytest
from pydicom import Dataset, FileDataset, dcmread
from pydicom.filebase import DicomBytesIO
from pydicom.filewriter import write_sequence_item
from pydicom.sequence import Sequence

from router.transforms import Pseudonyms
from samples import file_bytes, make_image
from unit.transforms.transform_samples import KEY, transformer

_LIMIT = 0x10000


@pytest.fixture(params=[100, _LIMIT, 3 * _LIMIT], ids=lambda size: f"{size} bytes")
def file(request: pytest.FixtureRequest) -> bytes:
    """An image with a sequence of so many bytes and more that came as UN, in implicit VR as it has to be."""
    image = make_image()
    image.RequestAttributesSequence = Sequence()
    item = Dataset()
    item.RequestedProcedureDescription = "For Jane Doe"
    item.StudyInstanceUID = image.StudyInstanceUID
    inner = Dataset()
    inner.CodeMeaning, inner.CodeValue, inner.CodingSchemeDesignator = "Jane Doe", "1", "99DOE"
    item.RequestedProcedureCodeSequence = Sequence([inner])
    buffer = DicomBytesIO()
    buffer.is_implicit_VR, buffer.is_little_endian = True, True
    while buffer.tell() < request.param:
        write_sequence_item(buffer, item, ["utf8"])
    value = buffer.getvalue()
    written = file_bytes(image)
    empty = b"\x40\x00\x75\x02SQ" + bytes(6)
    assert written.count(empty) == 1
    return written.replace(empty, empty[:4] + b"UN\0\0" + len(value).to_bytes(4, "little") + value)


def dumped(file: bytes, folder: Path) -> str:
    """All of the file as dcmtk sees it, with sequences that are UN read as such."""
    path = folder / "image.dcm"
    path.write_bytes(file)
    return subprocess.run(
        ["dcmdump", "+uc", path], check=True, capture_output=True, text=True, errors="replace"
    ).stdout


def read_sequence(file: bytes) -> list[FileDataset]:
    return list(dcmread(io.BytesIO(file)).RequestAttributesSequence)


def test_nobody_is_left_in_them(file: bytes, tmp_path: Path) -> None:
    assert "Doe" in dumped(file, tmp_path)
    result = transformer(anonymize=True)(file)
    assert "Doe" not in dumped(result, tmp_path)
    assert b"Doe" not in result


def test_what_is_inside_can_be_changed_like_all_else(file: bytes) -> None:
    document = {"RequestAttributesSequence.RequestedProcedureDescription": "new"}
    result = transformer(replace=document, uids="regenerate")(file)
    source = dcmread(io.BytesIO(file)).StudyInstanceUID
    for item in read_sequence(result):
        assert item.RequestedProcedureDescription == "new"
        assert item.StudyInstanceUID == Pseudonyms(KEY).uid(source)
