# SPDX-License-Identifier: GPL-3.0-or-later
"""What Orthanc and DCMTK say of a failed C-STORE, in words for an administrator."""

import pytest

from router.destinations.dicom.failure import understood

_STORE = 'DicomAssociation - C-STORE to AET "NODE": '


@pytest.mark.parametrize(
    ("message", "said", "is_absence"),
    [
        ("Error while connecting: DUL: TCP Initialization Error: Connection refused", "nobody listens", True),
        # DCMTK 3.7 says so of a refused connection, where a time limit is set; ours finds out.
        ("TCP Initialization Error: Operation now in progress", "cannot be reached", False),
        ("Error while connecting: getaddrinfo failed", "host name is not known", True),
        ("Association Rejected: Called AE Title Not Recognized", "not called by this AE title", True),
        ("Association Rejected: Calling AE Title Not Recognized", "does not know our AE title", True),
        ("Rejected Transient, Reason: Local Limit Exceeded", "as many associations as it takes", False),
        ("Rejected Transient, Reason: Temporary Congestion", "too busy for now", False),
        ("Association Rejected: No Reason", "rejects the association", False),
        ("Peer aborted Association (or never connected)", "breaks off when it is asked", False),
        ("Unrecognized PDU type: 48", "does not speak DICOM", False),
        (f"{_STORE}Peer aborted Association", "broken off in the middle", False),
        (f"{_STORE}DIMSE No data available (timeout in non-blocking mode)", "not answered in time", True),
        ("No valid presentation context was negotiated", "no presentation context", False),
        ("Unable to store; DIMSE status 0xA700", "out of resources", False),
        ("Unable to store; DIMSE status 0x0111", "has this instance already", False),
    ],
)
def test_each_cause_has_its_words(message: str, said: str, is_absence: bool) -> None:
    failure = understood(message)
    assert said in failure.message
    assert failure.is_absence == is_absence


@pytest.mark.parametrize(
    ("message", "status"), [("DIMSE status 0xA700", 0xA700), ("Connection refused", None)]
)
def test_what_was_answered_to_an_image_is_known(message: str, status: int | None) -> None:
    assert understood(message).status == status


def test_a_status_that_orthanc_tells_apart_counts_whatever_the_words_are() -> None:
    failure = understood("No words that are known, as of a timeout", 0xA700)
    assert failure.status == 0xA700
    assert "out of resources" in failure.message
    assert not failure.is_absence
