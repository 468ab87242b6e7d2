# SPDX-License-Identifier: GPL-3.0-or-later
"""Files are read and written as pydicom does it, without copies of the pixels."""

import io
from typing import Any

import pydicom
import pytest
from pydicom import FileDataset, dcmread
from pydicom.uid import UID, ExplicitVRLittleEndian, ImplicitVRLittleEndian

from router.transforms.reading import read
from router.transforms.writing import write
from samples import file_bytes, make_image, pydicom_charset_files, pydicom_images
from unit.transforms.transform_samples import transformer

FILES = dict([*pydicom_images(), *pydicom_charset_files()])


def as_pydicom_writes(dataset: FileDataset) -> bytes:
    written = io.BytesIO()
    pydicom.dcmwrite(written, dataset, enforce_file_format=True)
    return written.getvalue()


def after_file_meta(file: bytes) -> bytes:
    """All behind the file meta information, which begins with its own length (PS3.10, 7.1)."""
    return file[144 + int.from_bytes(file[140:144], "little") :]


def touched(dataset: FileDataset) -> FileDataset:
    """The same, with each value converted, as a change of it would do."""
    for _ in dataset.iterall():
        pass
    return dataset


@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize("name", FILES)
def test_the_bytes_are_those_of_pydicom(name: str) -> None:
    file = file_bytes(FILES[name])
    expected = after_file_meta(as_pydicom_writes(dcmread(io.BytesIO(file))))
    assert after_file_meta(write(read(file))) == expected
    expected = after_file_meta(as_pydicom_writes(touched(dcmread(io.BytesIO(file)))))
    assert after_file_meta(write(touched(read(file)))) == expected


@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize(
    "name", ["CT_small.dcm", "MR_small_implicit.dcm", "rtdose.dcm", "examples_overlay.dcm"]
)
def test_in_another_encoding_too(name: str) -> None:
    file = file_bytes(FILES[name])
    for syntax in (ImplicitVRLittleEndian, ExplicitVRLittleEndian):
        ours, theirs = read(file), dcmread(io.BytesIO(file))
        ours.file_meta.TransferSyntaxUID = theirs.file_meta.TransferSyntaxUID = syntax
        theirs["PixelData"].VR = "OW"
        assert after_file_meta(write(ours)) == after_file_meta(as_pydicom_writes(theirs))


def test_what_stands_behind_the_pixels_stays() -> None:
    image = make_image(DataSetTrailingPadding=b"1234")
    assert read(file_bytes(image)).DataSetTrailingPadding == b"1234"
    assert dcmread(io.BytesIO(write(read(file_bytes(image))))).DataSetTrailingPadding == b"1234"


@pytest.mark.parametrize("document", [{"anonymize": True}, {"replace": {"PatientID": "X"}}])
def test_the_file_says_what_has_written_it(document: dict[str, Any]) -> None:
    image = make_image()
    image.file_meta.ImplementationClassUID = UID("1.3.12.2.1107.5.999")
    image.file_meta.ImplementationVersionName = "HOSPITAL_CT1_SW"
    file = transformer(**document)(file_bytes(image))
    meta = dcmread(io.BytesIO(file)).file_meta
    assert meta.ImplementationClassUID.startswith("2.25.")
    assert meta.ImplementationVersionName == "ORTHANC_ROUTER"


def test_nothing_else_stands_before_a_data_set_without_identity() -> None:
    image = make_image()
    image.file_meta.SourceApplicationEntityTitle = "SECRET"
    image.file_meta.RTVMetaInformationVersion = b"\0\1"
    image.file_meta.PrivateInformationCreatorUID = UID("1.2.3")
    image.file_meta.PrivateInformation = b"SECRET"
    file = transformer(anonymize=True)(file_bytes(image))
    assert b"SECRET" not in file
    assert sorted(element.tag.element for element in dcmread(io.BytesIO(file)).file_meta) == [
        *(0x0000, 0x0001, 0x0002, 0x0003, 0x0010, 0x0012, 0x0013)
    ]
