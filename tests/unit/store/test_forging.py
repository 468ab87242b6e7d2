# SPDX-License-Identifier: GPL-3.0-or-later
"""What somebody does to the audit trail who can write to the database, and has no key: all of it shows."""

import json
import sqlite3
from abc import ABC, abstractmethod
from collections.abc import Iterator, Mapping
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from cryptography.fernet import Fernet
from pymongo import MongoClient

from router.destinations.secret_places import PURPOSE
from router.documents.audit import NOTHING_BEFORE, Act, Actor, AuditEntry, AuditRecord
from router.documents.delivery import State
from router.documents.document import new_id
from router.secrets import SecretsUnreadable
from router.secrets.fields import SEALED
from router.store import DeliveryFilter, Outcome, Store
from router.store.acts import DeliveryAct
from unit.marked_router import MarkedRouter
from unit.store.stored_samples import NOON, add, after, attempt, delivery, lease_one, policy, record, resource

PERSON = Actor(type="user", name="edda")
KNOWN = b"a password that is known to me.."
KNOWN_IN_BASE64 = "YSBwYXNzd29yZCB0aGF0IGlzIGtub3duIHRvIG1lLi4="


class Database(ABC):
    """A store's database, as somebody sees it who may write to it."""

    @abstractmethod
    def waiting(self) -> list[str]:
        """What has been put down and is not in the trail yet."""

    @abstractmethod
    def put_down(self, content: str, delivery: str | None = None) -> None:
        """Put something there, with a delivery or with a policy."""

    @abstractmethod
    def change(self, delivery: str, said: str, instead: str) -> None:
        """Have a delivery say something else."""

    @abstractmethod
    def take_up(self) -> None:
        """Take all of it away."""

    @abstractmethod
    def cut_off(self, number: int) -> None:
        """Take the entries up to this one away, and have the trail begin after it."""

    @abstractmethod
    def remember(self, name: str, text: str) -> None:
        """Replace what the store remembers under a name."""

    @abstractmethod
    def write_anew(self, entry: AuditEntry) -> None:
        """Have the trail consist of this one."""


class Sqlite(Database):
    def __init__(self, sql: sqlite3.Connection) -> None:
        self.sql = sql

    def waiting(self) -> list[str]:
        return [row[0] for row in self.sql.execute("SELECT content FROM unaudited ORDER BY number")]

    def put_down(self, content: str, delivery: str | None = None) -> None:
        number = "(SELECT number FROM deliveries WHERE id = ?)"
        self.sql.execute(
            f"INSERT INTO unaudited (delivery, content) VALUES ({number}, ?)", (delivery, content)
        )

    def change(self, delivery: str, said: str, instead: str) -> None:
        changed = self.sql.execute(
            "UPDATE deliveries SET planned = replace(planned, ?, ?) WHERE id = ? AND instr(planned, ?)",
            (said, instead, delivery, said),
        )
        assert changed.rowcount == 1

    def take_up(self) -> None:
        self.sql.execute("DELETE FROM unaudited")

    def cut_off(self, number: int) -> None:
        [row] = self.sql.execute("SELECT entry FROM audit WHERE number = ?", (number,))
        self.sql.execute("DELETE FROM audit WHERE number <= ?", (number,))
        anchor = number, json.loads(row[0])["hash"]
        self.sql.execute("UPDATE audit_ends SET anchor = ?, anchor_hash = ?", anchor)

    def remember(self, name: str, text: str) -> None:
        self.sql.execute("UPDATE remembered SET text = ? WHERE name = ?", (text, name))

    def write_anew(self, entry: AuditEntry) -> None:
        self.sql.execute("DELETE FROM audit")
        self.sql.execute("INSERT INTO audit (number, entry) VALUES (1, ?)", (entry.model_dump_json(),))
        self.sql.execute("UPDATE audit_ends SET anchor = 0, anchor_hash = ?, head = 1", (NOTHING_BEFORE,))
        self.sql.execute("UPDATE audit_ends SET head_hash = ?", (entry.hash,))


