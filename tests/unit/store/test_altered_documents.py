# SPDX-License-Identifier: GPL-3.0-or-later
"""Policies and destinations that were changed in the database, by others than the router: named, not lost."""

import json
import sqlite3
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from typing import cast

import pytest
from pymongo import MongoClient

from router.administration.case_running import CaseRunner
from router.administration.policies import PolicyAdministration
from router.administration.policy_drafts import PolicyDrafts
from router.audit import Alterations, Audit, AuditTrailKey
from router.catalog import Catalog
from router.documents.audit import Act, Actor
from router.documents.policy import Policy
from router.secrets import Vault
from router.store import Save, Store, open_store
from unit.store.conftest import OpenStore
from unit.store.stored_samples import NOON, after, destination, policy

ACT = Act(event="policy.altered", at=NOON, node="node-1", actor=Actor(type="router"))

#: Replaces a part of the JSON of a policy, or of a destination, in the database.
Alter = Callable[[str, str, str], None]


@pytest.fixture
def alter(request: pytest.FixtureRequest, tmp_path: Path) -> Alter:
    def in_sqlite(identifier: str, old: str, new: str) -> None:
        with closing(sqlite3.connect(tmp_path / "router.sqlite3", isolation_level=None)) as sql:
            change = "UPDATE documents SET document = replace(document, ?, ?) WHERE id = ?"
            assert sql.execute(change, (old, new, identifier)).rowcount == 1

    def in_mongodb(identifier: str, old: str, new: str) -> None:
        uri, name = request.getfixturevalue("mongodb").uri, request.getfixturevalue("mongo_database")
        with MongoClient[dict[str, object]](uri) as client:
            for collection in (client[name]["policies"], client[name]["destinations"]):
                for record in collection.find({"_id": identifier}):
                    body = str(record["body"]).replace(old, new)
                    collection.update_one({"_id": identifier}, {"$set": {"body": body}})

    return in_sqlite if "sqlite" in request.node.callspec.id else in_mongodb


def altered(store: Store) -> list[str]:
    return [one.name for one in store.policies.altered()]


class TestNoticing:
    def test_what_the_router_saves_is_not(self, store: Store) -> None:
        one, pacs = policy(), destination()
        store.policies.create(one)
        store.policies.replace(one.model_copy(update={"revision": 2, "name": "MR"}))
        store.save_together([Save(pacs), Save(policy("US"))])
        store.policies.delete(one.id)
        store.policies.revive(one.model_copy(update={"revision": 3}))
        store.rewrite_secrets(lambda text: text.replace("RESEARCH", "RESERVE"))
        assert store.destinations.get(pacs.id).settings["modality"] == "RESERVE"
        assert store.policies.notice_altered(ACT) == store.destinations.notice_altered(ACT) == []
        assert altered(store) == []

    def test_a_change_is_noticed_once_and_in_force(self, store: Store, alter: Alter) -> None:
        one = policy("CT")
        store.policies.create(one)
        store.policies.create(policy("MR"))
        catalog = Catalog(store, 60)
        assert catalog.current().policies[one.id].enabled
        alter(one.id, '"enabled":true', '"enabled":false')
        assert store.policies.notice_altered(ACT) == ["CT"]
        assert store.policies.notice_altered(ACT.model_copy(update={"at": after(9)})) == []
        [found] = store.policies.altered()
        assert (found.id, found.name, found.since) == (one.id, "CT", NOON)
        assert not catalog.current().policies[one.id].enabled
        assert catalog.current().altered_policies == [found]

    def test_of_two_nodes_one_notices(self, open_again: OpenStore, store: Store, alter: Alter) -> None:
        one = policy("CT")
        store.policies.create(one)
        alter(one.id, '"enabled":true', '"enabled":false')
        noticed = [each.policies.notice_altered(ACT) for each in (store, open_again(), store)]
        assert noticed == [["CT"], [], []]

    def test_another_change_is_noticed_again(self, store: Store, alter: Alter) -> None:
        one = policy("CT")
        store.policies.create(one)
        for old, new in (('"enabled":true', '"enabled":false'), ('"order":100', '"order":7')):
            alter(one.id, old, new)
            assert store.policies.notice_altered(ACT) == ["CT"]

    def test_what_is_put_back_is_altered_no_more(self, store: Store, alter: Alter) -> None:
        one = policy("CT")
        store.policies.create(one)
        alter(one.id, '"enabled":true', '"enabled":false')
        store.policies.notice_altered(ACT)
        catalog = Catalog(store, 60)
        assert catalog.current().altered_policies
        alter(one.id, '"enabled":false', '"enabled":true')
        assert store.policies.notice_altered(ACT) == []
        assert altered(store) == []
        assert not catalog.current().altered_policies

    @pytest.mark.parametrize("how", ["replace", "delete", "together"])
    def test_a_save_ends_it(self, store: Store, alter: Alter, how: str) -> None:
        one = policy("CT")
        store.policies.create(one)
        alter(one.id, '"enabled":true', '"enabled":false')
        store.policies.notice_altered(ACT)
        following = one.model_copy(update={"revision": 2})
        if how == "replace":
            store.policies.replace(following)
        elif how == "together":
            store.save_together([Save(following)])
        else:
            store.policies.delete(one.id)
        assert altered(store) == []
        assert store.policies.notice_altered(ACT) == []

    def test_one_that_makes_no_sense_is_named_in_both_ways(self, store: Store, alter: Alter) -> None:
        one = policy("CT")
        store.policies.create(one)
        alter(one.id, '"revision":1', '"revision":')
        assert len(store.policies.notice_altered(ACT)) == 1
        assert [each.id for each in store.policies.altered()] == [one.id]
        assert [each.id for each in store.policies.unreadable()] == [one.id]

    def test_new_secrets_do_not_hide_a_change(self, store: Store, alter: Alter) -> None:
        pacs = destination()
        store.destinations.create(pacs)
        alter(pacs.id, "research-pacs", "other-pacs")
        store.rewrite_secrets(lambda text: text.replace("RESEARCH", "RESERVE"))
        assert store.destinations.notice_altered(ACT) == ["other-pacs"]


