# SPDX-License-Identifier: GPL-3.0-or-later
"""The audit trail as a table."""

import csv
import io

from router.audit import table
from router.documents.audit import NOTHING_BEFORE, Actor, AuditEntry, AuditRecord, ObjectReference, Patient
from unit.store.stored_samples import after, delivery


def rows(*records: AuditRecord) -> list[dict[str, str]]:
    entries = [AuditEntry.after(n, NOTHING_BEFORE, record) for n, record in enumerate(records)]
    return list(csv.DictReader(io.StringIO(table(entries))))


def record(**fields: object) -> AuditRecord:
    edda = Actor(type="user", name="edda")
    known = {"event": "policy.changed", "at": after(0.5), "node": "node-1", "actor": edda}
    return AuditRecord(**{**known, **fields})


def test_every_part_has_a_column() -> None:
    (row,) = rows(
        record(
            object=ObjectReference(type="delivery", id="d1", name="forward", revision=3),
            patient=Patient(
                patient_id="P1", patient_name="DOE^ANN", accession_number="A1", study_instance_uid="1.2"
            ),
            destination=delivery().delivery.destination,
            instances=0,
            detail='two\nlines, "quoted"',
        )
    )
    assert len(row.pop("hash")) == 64
    assert row == {
        "number": "1",
        "at": "2024-05-17T12:00:00.500Z",
        "node": "node-1",
        "event": "policy.changed",
        "outcome": "success",
        "actor_type": "user",
        "actor": "edda",
        "address": "",
        "object_type": "delivery",
        "object_id": "d1",
        "object": "forward",
        "revision": "3",
        "patient_id": "P1",
        "patient_name": "DOE^ANN",
        "accession_number": "A1",
        "study_instance_uid": "1.2",
        "destination": "pacs",
        "instances": "0",
        "detail": 'two\nlines, "quoted"',
    }


def test_what_is_missing_is_empty() -> None:
    (row,) = rows(record())
    assert {row[name] for name in ("object", "patient_id", "destination", "instances")} == {""}


def test_a_spreadsheet_carries_nothing_out() -> None:
    found = rows(*(record(detail=f"{sign}cmd|' /C calc'!A1") for sign in "=+-@\t"))
    assert all(row["detail"].startswith("'") for row in found)