class Mongo(Database):
    def __init__(self, database: Any) -> None:
        self.database = database

    def waiting(self) -> list[str]:
        return [
            one["content"]
            for name in ("policies", "deliveries")
            for document in self.database[name].find({"unaudited": {"$exists": True}})
            for one in document["unaudited"]
        ]

    def put_down(self, content: str, delivery: str | None = None) -> None:
        collection = self.database["policies" if delivery is None else "deliveries"]
        element = {"key": new_id(), "content": content}
        where = {} if delivery is None else {"_id": delivery}
        assert collection.update_one(where, {"$push": {"unaudited": element}}).matched_count

    def change(self, delivery: str, said: str, instead: str) -> None:
        planned = self.database["deliveries"].find_one({"_id": delivery})["planned"]
        assert said in planned
        altered = {"$set": {"planned": planned.replace(said, instead)}}
        assert self.database["deliveries"].update_one({"_id": delivery}, altered).modified_count

    def take_up(self) -> None:
        for name in ("policies", "deliveries"):
            self.database[name].update_many({}, {"$unset": {"unaudited": ""}})

    def cut_off(self, number: int) -> None:
        hashed = self.database["audit"].find_one({"_id": number})["hash"]
        self.database["audit"].delete_many({"_id": {"$lte": number}})
        anchor = {"anchor.number": number, "anchor.hash": hashed}
        self.database["audit_state"].update_one({"_id": "ends"}, {"$set": anchor})

    def remember(self, name: str, text: str) -> None:
        self.database["remembered"].update_one({"_id": name}, {"$set": {"text": text}})

    def write_anew(self, entry: AuditEntry) -> None:
        self.database["audit"].delete_many({})
        document = entry.model_dump()
        document["_id"] = document.pop("number")
        self.database["audit"].insert_one(document | {"key": "x", "objects": [], "search_keys": []})
        ends = {"anchor": {"number": 0, "hash": NOTHING_BEFORE}, "head": {"number": 1, "hash": entry.hash}}
        self.database["audit_state"].update_one({"_id": "ends"}, {"$set": ends})


class Router(MarkedRouter):
    """One that acts, and looks at its trail."""

    def act(self, event: str = "policy.created") -> Act:
        return self.audit.act(event, PERSON)

    def verify(self) -> str:
        """What verification says, with all that is put down in the trail; empty where all is well."""
        while self.audit.settle():
            pass
        found = self.audit.verified()
        return "" if found.ok else found.message

    def events(self) -> list[str]:
        return [entry.event for entry in self.store.audit.after(0, 100)]


@pytest.fixture
def router(store: Store, tmp_path: Path) -> Router:
    """With a trail of some entries, all settled."""
    router = Router(store, tmp_path)
    for number in range(4):
        store.policies.create(policy(f"CT {number}"), router.act())
    assert router.verify() == ""
    return router


@pytest.fixture
def database(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Database]:
    if "sqlite" in request.node.callspec.id:
        with closing(sqlite3.connect(tmp_path / "router.sqlite3", isolation_level=None)) as sql:
            yield Sqlite(sql)
    else:
        uri, name = (request.getfixturevalue("mongodb").uri, request.getfixturevalue("mongo_database"))
        with MongoClient[Mapping[str, Any]](uri) as client:
            yield Mongo(client[name])


