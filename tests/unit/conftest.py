# SPDX-License-Identifier: GPL-3.0-or-later
"""What the tests of more than one package use."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from router.store import Store, open_store


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    """An empty SQLite store; `unit/store` has one of each kind instead."""
    opened = open_store(None, "", tmp_path)
    yield opened
    opened.close()
