# SPDX-License-Identifier: GPL-3.0-or-later
"""What comes before an image's pixels is read alone."""

import io
import os

import pydicom
import pytest
from pydicom.uid import DeflatedExplicitVRLittleEndian

from router.orthanc_api import OrthancError
from router.templates import FileTags, NotDicom, header_of
from samples import file_bytes, make_image
from servers.orthanc_in_memory import OrthancInMemory


def large(**tags: str) -> bytes:
    """A file of more than 2 MB."""
    image = make_image(StudyDescription="CHEST")
    for tag, value in tags.items():
        setattr(image, tag, value)
    image.PixelData = bytes(2_000_000)
    return file_bytes(image)


class WithoutWhole(OrthancInMemory):
    """Gives no whole files."""

    def file(self, instance: str) -> bytes:
        raise AssertionError(f"{instance} is read whole")


def test_the_pixels_of_a_large_file_are_left_out() -> None:
    file = large()
    header = header_of(WithoutWhole(files={"image": file}), "image")
    assert len(header) < 10_000
    assert file.startswith(header)
    read, whole = pydicom.dcmread(io.BytesIO(header)), pydicom.dcmread(io.BytesIO(file))
    del whole.PixelData
    assert read == whole


def test_a_small_file_is_given_as_it_is() -> None:
    file = file_bytes(make_image())
    assert header_of(WithoutWhole(files={"image": file}), "image") == file


@pytest.mark.parametrize("tags", [{"PatientComments": "x" * 60_000}, {}])
def test_where_the_pixels_are_not_found_the_whole_file_is(tags: dict[str, str]) -> None:
    file = large(**tags) if tags else b"no DICOM " * 200_000
    header = header_of(OrthancInMemory(files={"image": file}), "image")
    assert header == file if not tags else file.startswith(header)


def deflated() -> bytes:
    dataset = pydicom.dcmread(io.BytesIO(large()))
    dataset.PixelData = os.urandom(2_000_000)
    dataset.file_meta.TransferSyntaxUID = DeflatedExplicitVRLittleEndian
    file = io.BytesIO()
    pydicom.dcmwrite(file, dataset)
    return file.getvalue()


def test_a_deflated_file_is_whole() -> None:
    file = deflated()
    assert header_of(OrthancInMemory(files={"image": file}), "image") == file


def test_one_that_is_cut_off_cannot_be_read() -> None:
    with pytest.raises(NotDicom):
        FileTags(deflated()[: 1 << 20])


def test_what_is_gone_is_told() -> None:
    with pytest.raises(OrthancError) as told:
        header_of(OrthancInMemory(), "image")
    assert told.value.status == 404