class TestWhatIsNotYetInTheTrail:
    def test_a_record_of_ones_own(self, router: Router, database: Database) -> None:
        forged = AuditRecord(event="policy.deleted", at=after(90), node="OLD", actor=PERSON)
        database.put_down(forged.model_dump_json())
        assert "was written without the key" in router.verify()

    def test_one_that_is_changed(self, router: Router, database: Database) -> None:
        router.store.policies.create(policy("MR"), router.act())
        [content] = database.waiting()
        database.take_up()
        database.put_down(content.replace("edda", "otto"))
        assert "was written without the key" in router.verify()

    def test_a_copy_of_one_that_waits_is_left_out_and_told(self, router: Router, database: Database) -> None:
        router.store.policies.create(policy("MR"), router.act())
        before = router.events()
        [content] = database.waiting()
        database.put_down(content)
        assert router.verify() == ""
        assert sorted(router.events()[len(before) :]) == ["audit.repeated", "policy.created"]

    def test_a_copy_that_is_put_back_later(self, router: Router, database: Database) -> None:
        document = policy("MR")
        router.store.policies.create(document, router.act())
        [content] = database.waiting()
        assert router.verify() == ""
        for _ in range(2):
            database.put_down(content)
            assert router.verify() == ""
        told = [entry for entry in router.store.audit.after(0, 100) if entry.event == "audit.repeated"]
        assert [(entry.object and entry.object.id, entry.outcome) for entry in told] == [
            (document.id, "failure")
        ] * 2
        assert told[0].detail.startswith(
            "policy.created, done at 2024-05-17T12:01:40.000Z, is in the audit trail already."
        )
        assert router.events().count("policy.created") == 5

    def test_an_unsigned_copy_does_not_take_its_place(self, router: Router, database: Database) -> None:
        """What is copied without its signature must not keep the act itself out."""
        router.store.policies.create(policy("MR"), router.act())
        [content] = database.waiting()
        database.take_up()
        database.put_down(content.partition("\n")[0])
        assert "was written without the key" in router.verify()
        database.put_down(content)
        router.verify()
        last = router.store.audit.after(0, 100)[-1]
        assert (last.event, last.keyed) == ("policy.created", True)

    @pytest.mark.parametrize("content", ["", "{}", "nonsense", '{"key": "x"}\nabc'])
    @pytest.mark.parametrize("where", [None, "d1"])
    def test_nonsense_stops_nothing(
        self, router: Router, database: Database, content: str, where: str | None
    ) -> None:
        add(router.store, delivery(identifier="d1"))
        database.put_down(content, where)
        assert "was written without the key" in router.verify()
        assert router.events()[-1] == "audit.unreadable"
        assert not database.waiting()


