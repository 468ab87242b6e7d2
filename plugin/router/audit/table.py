# SPDX-License-Identifier: GPL-3.0-or-later
"""The audit trail as a table, for spreadsheets."""

import csv
import io
from collections.abc import Callable, Iterable
from typing import Final

from router.documents.audit import AuditEntry
from router.documents.document import rfc3339

_COLUMNS: Final[dict[str, Callable[[AuditEntry], object]]] = {
    "number": lambda entry: entry.number,
    "at": lambda entry: rfc3339(entry.at),
    "node": lambda entry: entry.node,
    "event": lambda entry: entry.event,
    "outcome": lambda entry: entry.outcome,
    "actor_type": lambda entry: entry.actor.type,
    "actor": lambda entry: entry.actor.name,
    "address": lambda entry: entry.actor.address,
    "object_type": lambda entry: entry.object and entry.object.type,
    "object_id": lambda entry: entry.object and entry.object.id,
    "object": lambda entry: entry.object and entry.object.name,
    "revision": lambda entry: entry.object and entry.object.revision,
    "patient_id": lambda entry: entry.patient and entry.patient.patient_id,
    "patient_name": lambda entry: entry.patient and entry.patient.patient_name,
    "accession_number": lambda entry: entry.patient and entry.patient.accession_number,
    "study_instance_uid": lambda entry: entry.patient and entry.patient.study_instance_uid,
    "destination": lambda entry: entry.destination and entry.destination.name,
    "instances": lambda entry: entry.instances,
    "detail": lambda entry: entry.detail,
    "hash": lambda entry: entry.hash,
}

#: The first characters of texts that a spreadsheet would execute as a formula.
_FORMULA: Final = ("=", "+", "-", "@", "\t", "\r")


def table(entries: Iterable[AuditEntry]) -> str:
    """Return the entries as CSV (RFC 4180) with a header line. Texts that look like a formula are marked as
    text."""
    text = io.StringIO()
    writer = csv.writer(text)
    writer.writerow(_COLUMNS)
    for entry in entries:
        writer.writerow([cell(column(entry)) for column in _COLUMNS.values()])
    return text.getvalue()


def cell(value: object) -> object:
    """Return a value such that a spreadsheet shows it and does not execute it."""
    return f"'{value}" if isinstance(value, str) and value.startswith(_FORMULA) else value
