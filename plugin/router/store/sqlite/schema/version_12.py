# SPDX-License-Identifier: GPL-3.0-or-later
"""The act's id in an entry of the audit trail, by which a repeated act is recognised."""

from typing import Final

STATEMENTS: Final = (
    "ALTER TABLE audit ADD COLUMN act_id TEXT GENERATED ALWAYS AS (json_extract(entry, '$.act_id')) VIRTUAL",
    "CREATE UNIQUE INDEX audit_by_act ON audit (act_id) WHERE act_id IS NOT NULL",
)
