# SPDX-License-Identifier: GPL-3.0-or-later
"""Images for the tests: small ones made here, and the files that pydicom ships."""

import datetime
import io
import uuid
from collections.abc import Iterable, Iterator
from itertools import count
from pathlib import Path
from typing import Any

import pydicom.data
from pydicom import Dataset, FileDataset, dcmread
from pydicom.dataset import FileMetaDataset
from pydicom.errors import InvalidDicomError
from pydicom.tag import Tag
from pydicom.uid import (
    CTImageStorage,
    EnhancedSRStorage,
    ExplicitVRLittleEndian,
    MRImageStorage,
    SecondaryCaptureImageStorage,
    UltrasoundImageStorage,
    generate_uid,
)

SOP_CLASSES = {
    "CT": CTImageStorage,
    "MR": MRImageStorage,
    "US": UltrasoundImageStorage,
    "OT": SecondaryCaptureImageStorage,
    "SR": EnhancedSRStorage,
}

#: What no modality sends: explicit VR that is implicit, and a file cut off in the middle of an element.
_BROKEN = {"SC_rgb_jpeg.dcm", "rtplan_truncated.dcm"}

_numbers = count(1)


def unique(prefix: str = "T") -> str:
    """A short name that no other test has; behind a prefix of at most 7 letters, fit for an AE title."""
    return f"{prefix}{uuid.uuid4().hex[: max(8, 15 - len(prefix))]}".upper()


#: What nobody but a destination may learn: names and identifiers of the patients of all images made.
_patients: set[str] = {"Test^Person"}


def patients() -> frozenset[str]:
    """Names and identifiers of the patients of all images made so far, but for those that may be a word."""
    return frozenset(text for text in _patients if len(text) > 8 or "^" in text)


def make_image(
    modality: str = "CT", *, study: str = "", series: str = "", size: int = 512, **tags: Any
) -> FileDataset:
    """A small image of about `size` bytes of pixels, by default in a study and a series of its own.

    `tags` are keywords with their values; None leaves the tag out.
    """
    side = max(2, round((size / 2) ** 0.5))
    now = datetime.datetime.now(datetime.UTC)
    meta = FileMetaDataset()
    meta.MediaStorageSOPClassUID = SOP_CLASSES[modality]
    meta.MediaStorageSOPInstanceUID = generate_uid()
    meta.TransferSyntaxUID = ExplicitVRLittleEndian
    image = FileDataset("", {}, file_meta=meta, preamble=b"\0" * 128)
    image.SpecificCharacterSet = "ISO_IR 192"
    image.SOPClassUID = meta.MediaStorageSOPClassUID
    image.SOPInstanceUID = meta.MediaStorageSOPInstanceUID
    image.StudyInstanceUID = study or generate_uid()
    image.SeriesInstanceUID = series or generate_uid()
    image.StudyDate = image.SeriesDate = now.strftime("%Y%m%d")
    image.StudyTime = image.SeriesTime = now.strftime("%H%M%S")
    image.Modality = modality
    image.Manufacturer = "Test"
    image.StudyDescription = "Test study"
    image.SeriesDescription = "Test series"
    image.PatientName = "Test^Person"
    image.PatientID = "TEST"
    image.PatientBirthDate = "19700101"
    image.PatientSex = "O"
    image.AccessionNumber = "A1"
    image.StudyID = "1"
    image.SeriesNumber = 1
    image.InstanceNumber = next(_numbers)
    if modality != "SR":
        image.SamplesPerPixel = 1
        image.PhotometricInterpretation = "MONOCHROME2"
        image.Rows = image.Columns = side
        image.BitsAllocated = image.BitsStored = 16
        image.HighBit = 15
        image.PixelRepresentation = 0
        pixel = (int(image.InstanceNumber) % 65536).to_bytes(2, "little")
        image.PixelData = pixel * side * side
    for keyword, value in tags.items():
        if value is None:
            image.pop(keyword, None)
        else:
            setattr(image, keyword, value)
    _patients.update(str(image[name].value) for name in ("PatientName", "PatientID") if image.get(name))
    return image


def make_series(number: int, modality: str = "CT", *, study: str = "", **tags: Any) -> list[FileDataset]:
    """Images of one new series."""
    study, series = study or generate_uid(), generate_uid()
    return [make_image(modality, study=study, series=series, **tags) for _ in range(number)]


