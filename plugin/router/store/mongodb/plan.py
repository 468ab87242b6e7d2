# SPDX-License-Identifier: GPL-3.0-or-later
"""A plan as the documents that it writes, and as bytes of any length."""

import zlib
from dataclasses import dataclass
from typing import Self

import bson
from bson.codec_options import CodecOptions

from router.store.acts import Sign
from router.store.mongodb.connection import Record
from router.store.mongodb.delivery_document import delivery_document
from router.store.mongodb.index_keys import IndexKeys
from router.store.port import Arrival, Fired, Growing, Plan

_TIMES = CodecOptions[Record](tz_aware=True)

#: The fastest level: a plan is only kept until it is carried out.
_COMPRESSION = 1


@dataclass(frozen=True, slots=True)
class PlanDocuments:
    """The documents that a plan writes, each list to the collection of its name."""

    arrivals: list[Record]
    growing: list[Record]
    deliveries: list[Record]

    @classmethod
    def of(cls, plan: Plan, keys: IndexKeys, sign: Sign) -> Self:
        return cls(
            [arrival_document(arrival, keys) for arrival in plan.arrivals],
            [growing_document(growing, keys) for growing in plan.growing],
            [delivery_document(new, sign) for new in plan.deliveries],
        )

    @classmethod
    def from_bytes(cls, data: bytes) -> Self:
        return cls(**bson.decode(zlib.decompress(data), _TIMES))

    def to_bytes(self) -> bytes:
        lists = {"arrivals": self.arrivals, "growing": self.growing, "deliveries": self.deliveries}
        return zlib.compress(bson.encode(lists), _COMPRESSION)

    def __bool__(self) -> bool:
        return bool(self.arrivals or self.growing or self.deliveries)


def arrival_document(arrival: Arrival, keys: IndexKeys) -> Record:
    return {
        "_id": keys.key(arrival.instance),
        "series": keys.key(arrival.series),
        "study": keys.key(arrival.study),
        "sequence": arrival.sequence,
        "at": arrival.at,
        "digest": arrival.digest,
        "logged": arrival.logged,
    }


def arrival_of(record: Record, keys: IndexKeys) -> Arrival:
    return Arrival(
        keys.identifier(record["_id"]),
        keys.identifier(record["series"]),
        keys.identifier(record["study"]),
        record["sequence"],
        record["at"],
        record["digest"],
        record.get("logged", ""),
    )


def growing_id(level: str, resource: str, keys: IndexKeys) -> str:
    return f"{level}/{keys.key(resource)}"


def growing_document(growing: Growing, keys: IndexKeys) -> Record:
    return {
        "_id": growing_id(growing.level, growing.resource, keys),
        "level": growing.level,
        "resource": keys.key(growing.resource),
        "last_sequence": growing.last_sequence,
        "last_at": growing.last_at,
        "due_at": growing.due_at,
        "fired": [
            {"policy": policy, "through_sequence": fired.through_sequence, "matched": fired.matched}
            for policy, fired in growing.fired.items()
        ],
    }


def growing_of(record: Record, keys: IndexKeys) -> Growing:
    return Growing(
        record["level"],
        keys.identifier(record["resource"]),
        record["last_sequence"],
        record["last_at"],
        record["due_at"],
        {each["policy"]: Fired(each["through_sequence"], each["matched"]) for each in record["fired"]},
    )
