# SPDX-License-Identifier: GPL-3.0-or-later
"""The destinations' receipts for instances that they accepted but have not confirmed yet."""

from typing import Final

STATEMENTS: Final = ("ALTER TABLE delivery_instances ADD COLUMN receipts TEXT",)