class TestActsUponDeliveries:
    @pytest.fixture
    def cancelled(self, router: Router, database: Database) -> str:
        """What is put down of a delivery that somebody has cancelled, beside another that waits."""
        add(router.store, delivery(identifier="d1"), delivery(identifier="d2"))
        assert router.store.deliveries.cancel("d1", NOON, router.act("delivery.cancelled")) == 1
        [content] = database.waiting()
        return content

    def test_a_copy_upon_another_delivery(self, router: Router, database: Database, cancelled: str) -> None:
        database.put_down(cancelled, "d2")
        assert "was written without the key" in router.verify()
        keyed = [entry.object and entry.object.id for entry in router.store.audit.after(4, 10) if entry.keyed]
        assert keyed == ["d1"]

    def test_one_that_is_moved_to_another_delivery(
        self, router: Router, database: Database, cancelled: str
    ) -> None:
        database.take_up()
        database.put_down(cancelled, "d2")
        assert "was written without the key" in router.verify()

    def test_a_copy_upon_the_same(self, router: Router, database: Database, cancelled: str) -> None:
        database.put_down(cancelled, "d1")
        assert router.verify() == ""
        assert sorted(router.events()[4:]) == ["audit.repeated", "delivery.cancelled"]

    def test_one_with_a_policy(self, router: Router, database: Database, cancelled: str) -> None:
        database.take_up()
        database.put_down(cancelled)
        assert "was written without the key" in router.verify()

    def test_the_end_of_another(self, router: Router, database: Database) -> None:
        add(router.store, delivery(identifier="d1"))
        record(router.store, lease_one(router.store), Outcome(State.SUCCEEDED, (), attempt()))
        [content] = database.waiting()
        add(router.store, delivery(identifier="d2"))
        database.put_down(content, "d2")
        assert "was written without the key" in router.verify()

    def test_one_as_a_router_before_has_put_it_down(self, router: Router, database: Database) -> None:
        """It says of which delivery it is no more than its place does."""
        add(router.store, delivery(identifier="d1"))
        old = DeliveryAct(key="k", act=router.act("delivery.cancelled")).model_dump_json()
        database.put_down(router.key.signed(old), "d1")
        assert "was written without the key" in router.verify()

    @pytest.mark.parametrize("said", ["P1", "Doe^Jane", "pacs", "forward"])
    def test_a_delivery_that_is_changed_after_its_end(
        self, router: Router, database: Database, said: str
    ) -> None:
        of = resource(patient_id="P1", patient_name="Doe^Jane")
        add(router.store, delivery(identifier="d1", about=of))
        record(router.store, lease_one(router.store), Outcome(State.SUCCEEDED, (), attempt()))
        database.change("d1", f'"{said}"', '"another"')
        assert "was written without the key" in router.verify()

    def test_a_delivery_that_is_changed_after_it_was_cancelled(
        self, router: Router, database: Database, cancelled: str
    ) -> None:
        assert "edda" in cancelled
        database.change("d1", '"study-1"', '"another"')
        assert "was written without the key" in router.verify()

    def test_the_end_of_one_that_an_earlier_router_has_planned(
        self, router: Router, database: Database
    ) -> None:
        """It knew less of a delivery."""
        add(router.store, delivery(identifier="d1"))
        database.change("d1", '"by_hand":null,', "")
        record(router.store, lease_one(router.store), Outcome(State.SUCCEEDED, (), attempt()))
        assert router.verify() == ""

    def test_the_end_of_one_that_cannot_be_read(self, router: Router, database: Database) -> None:
        add(router.store, delivery(identifier="d1"), delivery(identifier="d2"))
        for one in ("d1", "d2"):
            database.change(one, '"level":', '"unknown":')
        record(router.store, lease_one(router.store), Outcome(State.FAILED, ("image-1",), attempt("no")))
        assert router.store.deliveries.cancel("d2", NOON, router.act("delivery.cancelled")) == 1
        assert router.verify() == ""

    def test_what_is_done_to_many_passes(self, router: Router) -> None:
        add(router.store, *(delivery(identifier=f"d{n}") for n in range(5)))
        assert router.store.deliveries.cancel(DeliveryFilter(), NOON, router.act("delivery.cancelled")) == 5
        assert router.verify() == ""
        told = router.store.audit.after(4, 10)
        assert sorted(entry.object.id for entry in told if entry.object) == [f"d{n}" for n in range(5)]


class TestTheEnds:
    def test_the_oldest_are_cut_off(self, router: Router, database: Database) -> None:
        database.cut_off(2)
        assert router.verify().startswith("The entries up to 2 are missing")

    def test_what_a_router_lets_go_passes(self, router: Router) -> None:
        assert router.audit.expire(after(1000)) == 4
        assert router.verify() == ""


class TestTheKey:
    """A known secret in its place: the whole trail is then written anew under what is known."""

    def _why_not(self, router: Router, database: Database, sealed: object, folder: Path) -> str:
        """What a router that starts then says of the key, which it does not take."""
        database.remember("audit-key", json.dumps(sealed))
        forged = AuditRecord(event="router.started", at=NOON, node="OLD", actor=PERSON)
        database.write_anew(AuditEntry.after(0, NOTHING_BEFORE, forged, KNOWN))
        again = Router(router.store, folder)
        assert again.key.get() is None
        assert "has not the key" in again.verify()
        with pytest.raises(SecretsUnreadable) as refused:
            again.vault.unseal(sealed, "audit trail")
        return str(refused.value)

    def test_one_that_was_sealed_for_something_else(
        self, router: Router, database: Database, tmp_path: Path
    ) -> None:
        sealed = router.vault.seal(KNOWN_IN_BASE64, PURPOSE, {"kind": "http"})
        assert "sealed for something else" in self._why_not(router, database, sealed, tmp_path)

    def test_one_that_a_router_before_has_sealed(
        self, router: Router, database: Database, tmp_path: Path
    ) -> None:
        fernet = Fernet((tmp_path / "secret.key").read_text().strip())
        sealed = {SEALED: fernet.encrypt(json.dumps(KNOWN_IN_BASE64).encode()).decode()}
        assert "does not say what it was sealed for" in self._why_not(router, database, sealed, tmp_path)
