"""Which tags Orthanc's database tells without reading a file (Orthanc Book, "Main DICOM tags")."""

from collections.abc import Mapping
from typing import Any

from pydicom.datadict import dictionary_VR, keyword_for_tag
from pydicom.tag import Tag

#: What Orthanc below 1.11 keeps; from then on `/system` tells it (`MainDicomTags`).
_ORTHANC_1_10 = frozenset(
    """
    PatientName PatientBirthDate PatientSex OtherPatientIDs PatientID
    StudyDate StudyTime StudyID StudyDescription AccessionNumber StudyInstanceUID
    RequestedProcedureDescription InstitutionName RequestingPhysician ReferringPhysicianName
    SeriesDate SeriesTime Modality Manufacturer StationName SeriesDescription BodyPartExamined SequenceName
    ProtocolName SeriesNumber CardiacNumberOfImages ImagesInAcquisition NumberOfTemporalPositions
    NumberOfSlices NumberOfTimeSlices SeriesInstanceUID ImageOrientationPatient SeriesType OperatorsName
    PerformedProcedureStepDescription AcquisitionDeviceProcessingDescription ContrastBolusAgent
    InstanceCreationDate InstanceCreationTime AcquisitionNumber ImageIndex InstanceNumber NumberOfFrames
    TemporalPositionIdentifier SOPInstanceUID ImagePositionPatient
    """.split()
)

#: Orthanc leaves values of more than 256 characters out of its database, which only these can have.
_LONG = frozenset({"LT", "ST", "UT", "UC", "UR"})

#: The instance's metadata tells this one.
_FROM_METADATA = frozenset({"SOPClassUID"})


def main_dicom_tags(system: Mapping[str, Any]) -> frozenset[str]:
    """The keywords that the database tells, if the image has them, of an Orthanc with this `/system`."""
    told: Mapping[str, str] | None = system.get("MainDicomTags")
    if told is None:
        return _ORTHANC_1_10 | _FROM_METADATA
    tags = {Tag(*_numbers(tag)) for level in told.values() for tag in level.split(";") if "," in tag}
    return (
        frozenset(
            keyword for tag in tags if (keyword := keyword_for_tag(tag)) and dictionary_VR(tag) not in _LONG
        )
        | _FROM_METADATA
    )


def _numbers(tag: str) -> tuple[int, int]:
    group, _, element = tag.partition(",")
    return int(group, 16), int(element, 16)
