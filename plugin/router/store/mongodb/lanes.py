# SPDX-License-Identifier: GPL-3.0-or-later
"""The state of lanes that the nodes of a group share, in MongoDB."""

from collections.abc import Mapping

from pymongo.errors import DuplicateKeyError

from router.documents.lane import LaneState
from router.store.mongodb.connection import MongoConnection, Record
from router.store.reading import readable


class MongoLanes:
    """`router.store.port.Lanes`; a document's `_id` is the lane's."""

    def __init__(self, connection: MongoConnection) -> None:
        self._connection = connection
        self._lanes = connection.collection("lanes")

    def all(self) -> Mapping[str, LaneState]:
        with self._connection.errors_in_words():
            return {record["_id"]: _state_of(record) for record in self._lanes.find()}

    def get(self, lane: str) -> tuple[LaneState, int]:
        with self._connection.errors_in_words():
            record = self._lanes.find_one({"_id": lane})
        if record is None:
            return LaneState(), 0
        return _state_of(record), record["version"]

    def put(self, lane: str, state: LaneState, version: int) -> bool:
        changed = {"state": state.model_dump(), "version": version + 1}
        with self._connection.errors_in_words():
            if version:
                as_known = {"_id": lane, "version": version}
                return bool(self._lanes.update_one(as_known, {"$set": changed}).matched_count)
            try:
                self._lanes.insert_one({"_id": lane, **changed})
            except DuplicateKeyError:
                return False
        return True


def _state_of(record: Record) -> LaneState:
    """Return the state of a lane; a new one where this version of the router cannot read it."""
    return next(readable(LaneState, [record["state"]]), LaneState())
