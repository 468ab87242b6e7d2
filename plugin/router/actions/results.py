"""What a service has made, on its way into Orthanc."""

import io

import pydicom
from pydicom.errors import InvalidDicomError

from router.actions.work import Work
from router.destinations import Answer, Declined

_IDENTITY = ("SOPClassUID", "SOPInstanceUID", "SeriesInstanceUID", "StudyInstanceUID")
#: What pydicom raises on bytes that make no sense.
_UNREADABLE = (InvalidDicomError, ValueError, KeyError, TypeError, AttributeError, EOFError, OSError)


def store_results(work: Work, answer: Answer) -> int:
    """Store all results of an answer; how many they were.

    All are looked at before the first is stored. Raises Declined, OrthancError or OrthancUnreachable.
    """
    for number, file in enumerate(answer.results(), 1):
        _check(file, number)
    count = 0
    for file in answer.results():
        work.orthanc.add_instance(file)
        count += 1
    return count


def _check(file: bytes, number: int) -> None:
    """Raises Declined where a result is no DICOM file that can be stored."""
    try:
        dataset = pydicom.dcmread(io.BytesIO(file), stop_before_pixels=True)
        missing = [keyword for keyword in _IDENTITY if not dataset.get(keyword)]
    except _UNREADABLE as error:
        raise Declined(f"Result {number} of the service is no DICOM file", lasting=False) from error
    if missing:
        raise Declined(f"Result {number} of the service has no {', '.join(missing)}", lasting=False)
