# SPDX-License-Identifier: GPL-3.0-or-later
"""Whom stored studies are of, as one image of each says."""

import pytest
from pydicom import Dataset
from pydicom.sequence import Sequence

from router.administration.key_table import StoredPatients
from samples import file_bytes, make_image
from servers.orthanc_in_memory import OrthancInMemory


def archive(*images: Dataset | bytes) -> OrthancInMemory:
    """One study for each image."""
    contents: dict[str, dict[str, str]] = {}
    for number in range(len(images)):
        contents[f"series-{number}"] = {"ParentStudy": f"study-{number}"}
        contents[f"image-{number}"] = {"ParentSeries": f"series-{number}"}
    files = {
        f"image-{number}": image if isinstance(image, bytes) else file_bytes(image)
        for number, image in enumerate(images)
    }
    return OrthancInMemory(contents=contents, files=files)


def long_before_the_patient() -> Dataset:
    """So many references that the patient is not in the first part of the file."""
    image = make_image(PatientID="77", IssuerOfPatientID="A")
    reference = Dataset()
    reference.ReferencedSOPInstanceUID = "1.2." + "3" * 50
    image.ReferencedImageSequence = Sequence([reference] * 2000)
    return image


def by_universal_identifier() -> Dataset:
    image = make_image(PatientID="77")
    qualifiers = Dataset()
    qualifiers.UniversalEntityID = "1.2.3"
    image.IssuerOfPatientIDQualifiersSequence = Sequence([qualifiers])
    return image


@pytest.mark.parametrize(
    ("image", "patient"),
    [
        (make_image(PatientID="077 ", IssuerOfPatientID="A"), ("077", "A")),
        (make_image(PatientID="Müller"), ("Müller", "")),
        (make_image(PatientID=None), ("", "")),
        (long_before_the_patient(), ("77", "A")),
        (by_universal_identifier(), ("77", "1.2.3")),
        (b"no DICOM", ("", "")),
    ],
)
def test_it_is_told_with_the_issuer(image: Dataset | bytes, patient: tuple[str, str]) -> None:
    assert StoredPatients(archive(image)).of(["study-0"]) == [patient]


def test_a_study_that_is_gone_has_none() -> None:
    assert StoredPatients(archive(make_image(PatientID="1"))).of(["gone", "study-0"]) == [
        ("", ""),
        ("1", ""),
    ]