def test_what_an_older_router_has_saved_is_taken_as_it_is(tmp_path: Path) -> None:
    before = Path(__file__).parent / "before" / "store.sql"
    with closing(sqlite3.connect(tmp_path / "router.sqlite3")) as sql:
        sql.executescript(before.read_text("utf-8"))
    with closing(open_store(None, "", tmp_path)) as store:
        assert store.policies.notice_altered(ACT) == store.destinations.notice_altered(ACT) == []
        [one, *_] = store.policies.all()
        store.policies.replace(one.model_copy(update={"revision": one.revision + 1}))
        with closing(sqlite3.connect(tmp_path / "router.sqlite3")) as sql:
            [(digest,)] = sql.execute("SELECT digest FROM documents WHERE id = ?", (one.id,))
        assert digest


def deleting() -> Policy:
    """A policy that can be saved."""
    actions = [{"type": "delete", "id": "a1"}]
    return Policy.model_validate({**json.loads(policy("CT").model_dump_json()), "actions": actions})


class NoCases:
    """Of policies that have none."""

    def run(self, _draft: object) -> list[object]:
        return []


class TestWhatPeopleDo:
    @pytest.fixture
    def audit(self, store: Store, tmp_path: Path) -> Audit:
        return Audit(store, AuditTrailKey(store, Vault(tmp_path / "secret.key")), "node-1", lambda: NOON)

    @pytest.fixture
    def policies(self, store: Store, audit: Audit) -> PolicyAdministration:
        drafts = PolicyDrafts(cast(CaseRunner, NoCases()), lambda: "1.12.7")
        catalog = Catalog(store, 60)
        return PolicyAdministration(store, catalog, drafts, audit, lambda: after(60), lambda _one: False)

    def events(self, store: Store, audit: Audit) -> list[tuple[str, str]]:
        while audit.settle():
            pass
        return [(entry.event, entry.actor.name) for entry in store.audit.after(0, 100)]

    def test_accepting_saves_it_as_it_is(
        self, store: Store, alter: Alter, audit: Audit, policies: PolicyAdministration
    ) -> None:
        one = deleting()
        store.policies.create(one)
        alter(one.id, '"order":100', '"order":7')
        Alterations(store, audit)._round()
        saved = policies.accept(one.id, Actor(type="user", name="edda"))
        assert (saved.revision, saved.order, saved.updated_by) == (2, 7, "edda")
        assert altered(store) == []
        assert self.events(store, audit) == [("policy.altered", ""), ("policy.accepted", "edda")]
        assert policies.accept(one.id, Actor(type="user", name="edda")) == saved, "nothing is left to accept"

    def test_restoring_brings_back_what_was(
        self, store: Store, alter: Alter, audit: Audit, policies: PolicyAdministration
    ) -> None:
        one = deleting()
        store.policies.create(one)
        store.policies.replace(one.model_copy(update={"revision": 2}))
        alter(one.id, '"order":100', '"order":7')
        Alterations(store, audit)._round()
        saved = policies.restore(one.id, 1, Actor(type="user", name="edda"))
        assert (saved.revision, saved.order) == (3, 100)
        assert altered(store) == []
