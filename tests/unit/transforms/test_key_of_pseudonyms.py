# SPDX-License-Identifier: GPL-3.0-or-later
"""The key of pseudonyms: one for all nodes, kept over restarts, of no use without the key of all secrets."""

import io
from pathlib import Path

import pytest
from pydantic import ValidationError
from pydicom import dcmread

from router.documents.transform import Transform
from router.secrets import SecretsUnreadable, Vault
from router.store import Store, open_store
from router.transforms import Transforms
from samples import file_bytes, make_image

TRANSFORM = Transform(replace={"PatientID": "{{ pseudonym(PatientID) }}"}, uids="regenerate")
FILE = file_bytes(make_image(PatientID="4711"))


def identity(transforms: Transforms) -> tuple[str, str]:
    changed = dcmread(io.BytesIO(transforms.of(TRANSFORM)(FILE)))
    return str(changed.PatientID), str(changed.SOPInstanceUID)


def test_it_is_the_same_on_every_node_and_after_every_restart(store: Store, tmp_path: Path) -> None:
    first = identity(Transforms(store, Vault(tmp_path / "secret.key")))
    assert identity(Transforms(store, Vault(tmp_path / "secret.key"))) == first


def identity_in(transforms: Transforms, project: str | None, destination: str = "") -> list[str]:
    transform = Transform(anonymize=True, date_shift=36_500, project=project)
    changed = dcmread(io.BytesIO(transforms.of(transform, destination)(FILE)))
    return [str(changed.PatientID), str(changed.SOPInstanceUID), str(changed.StudyDate)]


def test_a_project_has_its_own(store: Store, tmp_path: Path) -> None:
    transforms = Transforms(store, Vault(tmp_path / "secret.key"))
    shared, one, other = (identity_in(transforms, project) for project in (None, "A", "B"))
    assert all(len(set(values)) == 3 for values in zip(shared, one, other, strict=True))
    assert identity_in(Transforms(store, Vault(tmp_path / "secret.key")), "A") == one
    assert one[0] == transforms.naming("A").patient("4711", "").own
    assert shared[0] == identity(transforms)[0]


def test_a_project_may_be_the_destination(store: Store, tmp_path: Path) -> None:
    transforms = Transforms(store, Vault(tmp_path / "secret.key"))
    one, other = (identity_in(transforms, "@destination", to) for to in ("one", "other"))
    assert one[0] != other[0]
    assert identity_in(transforms, "@destination", "one") == one


@pytest.mark.parametrize("name", ["", " A", "@other", "x" * 65])
def test_the_name_of_a_project_is_checked(name: str) -> None:
    with pytest.raises(ValidationError):
        Transform(anonymize=True, project=name)


def test_another_installation_has_another(store: Store, tmp_path: Path) -> None:
    first = identity(Transforms(store, Vault(tmp_path / "secret.key")))
    folder = tmp_path / "other"
    folder.mkdir()
    other = open_store(None, "", folder)
    assert identity(Transforms(other, Vault(tmp_path / "secret.key"))) != first
    other.close()


def test_without_the_key_of_all_secrets_there_are_no_pseudonyms(store: Store, tmp_path: Path) -> None:
    identity(Transforms(store, Vault(tmp_path / "secret.key")))
    (tmp_path / "secret.key").unlink()
    with pytest.raises(SecretsUnreadable):
        identity(Transforms(store, Vault(tmp_path / "secret.key")))


def test_the_store_alone_does_not_give_it_away(store: Store, tmp_path: Path) -> None:
    identity(Transforms(store, Vault(tmp_path / "secret.key")))
    assert "router:sealed" in store.remember("pseudonym-key", "")
