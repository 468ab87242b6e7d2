# SPDX-License-Identifier: GPL-3.0-or-later
"""The lineages of results in MongoDB."""

import contextlib
from collections.abc import Sequence
from datetime import datetime
from typing import Final, Literal

from pymongo import ASCENDING, IndexModel, ReplaceOne
from pymongo.errors import DuplicateKeyError

from router.documents.lineage import Lineage
from router.documents.policy import Level
from router.store.mongodb.connection import MongoConnection, Record
from router.store.reading import read, readable

_SOUGHT: Final = (
    "result_series",
    "result_study",
    "source",
    "source_series",
    "source_study",
    "delivery",
)

_IN_ORDER: Final = [("made_at", ASCENDING), ("_id", ASCENDING)]


class MongoLineages:
    """`router.store.port.Lineages`; a document's `_id` is the result instance. All nodes find all lineages:
    a result that is sent on to another node is a result there too."""

    def __init__(self, connection: MongoConnection, index: str) -> None:
        """Make the indexes. `index`: the Orthanc database whose results are recorded."""
        self._connection = connection
        self._index = index
        self._lineages = connection.collection("lineages")
        with connection.errors_in_words():
            connection.make_indexes(
                self._lineages,
                [
                    *(IndexModel([(field, ASCENDING)], name=f"by_{field}") for field in _SOUGHT),
                    IndexModel([("index", ASCENDING), *_IN_ORDER], name="by_index_and_age"),
                ],
            )

    def record(self, lineages: Sequence[Lineage]) -> None:
        if not lineages:
            return
        writes = [ReplaceOne({"_id": one.result.id}, self._document(one), upsert=True) for one in lineages]
        with self._connection.errors_in_words():
            self._lineages.bulk_write(writes, ordered=False)

    def claim(self, lineage: Lineage) -> Lineage:
        with self._connection.errors_in_words():
            while True:
                with contextlib.suppress(DuplicateKeyError):
                    self._lineages.insert_one(self._document(lineage))
                    return lineage
                record = self._lineages.find_one({"_id": lineage.result.id})
                if record is not None:  # else it was deleted meanwhile
                    return read(Lineage, record["lineage"])

    def of_results(self, instances: Sequence[str]) -> dict[str, Lineage]:
        found = self._found({"_id": {"$in": list(instances)}}, len(instances))
        return {one.result.id: one for one in found}

    def find(
        self, side: Literal["source", "result"], level: Level, resources: Sequence[str], limit: int
    ) -> list[Lineage]:
        of_instance = "_id" if side == "result" else "source"
        field = of_instance if level == "instance" else f"{side}_{level}"
        return self._found({field: {"$in": list(resources)}}, limit)

    def of_delivery(self, delivery: str, limit: int) -> list[Lineage]:
        return self._found({"delivery": delivery}, limit)

    def made_before(self, before: datetime, after: Lineage | None, limit: int) -> list[Lineage]:
        wanted: Record = {"index": self._index, "made_at": {"$lt": before}}
        if after is not None:
            later = [
                {"made_at": {"$gt": after.made_at}},
                {"made_at": after.made_at, "_id": {"$gt": after.result.id}},
            ]
            wanted = {"$and": [wanted, {"$or": later}]}
        return self._found(wanted, limit)

    def forget(self, instances: Sequence[str], before: datetime) -> int:
        with self._connection.errors_in_words():
            wanted = {"_id": {"$in": list(instances)}, "made_at": {"$lt": before}}
            return self._lineages.delete_many(wanted).deleted_count

    def _found(self, wanted: Record, limit: int) -> list[Lineage]:
        if limit == 0:
            return []
        with self._connection.errors_in_words():
            records = list(self._lineages.find(wanted).sort(_IN_ORDER).limit(limit))
        return list(readable(Lineage, (record["lineage"] for record in records)))

    def _document(self, lineage: Lineage) -> Record:
        return {
            "_id": lineage.result.id,
            "index": self._index,
            "result_series": lineage.result.series,
            "result_study": lineage.result.study,
            "source": lineage.source.id,
            "source_series": lineage.source.series,
            "source_study": lineage.source.study,
            "delivery": lineage.delivery,
            "made_at": lineage.made_at,
            "lineage": lineage.model_dump_json(),
        }
