# SPDX-License-Identifier: GPL-3.0-or-later
"""What stands in for a lane's performer."""

from collections.abc import Sequence
from datetime import datetime

from router.actions import SendResult
from router.store import LeasedDelivery


class Performing:
    """Takes one delivery at once, and everything of it arrives; tests change what they are about."""

    def pause_seconds(self) -> float:
        return 0.0

    def instances_at_once(self) -> int:
        return 1

    def perform(self, leased: Sequence[LeasedDelivery], _now: datetime) -> SendResult:
        return SendResult(arrived=[instance for one in leased for instance in one.instances])

    def close(self) -> None:
        """Nothing is held."""
