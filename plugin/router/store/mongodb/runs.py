# SPDX-License-Identifier: GPL-3.0-or-later
"""Runs in MongoDB."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Final

from pydantic import ValidationError
from pymongo import ASCENDING, DESCENDING, IndexModel, UpdateOne

from router.documents.run import Progress, Run, RunState, RunStudy
from router.store.mongodb.connection import MongoConnection, Record
from router.store.mongodb.delivery_document import delivery_document
from router.store.mongodb.inserting import delete_in_portions, insert_missing
from router.store.port import DoneStudy, Finding, NotFound, RunFilter, Unreadable
from router.store.reading import read, readable, reason

_RUN_INDEXES: Final = {
    "by_age": ("created_at", "_id"),
    "by_state": ("state", "created_at", "_id"),
    "by_policy": ("policy", "created_at", "_id"),
    "by_end": ("finished_at",),
}
_STUDY_INDEXES: Final = {
    "in_order": ("run", "done", "position"),
    "by_verdict": ("run", "verdict", "position"),
    "by_change": ("run", "change", "position"),
}
_FOUND_BY: Final[dict[Finding | None, Record]] = {
    None: {"done": True},
    "matched": {"verdict": "matched"},
    "unmatched": {"verdict": "unmatched"},
    "gained": {"change": "gained"},
    "lost": {"change": "lost"},
}
_IN_ORDER: Final = [("position", ASCENDING), ("_id", ASCENDING)]


class MongoRuns:
    """`router.store.port.Runs`.

    The result of a study and its new deliveries are written in one update of the study's document. Then the
    deliveries become documents of their own, which may be repeated, and `planned` is removed.
    """

    def __init__(self, connection: MongoConnection, index: str) -> None:
        """Make the indexes. `index` is the Orthanc database whose studies the runs look at."""
        self._connection = connection
        self._index = index
        self._runs = connection.collection("runs")
        self._studies = connection.collection("run_studies")
        self._deliveries = connection.collection("deliveries")
        with connection.errors_in_words():
            connection.make_indexes(self._runs, _models(_RUN_INDEXES))
            connection.make_indexes(self._studies, _models(_STUDY_INDEXES))
            is_planned = {"planned": {"$exists": True}}
            connection.make_indexes(
                self._studies,
                [IndexModel([("run", ASCENDING)], name="planned", partialFilterExpression=is_planned)],
            )

    def create(self, run: Run) -> None:
        with self._connection.errors_in_words():
            self._runs.insert_one(
                {
                    "_id": run.id,
                    "kind": run.kind,
                    "policy": run.policy.id if run.policy else None,
                    "node": run.node,
                    "created_at": run.created_at,
                    **_changing(run),
                }
            )

    def get(self, identifier: str) -> Run:
        with self._connection.errors_in_words():
            record = self._runs.find_one({"_id": identifier})
        if record is None:
            raise NotFound(identifier)
        try:
            return read(Run, record["run"])
        except ValidationError as error:
            raise Unreadable(reason(error)) from error

    def find(self, wanted: RunFilter, limit: int, offset: int = 0) -> tuple[list[Run], int]:
        matching = _query(wanted)
        with self._connection.errors_in_words():
            total = self._runs.count_documents(matching)
            if limit == 0:
                return [], total
            newest_first = [("created_at", DESCENDING), ("_id", DESCENDING)]
            page = list(self._runs.find(matching).sort(newest_first).skip(offset).limit(limit))
        return list(readable(Run, (record["run"] for record in page))), total

    def save(self, run: Run, expected: RunState) -> bool:
        with self._connection.errors_in_words():
            as_expected = {"_id": run.id, "state": expected.value}
            return bool(self._runs.update_one(as_expected, {"$set": _changing(run)}).matched_count)

    def delete(self, identifier: str) -> None:
        self.get(identifier)
        with self._connection.errors_in_words():
            self._forget(identifier)

    def expire(self, before: datetime) -> int:
        with self._connection.errors_in_words():
            ended = [each["_id"] for each in self._runs.find({"finished_at": {"$lt": before}}, {"_id": 1})]
            for identifier in ended:
                self._forget(identifier)
        return len(ended)

    def add_studies(self, run: str, studies: Sequence[RunStudy]) -> None:
        with self._connection.errors_in_words():
            insert_missing(
                self._studies,
                [
                    {
                        "_id": _study_id(run, study),
                        "run": run,
                        "position": study.position,
                        **_told(study),
                    }
                    for study in studies
                ],
            )

    def next_studies(self, run: str, limit: int) -> list[RunStudy]:
        with self._connection.errors_in_words():
            for record in self._studies.find({"run": run, "planned": {"$exists": True}}):
                self._bring_in([record])
            found = self._studies.find({"run": run, "done": False}).sort(_IN_ORDER).limit(limit)
            return list(readable(RunStudy, (record["told"] for record in found)))

    def record(self, run: str, done: Sequence[DoneStudy]) -> None:
        if not done:
            return
        records = [
            {
                "_id": _study_id(run, each.study),
                "planned": [
                    delivery_document(new, self._connection.sign) | {"index": self._index}
                    for new in each.deliveries
                ],
                **_told(each.study),
            }
            for each in done
        ]
        updates = [
            UpdateOne({"_id": record["_id"]}, {"$set": _without_nothing(record)}) for record in records
        ]
        with self._connection.errors_in_words():
            self._studies.bulk_write(updates, ordered=False)
            self._bring_in([record for record in records if record["planned"]])

    def progress(self, run: str) -> Progress:
        sums = {
            "_id": None,
            "studies": {"$sum": 1},
            "done": {"$sum": {"$cond": ["$done", 1, 0]}},
            "instances": {"$sum": "$looked_at"},
        }
        with self._connection.errors_in_words():
            found = list(self._studies.aggregate([{"$match": {"run": run}}, {"$group": sums}]))
        if not found:
            return Progress(studies_total=0)
        return Progress(
            studies_done=found[0]["done"],
            studies_total=found[0]["studies"],
            instances=found[0]["instances"],
        )

    def studies(
        self, run: str, finding: Finding | None, limit: int, offset: int = 0
    ) -> tuple[list[RunStudy], int]:
        matching = {"run": run} | _FOUND_BY[finding]
        with self._connection.errors_in_words():
            total = self._studies.count_documents(matching)
            if limit == 0:
                return [], total
            page = list(self._studies.find(matching).sort(_IN_ORDER).skip(offset).limit(limit))
        return list(readable(RunStudy, (record["told"] for record in page))), total

    def studies_after(
        self, run: str, finding: Finding | None, after: RunStudy | None, limit: int
    ) -> list[RunStudy]:
        matching: Record = {"run": run} | _FOUND_BY[finding]
        if after is not None:
            further = {"position": {"$gt": after.position}}
            beside = {"position": after.position, "_id": {"$gt": _study_id(run, after)}}
            matching = {"$and": [matching, {"$or": [further, beside]}]}
        with self._connection.errors_in_words():
            page = list(self._studies.find(matching).sort(_IN_ORDER).limit(limit))
        return list(readable(RunStudy, (record["told"] for record in page)))

    def _bring_in(self, records: Sequence[Record]) -> None:
        """Make documents of the deliveries that were written with studies."""
        if not records:
            return
        insert_missing(self._deliveries, [new for record in records for new in record["planned"]])
        self._studies.update_many(
            {"_id": {"$in": [record["_id"] for record in records]}}, {"$unset": {"planned": ""}}
        )

    def _forget(self, identifier: str) -> None:
        # The run last, so that after an interruption it is found and deleted again.
        delete_in_portions(self._studies, {"run": identifier})
        self._runs.delete_one({"_id": identifier})


def _models(indexes: Mapping[str, tuple[str, ...]]) -> list[IndexModel]:
    return [
        IndexModel([(field, ASCENDING) for field in fields], name=name) for name, fields in indexes.items()
    ]


def _study_id(run: str, study: RunStudy) -> str:
    return f"{run}/{study.study}"


def _changing(run: Run) -> Record:
    return {"state": run.state.value, "finished_at": run.finished_at, "run": run.model_dump_json()}


def _told(study: RunStudy) -> Record:
    return {
        "done": study.done,
        "verdict": study.verdict,
        "change": study.change,
        "looked_at": study.looked_at,
        "told": study.model_dump_json(),
    }


def _without_nothing(record: Record) -> Record:
    """Return the fields to set in a study's document, without an empty `planned`, which would be brought
    in."""
    return {name: value for name, value in record.items() if name != "_id" and (name != "planned" or value)}


def _query(wanted: RunFilter) -> Record:
    parts: Record = {}
    if wanted.kinds:
        parts["kind"] = {"$in": sorted(wanted.kinds)}
    if wanted.states:
        parts["state"] = {"$in": sorted(state.value for state in wanted.states)}
    if wanted.policy is not None:
        parts["policy"] = wanted.policy
    if wanted.node is not None:
        parts["node"] = wanted.node
    return parts
