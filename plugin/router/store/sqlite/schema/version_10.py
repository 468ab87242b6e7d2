# SPDX-License-Identifier: GPL-3.0-or-later
"""The end of the audit trail is signed, and so is what is put down for it, which an older router does not
know."""

from typing import Final

STATEMENTS: Final = ("ALTER TABLE audit_ends ADD COLUMN anchor_signature TEXT",)
