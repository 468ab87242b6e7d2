"""Images that came again: what differs, and which are counted."""

import copy
import io
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from types import SimpleNamespace
from typing import Any

import pytest
from pydicom.uid import ImplicitVRLittleEndian

from router.repetitions import Repetitions, compared_values, differing
from samples import make_image


@pytest.mark.parametrize(
    ("changed", "expected"),
    [
        ({}, ()),
        ({"PatientName": "Right^Name"}, ("PatientName",)),
        ({"AccessionNumber": "ACC77", "PatientID": "OTHER"}, ("PatientID", "AccessionNumber")),
        ({"InstitutionName": "ELSEWHERE"}, ()),
        ({"StudyID": ""}, ()),
        ({"InstanceNumber": None}, ("InstanceNumber",)),
    ],
)
def test_compared_tags_that_differ_are_named(changed: dict[str, Any], expected: tuple[str, ...]) -> None:
    stored = make_image(PatientID="ONE", PatientName="Unknown^Emergency", InstanceNumber=3)
    if "StudyID" in stored:
        del stored.StudyID
    received = copy.deepcopy(stored)
    for keyword, value in changed.items():
        setattr(received, keyword, value)
    assert differing(values_of(stored), values_of(received)) == expected


def test_the_transfer_syntax_makes_no_difference() -> None:
    stored = make_image(PatientName="Someone^Else")
    received = copy.deepcopy(stored)
    received.file_meta.TransferSyntaxUID = ImplicitVRLittleEndian
    assert differing(values_of(stored), values_of(received)) == ()


def values_of(dataset: Any) -> dict[int, bytes]:
    values = compared_values(io.BytesIO(file_of(dataset)).read)
    assert values is not None
    return values


def file_of(dataset: Any) -> bytes:
    buffer = io.BytesIO()
    dataset.save_as(buffer, enforce_file_format=True)
    return buffer.getvalue()


class Rig:
    """Repetitions on an Orthanc that has one image, and a clock that is set by hand."""

    def __init__(self, stored: Any, monkeypatch: pytest.MonkeyPatch) -> None:
        self.now = 100.0
        file = file_of(stored)

        def headers(instances: Sequence[str], take: Callable[[Callable[[int], bytes]], Any]) -> list[Any]:
            return [(take(io.BytesIO(file).read),) for _ in instances]

        orthanc: Any = SimpleNamespace(headers=headers)
        self.repetitions = Repetitions(orthanc, lambda: datetime(2026, 1, 1, tzinfo=UTC), lambda: self.now)
        reader = SimpleNamespace(
            read=lambda instances: [SimpleNamespace(id=one, study="STUDY") for one in instances]
        )
        monkeypatch.setattr(self.repetitions, "_stored_instances", reader)

    def round(self) -> None:
        self.now += 10
        self.repetitions._round()


def test_what_turns_out_to_be_new_is_not_counted(monkeypatch: pytest.MonkeyPatch) -> None:
    image = make_image()
    rig = Rig(image, monkeypatch)
    rig.repetitions.came("one", "SCANNER", file_of(image))
    rig.repetitions.is_new("one")
    rig.round()
    assert rig.repetitions.told()["images"] == 0
    assert rig.repetitions.of_study("STUDY") is None


def test_nor_is_what_was_told_to_be_new_just_before(monkeypatch: pytest.MonkeyPatch) -> None:
    image = make_image()
    rig = Rig(image, monkeypatch)
    rig.repetitions.is_new("one")
    rig.repetitions.came("one", "SCANNER", file_of(image))
    rig.round()
    assert rig.repetitions.told()["images"] == 0
    rig.repetitions.came("one", "SCANNER", file_of(image))
    rig.round()
    assert rig.repetitions.told()["images"] == 1


def test_each_time_counts_and_what_cannot_be_read_is_said_to_be_uncompared(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    image = make_image(PatientName="As^It^Was")
    rig = Rig(image, monkeypatch)
    corrected = make_image(PatientName="Right^Name")
    for one in (file_of(corrected), file_of(corrected)):
        rig.repetitions.came("one", "SCANNER", one)
    rig.repetitions.came("two", "SCANNER", None)
    rig.repetitions.came("three", "OTHER", b"no DICOM")
    rig.round()
    shown = rig.repetitions.of_study("STUDY")
    assert shown is not None
    assert (shown["images"], shown["differing"], shown["uncompared"], shown["aet"]) == (4, 2, 2, "OTHER")
    assert "PatientName" in shown["tags"]
    assert rig.repetitions.told()["study"] == "STUDY"


def test_beyond_what_may_wait_is_counted_only(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("router.repetitions._MOST_WAITING", 3)
    image = make_image()
    rig = Rig(image, monkeypatch)
    for number in range(5):
        rig.repetitions.came(str(number), "SCANNER", file_of(image))
    rig.round()
    told = rig.repetitions.told()
    assert (told["images"], told["uncompared"]) == (5, 2)
