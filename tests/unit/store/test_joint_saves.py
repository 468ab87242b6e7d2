# SPDX-License-Identifier: GPL-3.0-or-later
"""Several documents saved as one: all of them or none, whoever else saves or reads meanwhile."""

import threading
from collections.abc import Callable

import pytest
from pymongo import MongoClient

from router.documents.destination import Destination
from router.documents.policy import Policy
from router.store import NameTaken, NotFound, RevisionConflict, Save, Store
from router.store.mongodb import MongoStore, joint_saves
from servers.mongodb import MongoServer
from unit.store.stored_samples import destination, policy


def saved(document: Policy, description: str = "") -> Policy:
    """The document's next revision."""
    return document.model_copy(update={"revision": document.revision + 1, "description": description})


def moved(document: Destination, batch: int) -> Destination:
    """The document's next revision."""
    return document.model_copy(update={"revision": document.revision + 1, "batch": batch})


def save_together(store: Store, *documents: Destination | Policy) -> None:
    store.save_together([Save(document) for document in documents])


def everything(store: Store) -> tuple[list[Destination], list[Policy]]:
    return store.destinations.all(), store.policies.all()


def test_all_are_saved(store: Store) -> None:
    first, target = policy("b"), destination("d")
    store.policies.create(first)
    store.destinations.create(target)
    generations = store.destinations.generation(), store.policies.generation()
    second, new = saved(first), policy("a")
    other, moved_target = destination("c"), moved(target, 7)
    save_together(store, moved_target, other, second, new)
    assert everything(store) == ([other, moved_target], [new, second])
    assert store.policies.revisions(first.id) == [second, first]
    assert store.policies.revisions(new.id) == [new]
    assert store.destinations.revisions(target.id) == [moved_target, target]
    assert store.destinations.generation() > generations[0]
    assert store.policies.generation() > generations[1]
    store.policies.replace(saved(second))
    store.policies.delete(new.id)
    store.destinations.delete(other.id)


def test_nothing_to_save(store: Store) -> None:
    save_together(store)
    assert everything(store) == ([], [])


@pytest.mark.parametrize(
    ("wrong", "error"),
    [
        pytest.param(lambda _: policy("TAKEN"), NameTaken, id="a name that is taken"),
        pytest.param(lambda taken: saved(saved(taken)), RevisionConflict, id="a later revision"),
        pytest.param(lambda _: policy("new", revision=2), NotFound, id="what is not there"),
    ],
)
def test_if_one_cannot_be_saved_none_is(
    store: Store, wrong: Callable[[Policy], Policy], error: type[Exception]
) -> None:
    taken, target = policy("taken"), destination("d")
    store.policies.create(taken)
    store.destinations.create(target)
    before = everything(store), store.policies.generation(), store.destinations.generation()
    fresh = policy("fresh")
    with pytest.raises(error):
        save_together(store, moved(target, 7), destination("e"), fresh, wrong(taken))
    assert (everything(store), store.policies.generation(), store.destinations.generation()) == before
    with pytest.raises(NotFound):
        store.policies.revisions(fresh.id)
    # Nothing is in anybody's way.
    save_together(store, moved(target, 7), destination("e"), fresh, saved(taken))
    store.policies.replace(saved(fresh))


def test_two_of_one_name(store: Store) -> None:
    with pytest.raises(NameTaken):
        save_together(store, policy("one"), policy("One"))
    assert store.policies.all() == []


def test_it_may_change_the_case_of_a_name(store: Store) -> None:
    first = policy("research")
    store.policies.create(first)
    save_together(store, saved(first).model_copy(update={"name": "Research"}))
    assert [one.name for one in store.policies.all()] == ["Research"]


def test_of_several_at_once_each_is_all_or_nothing(store: Store) -> None:
    """Four writers save the same three documents together, one saves one of them alone; whoever reads sees
    what one of them has written."""
    firsts = [policy(name) for name in "abc"]
    save_together(store, *firsts)
    together = threading.Barrier(6)
    done = threading.Event()
    seen: set[tuple[str, ...]] = set()
    failures: list[BaseException] = []
    won: list[str] = []

    def write(writer: str, count: int) -> None:
        together.wait()
        for turn in range(6):
            mine = f"{writer}{turn}"
            try:
                current = [saved(store.policies.get(one.id), mine) for one in firsts[:count]]
                save_together(store, *current) if count > 1 else store.policies.replace(current[0])
                won.append(mine)
            except RevisionConflict:
                continue
            except BaseException as error:
                failures.append(error)
                raise

    def read() -> None:
        together.wait()
        while not done.is_set():
            seen.add(tuple(one.description for one in store.policies.all()))

    writers = [threading.Thread(target=write, args=(name, 3), name=name) for name in "wxyz"]
    writers.append(threading.Thread(target=write, args=("alone-", 1), name="alone"))
    reader = threading.Thread(target=read, name="reader")
    for thread in (*writers, reader):
        thread.start()
    for thread in writers:
        thread.join()
    done.set()
    reader.join()
    assert not failures
    assert any(not mine.startswith("alone") for mine in won)
    for first, second, third in seen:
        assert second == third
        assert first == second or first.startswith("alone")
    history = [[one.description for one in store.policies.revisions(first.id)] for first in firsts]
    assert sorted(filter(None, history[0])) == sorted(won)
    assert history[1] == history[2]
    assert [mine for mine in history[0] if not mine.startswith("alone")] == history[1]


def test_one_that_a_crash_has_left_behind_is_called_off(
    mongo_database: str, mongodb: MongoServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    store = MongoStore(mongodb.uri, mongo_database)
    monkeypatch.setattr(joint_saves, "_PATIENCE_SECONDS", 0.1)
    first, left = policy("first"), {"_id": "0", "valid": False}
    store.policies.create(first)
    with MongoClient[dict[str, object]](mongodb.uri) as client:
        database = client[mongo_database]
        database["joint_saves"].insert_one({**left, "members": [{"shelf": "policies", "document": first.id}]})
        database["policies"].update_one({"_id": first.id}, {"$set": {"next": {"save": "0"}}})
        assert store.policies.all() == [first]
        save_together(store, saved(first))
        assert database["joint_saves"].count_documents({}) == 0
    assert store.policies.revisions(first.id) == [saved(first), first]
    store.close()
