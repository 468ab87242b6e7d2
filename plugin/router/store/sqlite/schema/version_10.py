# SPDX-License-Identifier: GPL-3.0-or-later
"""Signatures of the audit trail's anchor and of queued acts, which an older router does not know."""

from typing import Final

STATEMENTS: Final = ("ALTER TABLE audit_ends ADD COLUMN anchor_signature TEXT",)
