# SPDX-License-Identifier: GPL-3.0-or-later
"""The numbers of deliveries."""

from collections.abc import Mapping
from datetime import datetime

from router.documents.delivery import State


class Counts(dict[tuple[str, State], int]):
    """The numbers of deliveries by lane and state; a number of 0 is left out."""

    def __init__(
        self, numbers: Mapping[tuple[str, State], int] | None = None, succeeded_at: datetime | None = None
    ) -> None:
        """`succeeded_at`: when the succeeded deliveries were counted; None: now, like all others."""
        super().__init__(numbers or {})
        self.succeeded_at = succeeded_at
