# SPDX-License-Identifier: GPL-3.0-or-later
"""Codes from a list: they decide before the key of pseudonyms does."""

import io
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from pydicom import FileDataset, dcmread

from router.documents.code_list import Code, CodeListRevision, OnMiss
from router.documents.transform import Transform
from router.secrets import SecretsUnreadable, Vault
from router.store import Store
from router.transforms import Transforms, Unlisted, Untransformable
from samples import file_bytes, make_image

CODES = [
    Code(patient_id="0077", code="T-1", name="Trial^One", shift_days=10),
    Code(patient_id="78", issuer="A", code="T-2"),
    Code(patient_id="79", issuer="*", code="T-3"),
]


def transforms_of(store: Store, folder: Path) -> Transforms:
    return Transforms(store, Vault(folder / "secret.key"))


def about(revision: int, on_miss: OnMiss = "derive", codes: Sequence[Code] = CODES) -> CodeListRevision:
    at = datetime(2026, 1, 1, tzinfo=UTC)
    return CodeListRevision(
        revision=revision,
        codes=len(codes),
        on_miss=on_miss,
        comment="",
        updated_at=at,
        updated_by="me",
    )


def save(
    transforms: Transforms,
    revision: int,
    codes: Sequence[Code],
    on_miss: OnMiss = "derive",
) -> None:
    transforms.lists.save("Lungs", about(revision, on_miss, codes), codes)


def changed(transforms: Transforms, transform: dict[str, Any] | None = None, **tags: Any) -> FileDataset:
    wanted = Transform.model_validate(transform or {"anonymize": True, "date_shift": 365, "project": "Lungs"})
    return dcmread(io.BytesIO(transforms.of(wanted)(file_bytes(make_image(**tags)))))


def test_the_code_stands_in_the_place_of_what_is_derived(store: Store, tmp_path: Path) -> None:
    transforms = transforms_of(store, tmp_path)
    derived = changed(transforms, PatientID="0077", StudyDate="20240311")
    save(transforms, 1, CODES)
    listed = changed(transforms, PatientID="0077", StudyDate="20240311")
    assert (listed.PatientID, listed.PatientName, listed.StudyDate) == (
        "T-1",
        "Trial^One",
        "20240301",
    )
    assert derived.PatientID not in {"T-1", ""}
    assert listed.StudyInstanceUID != ""
    assert listed.PatientIdentityRemoved == "YES"
    without = changed(transforms, PatientID="79", IssuerOfPatientID="whoever")
    assert (without.PatientID, without.PatientName) == ("T-3", "T-3")
    # Neither what has no project nor what has another knows of it.
    for transform in ({"anonymize": True}, {"anonymize": True, "project": "Hearts"}):
        assert changed(transforms, transform, PatientID="0077").PatientID != "T-1"


def test_the_issuer_counts(store: Store, tmp_path: Path) -> None:
    transforms = transforms_of(store, tmp_path)
    save(transforms, 1, CODES)
    assert changed(transforms, PatientID="78", IssuerOfPatientID="A").PatientID == "T-2"
    others = [
        changed(transforms, PatientID="78").PatientID,
        changed(transforms, PatientID="78", IssuerOfPatientID="B").PatientID,
        changed(transforms, PatientID="0077", IssuerOfPatientID="A").PatientID,
    ]
    assert not {"T-1", "T-2"} & set(others)


def test_templates_have_the_code_of_the_patient_and_of_nothing_else(store: Store, tmp_path: Path) -> None:
    transforms = transforms_of(store, tmp_path)
    save(transforms, 1, CODES)
    transform = {
        "project": "Lungs",
        "replace": {
            "PatientID": "X-{{ pseudonym(PatientID) }}",
            "PatientName": "{{ pseudonym(PatientID, IssuerOfPatientID) }}",
            # It is the identifier of another patient of the list.
            "AccessionNumber": "{{ pseudonym(AccessionNumber) }}",
        },
    }
    tags = {"PatientID": "78", "IssuerOfPatientID": "A", "AccessionNumber": "0077"}
    found = changed(transforms, transform, **tags)
    assert (found.PatientID, found.PatientName) == ("X-T-2", "T-2")
    assert found.AccessionNumber not in {"T-1", "0077"}


@pytest.mark.parametrize(
    ("tags", "words"),
    [
        ({"PatientID": "80"}, "is not in the list of codes of project Lungs"),
        ({"PatientID": ""}, "no Patient ID"),
        ({"PatientID": "78", "IssuerOfPatientID": "B"}, "with this Issuer"),
        ({"PatientID": "0079", "IssuerOfPatientID": "B"}, "leading zeros"),
    ],
)
def test_who_is_not_listed_waits_or_is_refused_or_has_what_is_derived(
    store: Store, tmp_path: Path, tags: dict[str, Any], words: str
) -> None:
    transforms = transforms_of(store, tmp_path)
    transform = Transform(anonymize=True, project="Lungs")
    file = file_bytes(make_image(**tags))
    save(transforms, 1, CODES, "derive")
    made = transforms.of(transform).change(file)
    assert words in made.remarks[0]
    assert made.remarks[0].endswith("the pseudonym was derived")
    save(transforms, 2, CODES, "hold")
    with pytest.raises(Unlisted, match=words):
        transforms.of(transform).change(file, is_released=True)
    save(transforms, 3, CODES, "refuse")
    with pytest.raises(Untransformable, match=words) as refused:
        transforms.of(transform).change(file)
    assert not isinstance(refused.value, Unlisted)
    assert "80" not in str(refused.value)


def test_a_list_that_is_not_whole_lets_nothing_out(store: Store, tmp_path: Path) -> None:
    transforms = transforms_of(store, tmp_path)
    save(transforms, 1, CODES, "hold")
    store.forget(store.remembered("codes/"))
    with pytest.raises(SecretsUnreadable, match="import it again"):
        changed(transforms, PatientID="0077")


def test_what_becomes_of_others_cannot_be_changed_in_the_store(store: Store, tmp_path: Path) -> None:
    transforms = transforms_of(store, tmp_path)
    save(transforms, 1, CODES, "refuse")
    [name] = store.remembered("code list/")
    text = store.recall(name)
    assert text is not None
    store.forget([name])
    store.remember(name, text.replace("refuse", "derive"))
    with pytest.raises(SecretsUnreadable):
        changed(transforms, PatientID="80")


def test_a_revision_that_goes_while_it_is_read_is_not_taken_for_no_list(
    store: Store, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    transforms = transforms_of(store, tmp_path)
    save(transforms, 1, CODES, "hold")
    recall = store.recall

    def replaced_meanwhile(name: str) -> str | None:
        monkeypatch.undo()
        for revision in (2, 3):
            save(transforms, revision, CODES, "hold")
        return recall(name)

    monkeypatch.setattr(store, "recall", replaced_meanwhile)
    with pytest.raises(Unlisted):
        changed(transforms, PatientID="80")
