# SPDX-License-Identifier: GPL-3.0-or-later
"""How many deliveries there are."""

from collections.abc import Mapping
from datetime import datetime

from router.documents.delivery import State


class Counts(dict[tuple[str, State], int]):
    """By lane and state; what there is none of is left out."""

    def __init__(
        self, numbers: Mapping[tuple[str, State], int] | None = None, succeeded_at: datetime | None = None
    ) -> None:
        """`succeeded_at`: as of when those that have succeeded are counted; None: now, as the others."""
        super().__init__(numbers or {})
        self.succeeded_at = succeeded_at