def file_bytes(image: Dataset) -> bytes:
    """The image as a DICOM file."""
    buffer = io.BytesIO()
    image.save_as(buffer, enforce_file_format=True)
    return buffer.getvalue()


def many_studies(studies: int, images: int, **tags: Any) -> Iterator[FileDataset]:
    """Small images of so many studies, made quickly: one image that becomes the next. The descriptions of the
    studies are `even` and `odd` in turn."""
    image = make_image(size=64, **tags)
    for number in range(studies):
        image.StudyInstanceUID, image.SeriesInstanceUID = generate_uid(), generate_uid()
        image.StudyDescription = "odd" if number % 2 else "even"
        for _ in range(images):
            image.SOPInstanceUID = image.file_meta.MediaStorageSOPInstanceUID = generate_uid()
            yield image


def write(images: Iterable[Dataset], folder: Path) -> list[Path]:
    """Write images as files below `folder`, named by their SOP Instance UIDs."""
    folder.mkdir(parents=True, exist_ok=True)
    paths = []
    for image in images:
        path = folder / f"{image.SOPInstanceUID}.dcm"
        image.save_as(path, enforce_file_format=True)
        paths.append(path)
    return paths


def uids(images: Iterable[Dataset]) -> list[str]:
    """Their SOP Instance UIDs."""
    return [str(image.SOPInstanceUID) for image in images]


def pydicom_file(name: str) -> FileDataset:
    """One of pydicom's own test files, with UIDs of its own so that it is new to any server."""
    path = pydicom.data.get_testdata_file(name, download=False)
    assert isinstance(path, str), f"pydicom does not ship {name}"
    return _renewed(dcmread(path))


def pydicom_charset_files() -> Iterator[tuple[str, FileDataset]]:
    """Pydicom's files of many character sets, by name, each with UIDs of its own."""
    for path in sorted(map(Path, pydicom.data.get_charset_files("*.dcm"))):
        yield path.name, _renewed(dcmread(path))


def pydicom_images() -> Iterator[tuple[str, FileDataset]]:
    """All files that pydicom ships which a modality could send, by name, each with UIDs of its own."""
    folder = Path(pydicom.data.__file__).parent / "test_files"
    for path in sorted(folder.glob("*.dcm")):
        if path.name in _BROKEN:
            continue
        try:
            image = dcmread(path)
        except (InvalidDicomError, AttributeError):
            continue
        if "SOPInstanceUID" in image and "TransferSyntaxUID" in image.file_meta:
            yield path.name, _renewed(image)


def _renewed(image: FileDataset) -> FileDataset:
    image.SOPInstanceUID = image.file_meta.MediaStorageSOPInstanceUID = generate_uid()
    if not image.get("SOPClassUID"):
        image.SOPClassUID = image.file_meta.MediaStorageSOPClassUID
    image.SeriesInstanceUID = generate_uid()
    image.StudyInstanceUID = generate_uid()
    return image


def differences(sent: FileDataset, arrived: Dataset) -> list[str]:
    """What a node changed that should only have passed an image on; empty where it is the same image.

    Not a difference: the padding at the end, one uncompressed transfer syntax for another (PS3.5, 10.1),
    and the VR of compressed pixels, which some files give as OW although it is always OB (PS3.5, A.4).
    """
    found = []
    before, after = sent.file_meta.TransferSyntaxUID, arrived.file_meta.TransferSyntaxUID
    if before != after and (before.is_encapsulated or after.is_encapsulated):
        found.append(f"transfer syntax {before.name} became {after.name}")
    sent = dcmread(io.BytesIO(file_bytes(sent)))
    for number in sorted({*sent.keys(), *arrived.keys()} - {_PADDING}):
        if number not in sent or number not in arrived:
            found.append(f"{number} is only in what {'arrived' if number in arrived else 'was sent'}")
        elif number == _PIXELS:
            if _little_endian(sent) != _little_endian(arrived):
                found.append(f"{number} has other pixels")
        elif sent[number] != arrived[number]:
            found.append(f"{number} was {sent[number].value!r}, is {arrived[number].value!r}")
    return found


_PADDING = Tag(0xFFFC, 0xFFFC)
_PIXELS = Tag(0x7FE0, 0x0010)


def _little_endian(image: Dataset) -> bytes:
    pixels = bytes(image.PixelData)
    syntax = image.file_meta.TransferSyntaxUID
    if syntax.is_little_endian or image["PixelData"].VR == "OB":
        return pixels
    return b"".join(pixels[at : at + 2][::-1] for at in range(0, len(pixels), 2))
