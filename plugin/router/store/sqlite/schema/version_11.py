# SPDX-License-Identifier: GPL-3.0-or-later
"""What destinations have given for instances that they took and have yet to confirm."""

from typing import Final

STATEMENTS: Final = ("ALTER TABLE delivery_instances ADD COLUMN receipts TEXT",)
