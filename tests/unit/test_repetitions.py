# SPDX-License-Identifier: GPL-3.0-or-later
"""Images that came again: what differs, and which are counted."""

import copy
import io
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path
from types import SimpleNamespace
from typing import Any
from unittest.mock import Mock

import pytest
from pydicom.uid import ImplicitVRLittleEndian

from router.repetitions import Repetitions, compared_values, differing
from router.store import Store, StoreUnavailable, open_store
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


NOW = datetime(2026, 1, 1, tzinfo=UTC)


class Rig:
    """Repetitions on an Orthanc that has one image, by clocks that are set by hand."""

    def __init__(self, stored: Any, store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
        self.seconds = 100.0
        self.now = NOW
        self.received = "20251231T120000"
        file = file_of(stored)

        def headers(files: Mapping[str, str], take: Callable[[Callable[[int], bytes]], Any]) -> list[Any]:
            return [(take(io.BytesIO(file).read),) for _ in files]

        def bulk_content(instances: Sequence[str]) -> list[Any]:
            metadata = {"ReceptionDate": self.received}
            return [{"ID": one, "Metadata": metadata} for one in instances if self.received]

        orthanc: Any = SimpleNamespace(headers=headers, bulk_content=bulk_content)
        self.repetitions = Repetitions(
            store, orthanc, "node", lambda: self.now, timedelta(days=30), lambda: self.seconds
        )
        reader = SimpleNamespace(
            read=lambda instances: [SimpleNamespace(id=one, study="STUDY", file="") for one in instances]
        )
        monkeypatch.setattr(self.repetitions, "_stored_instances", reader)

    def round(self, seconds: float = 10.0) -> None:
        self.seconds += seconds
        self.repetitions._round()


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    with closing(open_store(None, "", tmp_path)) as store:
        yield store


def test_what_turns_out_to_be_new_is_not_counted(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    image = make_image()
    rig = Rig(image, store, monkeypatch)
    rig.repetitions.came("one", "SCANNER", file_of(image))
    rig.repetitions.is_new("one")
    rig.round()
    assert rig.repetitions.told()["images"] == 0
    assert rig.repetitions.of_study("STUDY") is None


def test_nor_is_what_was_told_to_be_new_just_before(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    image = make_image()
    rig = Rig(image, store, monkeypatch)
    rig.repetitions.is_new("one")
    rig.repetitions.came("one", "SCANNER", file_of(image))
    rig.round()
    assert rig.repetitions.told()["images"] == 0
    rig.repetitions.came("one", "SCANNER", file_of(image))
    rig.round()
    assert rig.repetitions.told()["images"] == 1


def test_each_time_counts_and_what_cannot_be_read_is_said_to_be_uncompared(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    image = make_image(PatientName="As^It^Was")
    rig = Rig(image, store, monkeypatch)
    corrected = make_image(PatientName="Right^Name")
    for one in (file_of(corrected), file_of(corrected)):
        rig.repetitions.came("one", "SCANNER", one)
    rig.repetitions.came("two", "SCANNER", None)
    rig.repetitions.came("three", "OTHER", b"no DICOM")
    rig.round()
    shown = rig.repetitions.of_study("STUDY")
    assert shown is not None
    assert (shown.images, shown.differing, shown.uncompared, shown.aet) == (4, 2, 2, "OTHER")
    assert "PatientName" in shown.tags
    assert rig.repetitions.told()["study"] == "STUDY"


def test_beyond_what_may_wait_is_counted_only(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("router.repetitions._MOST_WAITING", 3)
    image = make_image()
    rig = Rig(image, store, monkeypatch)
    for number in range(5):
        rig.repetitions.came(str(number), "SCANNER", file_of(image))
    rig.round()
    told = rig.repetitions.told()
    assert (told["images"], told["uncompared"]) == (5, 2)


def corrected(rig: Rig) -> None:
    """A correction comes, and is dropped."""
    rig.repetitions.came("one", "SCANNER", file_of(make_image(PatientName="Right^Name")))
    rig.round()


def test_a_restart_forgets_nothing(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    image = make_image(PatientName="As^It^Was")
    before, after = (Rig(image, store, monkeypatch) for _ in range(2))
    corrected(before)
    after.now += timedelta(hours=1)
    after.round()
    assert after.repetitions.of_study("STUDY") == before.repetitions.of_study("STUDY")
    assert after.repetitions.told() == before.repetitions.told() | {"since": NOW}
    corrected(after)
    shown = after.repetitions.of_study("STUDY")
    assert shown is not None
    assert (shown.images, shown.differing, shown.since, shown.at) == (2, 2, NOW, after.now)


@pytest.mark.parametrize("received", ["", "20260101T000500"], ids=["deleted", "taken in"])
def test_what_was_taken_in_at_last_is_told_no_more(
    store: Store, monkeypatch: pytest.MonkeyPatch, received: str
) -> None:
    rig = Rig(make_image(PatientName="As^It^Was"), store, monkeypatch)
    corrected(rig)
    rig.round(100)
    assert rig.repetitions.of_study("STUDY") is not None
    rig.received = received
    rig.round(100)
    assert rig.repetitions.of_study("STUDY") is None
    assert rig.repetitions.told()["differing"] == 0
    assert store.repetitions.all("node") == []


def test_nor_what_is_of_long_ago(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    rig = Rig(make_image(PatientName="As^It^Was"), store, monkeypatch)
    corrected(rig)
    rig.now += timedelta(days=31)
    rig.round(100)
    assert store.repetitions.all("node") == []


def test_what_the_store_does_not_take_is_kept_for_later(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    rig = Rig(make_image(PatientName="As^It^Was"), store, monkeypatch)
    rig.round()
    away = Mock(side_effect=StoreUnavailable)
    with monkeypatch.context() as patched:
        patched.setattr(store.repetitions, "keep", away)
        corrected(rig)
    assert away.called
    assert store.repetitions.all("node") == []
    rig.round()
    assert store.repetitions.all("node") == [rig.repetitions.of_study("STUDY")]
    assert rig.repetitions.told()["images"] == 1
