# SPDX-License-Identifier: GPL-3.0-or-later
"""Policies and destinations: found, saved as revisions, named once, deleted but not forgotten."""

import threading
from collections.abc import Callable
from typing import Any

import pytest

from router.documents.policy import Case, Policy
from router.store import Documents, NameTaken, NotFound, RevisionConflict, Store
from unit.store.stored_samples import destination, policy


def saved(document: Policy, **changes: Any) -> Policy:
    """The document's next revision."""
    return document.model_copy(update={"revision": document.revision + 1, **changes})


def test_a_created_document_comes_back_as_it_was(store: Store) -> None:
    first = policy()
    store.policies.create(first)
    assert store.policies.get(first.id) == first
    assert store.policies.all() == [first]


@pytest.mark.parametrize(
    "rule",
    [
        pytest.param({"tag": "RequestAttributesSequence.ScheduledProcedureStepID"}, id="dots"),
        pytest.param({"$tag": {"$gt": 1}, "a.b": {"": 0}}, id="keys that are operators elsewhere"),
        pytest.param({"value": [2**63, -(2**70), 0.1, 1e300, True, None, ""]}, id="numbers of any size"),
        pytest.param({"value": "山田^太郎=やまだ^たろう 😀 \x00 \\ \" '"}, id="letters of any kind"),
    ],
)
def test_a_rule_comes_back_whatever_it_holds(store: Store, rule: dict[str, Any]) -> None:
    first = policy().model_copy(update={"rule": rule, "cases": [Case(name="c", tags=rule, matches=True)]})
    store.policies.create(first)
    assert store.policies.get(first.id) == first


def test_a_deeply_nested_rule_comes_back(store: Store) -> None:
    rule: dict[str, Any] = {"all": []}
    for _ in range(150):
        rule = {"not": rule}
    first = policy().model_copy(update={"rule": rule})
    store.policies.create(first)
    assert store.policies.get(first.id) == first


def test_all_come_by_name_whatever_its_case(store: Store) -> None:
    for name in ("beta", "Alpha", "Gamma", "delta"):
        store.policies.create(policy(name))
    assert [found.name for found in store.policies.all()] == ["Alpha", "beta", "delta", "Gamma"]


def test_policies_and_destinations_do_not_mix(store: Store) -> None:
    store.policies.create(policy("research"))
    target = destination("research")
    store.destinations.create(target)
    assert store.destinations.all() == [target]
    with pytest.raises(NotFound):
        store.policies.get(target.id)


def test_each_save_is_a_revision(store: Store) -> None:
    first = policy()
    second = saved(first, description="chest only")
    third = saved(second, enabled=False)
    store.policies.create(first)
    store.policies.replace(second)
    store.policies.replace(third)
    assert store.policies.get(first.id) == third
    assert store.policies.all() == [third]
    assert store.policies.revisions(first.id) == [third, second, first]
    assert [store.policies.revision(first.id, number) for number in (1, 2, 3)] == [first, second, third]


@pytest.mark.parametrize("number", [0, 2, 3, 2**70])
def test_a_revision_that_never_was_is_not_found(store: Store, number: int) -> None:
    first = policy()
    store.policies.create(first)
    with pytest.raises(NotFound):
        store.policies.revision(first.id, number)


@pytest.mark.parametrize("revision", [1, 2, 4])
def test_a_save_upon_another_revision_than_the_current_is_refused(store: Store, revision: int) -> None:
    first = policy()
    store.policies.create(first)
    store.policies.replace(saved(first))
    with pytest.raises(RevisionConflict) as conflict:
        store.policies.replace(first.model_copy(update={"revision": revision}))
    assert conflict.value.current == 2
    assert [found.revision for found in store.policies.revisions(first.id)] == [2, 1]


@pytest.mark.parametrize("name", ["Straße", "STRASSE", "strasse"])
def test_a_name_is_given_once_whatever_its_case(store: Store, name: str) -> None:
    store.policies.create(policy("Straße"))
    other = policy("other")
    store.policies.create(other)
    with pytest.raises(NameTaken):
        store.policies.create(policy(name))
    with pytest.raises(NameTaken):
        store.policies.replace(saved(other, name=name))
    assert [found.name for found in store.policies.all()] == ["other", "Straße"]
    assert store.policies.revisions(other.id) == [other]


def test_a_document_may_change_the_case_of_its_own_name(store: Store) -> None:
    first = policy("research")
    store.policies.create(first)
    store.policies.replace(saved(first, name="Research"))
    assert store.policies.get(first.id).name == "Research"


def test_a_deleted_document_is_gone_but_its_revisions_stay(store: Store) -> None:
    first = policy()
    second = saved(first)
    store.policies.create(first)
    store.policies.replace(second)
    store.policies.delete(first.id)
    assert store.policies.all() == []
    assert store.policies.revisions(first.id) == [second, first]
    assert store.policies.revision(first.id, 2) == second
    with pytest.raises(NotFound):
        store.policies.get(first.id)


