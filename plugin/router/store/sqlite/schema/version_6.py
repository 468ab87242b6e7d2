# SPDX-License-Identifier: GPL-3.0-or-later
"""Nodes that are to take no more work."""

from typing import Final

STATEMENTS: Final = ("CREATE TABLE draining (node TEXT PRIMARY KEY) WITHOUT ROWID",)
