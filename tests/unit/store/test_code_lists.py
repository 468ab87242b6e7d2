# SPDX-License-Identifier: GPL-3.0-or-later
"""Lists of codes as the store keeps them: sealed, and seen at once by all nodes."""

from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path

import pytest

from router.documents.code_list import Code, CodeListRevision
from router.secrets import Vault
from router.store import RevisionConflict, Store
from router.transforms import CodeLists
from unit.store.conftest import OpenStore

CODES = [
    Code(patient_id="0077", code="T-1", name="Trial^One", shift_days=10),
    Code(patient_id="78", issuer="A", code="T-2"),
]


def lists_of(store: Store, folder: Path) -> CodeLists:
    return CodeLists(store, Vault(folder / "secret.key"))


def about(revision: int) -> CodeListRevision:
    at = datetime(2026, 1, 1, tzinfo=UTC)
    return CodeListRevision(
        revision=revision,
        codes=2,
        on_miss="derive",
        comment="",
        updated_at=at,
        updated_by="me",
    )


def save(lists: CodeLists, revision: int, codes: Sequence[Code]) -> None:
    lists.save("Lungs", about(revision), codes)


def code_of(lists: CodeLists, patient: str) -> str | None:
    """What images are given."""
    codes = lists.of("Lungs")
    found = codes.find(patient, "") if codes else None
    return found.code if found else None


def test_another_node_sees_it_at_once(open_again: OpenStore, tmp_path: Path) -> None:
    one, other = (lists_of(open_again(), tmp_path) for _ in range(2))
    for revision, code in enumerate(("T-1", "T-2", "T-3"), 1):
        save(one, revision, [Code(patient_id="77", code=code)])
        assert code_of(other, "77") == code
    one.undo("Lungs", about(4))
    assert code_of(other, "77") == "T-2"
    one.delete("Lungs", about(5))
    assert code_of(other, "77") is None


def test_of_two_who_save_at_once_one_is_told(open_again: OpenStore, tmp_path: Path) -> None:
    one, other = (lists_of(open_again(), tmp_path) for _ in range(2))
    save(one, 1, CODES)
    with pytest.raises(RevisionConflict):
        save(other, 1, [])
    assert other.codes("Lungs") == CODES
    # What was in vain is no hindrance.
    save(other, 2, CODES[:1])
    assert one.codes("Lungs") == CODES[:1]


def test_only_what_one_can_go_back_to_is_kept_and_all_of_it_is_sealed(store: Store, tmp_path: Path) -> None:
    lists = lists_of(store, tmp_path)
    for revision in range(1, 6):
        save(lists, revision, [Code(patient_id="MUELLER", code=f"T-{revision}")])
    assert [one.revision for one in lists.revisions("Lungs")] == [5, 4]
    names = store.remembered("code")
    assert len(names) == 4
    texts = [store.recall(name) or "" for name in names]
    assert not any("MUELLER" in text or "T-5" in text for text in texts)
    lists.undo("Lungs", about(6))
    assert lists.codes("Lungs")[0].code == "T-4"
    lists.delete("Lungs", about(7))
    assert lists.projects() == []
    assert lists.codes("Lungs") == []
    assert len(store.remembered("code")) == 1
    save(lists, 8, CODES)
    assert (lists.projects(), lists.codes("Lungs")) == (["Lungs"], CODES)


def test_names_of_projects_are_told_apart(store: Store, tmp_path: Path) -> None:
    lists = lists_of(store, tmp_path)
    projects = ["A", "A/00000001", "a", "Ä %2F", "@destination 0123"]
    for number, project in enumerate(projects):
        lists.save(project, about(1), [Code(patient_id="77", code=f"T-{number}")])
    found = {project: lists.codes(project)[0].code for project in lists.projects()}
    assert found == {project: f"T-{number}" for number, project in enumerate(projects)}