def test_a_deleted_document_comes_back_as_its_next_revision(store: Store) -> None:
    first = policy()
    store.policies.create(first)
    second = saved(first)
    generation = store.policies.generation()
    for there in (second, saved(second)):
        with pytest.raises(NotFound):
            store.policies.revive(there)
    store.policies.delete(first.id)
    for wrong in (first, saved(second), policy(revision=2)):
        with pytest.raises(NotFound):
            store.policies.revive(wrong)
    store.policies.create(policy("Other"))
    with pytest.raises(NameTaken):
        store.policies.revive(saved(first, name="OTHER"))
    store.policies.revive(second)
    assert store.policies.get(first.id) == second
    assert store.policies.revisions(first.id) == [second, first]
    assert store.policies.generation() > generation + 2
    store.policies.replace(saved(second))


def test_the_name_of_a_deleted_document_is_free_again(store: Store) -> None:
    first, second = policy("research"), policy("Research")
    store.policies.create(first)
    store.policies.delete(first.id)
    store.policies.create(second)
    assert store.policies.all() == [second]


def test_a_name_given_up_by_a_save_is_free_again(store: Store) -> None:
    first, second = policy("research"), policy("research")
    store.policies.create(first)
    store.policies.replace(saved(first, name="archive"))
    store.policies.create(second)
    assert [found.name for found in store.policies.all()] == ["archive", "research"]


def test_a_delete_upon_another_revision_than_the_current_is_refused(store: Store) -> None:
    first = policy()
    store.policies.create(first)
    store.policies.replace(saved(first))
    with pytest.raises(RevisionConflict) as conflict:
        store.policies.delete(first.id, 1)
    assert conflict.value.current == 2
    store.policies.delete(first.id, 2)
    assert store.policies.all() == []


@pytest.mark.parametrize(
    "ask",
    [
        pytest.param(lambda policies: policies.get("nobody"), id="get"),
        pytest.param(lambda policies: policies.replace(policy(revision=2)), id="replace"),
        pytest.param(lambda policies: policies.delete("nobody"), id="delete"),
        pytest.param(lambda policies: policies.delete("nobody", 1), id="delete a revision"),
        pytest.param(lambda policies: policies.revisions("nobody"), id="revisions"),
        pytest.param(lambda policies: policies.revision("nobody", 1), id="revision"),
    ],
)
def test_an_unknown_document_is_not_found(store: Store, ask: Callable[[Documents[Policy]], object]) -> None:
    with pytest.raises(NotFound):
        ask(store.policies)


def test_a_deleted_document_can_be_neither_saved_nor_deleted(store: Store) -> None:
    first = policy()
    store.policies.create(first)
    store.policies.delete(first.id)
    with pytest.raises(NotFound):
        store.policies.replace(saved(first))
    with pytest.raises(NotFound):
        store.policies.delete(first.id)


def test_the_generation_grows_with_every_write_and_with_nothing_else(store: Store) -> None:
    first = policy()
    generations = [store.policies.generation()]
    store.policies.create(first)
    generations.append(store.policies.generation())
    store.policies.replace(saved(first))
    generations.append(store.policies.generation())
    store.policies.delete(first.id)
    generations.append(store.policies.generation())
    store.policies.create(policy())
    generations.append(store.policies.generation())
    assert generations == sorted(set(generations))

    before = store.policies.generation()
    store.destinations.create(destination())
    with pytest.raises(NotFound):
        store.policies.delete(first.id)
    with pytest.raises(NameTaken):
        store.policies.create(policy())
    assert store.policies.generation() == before


def test_documents_are_there_when_the_store_is_opened_again(
    store: Store, open_again: Callable[[], Store]
) -> None:
    first = policy()
    store.policies.create(first)
    generation = store.policies.generation()
    store.close()
    again = open_again()
    assert again.policies.all() == [first]
    assert again.policies.generation() == generation


def at_once(*actions: Callable[[], None]) -> list[Exception]:
    """Run the actions at the same time, each in a thread; what they raised."""
    together = threading.Barrier(len(actions))
    raised: list[Exception] = []

    def run(action: Callable[[], None]) -> None:
        together.wait()
        try:
            action()
        except (NameTaken, RevisionConflict) as error:
            raised.append(error)

    threads = [
        threading.Thread(target=run, args=(action,), name=f"writer {n}") for n, action in enumerate(actions)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return raised


def test_of_several_saves_at_once_one_wins_and_the_history_is_its_own(store: Store) -> None:
    first = policy()
    store.policies.create(first)
    drafts = [saved(first, description=f"writer {number}") for number in range(6)]
    raised = at_once(*[lambda draft=draft: store.policies.replace(draft) for draft in drafts])
    assert [type(error) for error in raised] == [RevisionConflict] * 5
    winner = store.policies.get(first.id)
    assert winner in drafts
    assert store.policies.revisions(first.id) == [winner, first]
    store.policies.replace(saved(winner))
    assert store.policies.revision(first.id, 2) == winner


def test_of_several_documents_with_one_name_created_at_once_one_is_kept(store: Store) -> None:
    drafts = [policy("research") for _ in range(6)]
    raised = at_once(*[lambda draft=draft: store.policies.create(draft) for draft in drafts])
    assert [type(error) for error in raised] == [NameTaken] * 5
    (kept,) = store.policies.all()
    lost = [draft for draft in drafts if draft.id != kept.id]
    for draft in lost:
        with pytest.raises(NotFound):
            store.policies.revisions(draft.id)
