# SPDX-License-Identifier: GPL-3.0-or-later
"""An intake whose node is the only one of its index."""

import math

from router.intake import IntakeScope
from router.settings import Index
from router.signals import Signals


def scope(*, compare_digests: bool) -> IntakeScope:
    """Whose images it plans."""
    return IntakeScope("node", Index(), compare_digests, hop_limit=8)


def signals(planned: list[str]) -> Signals:
    """This node does the intake for good; lanes with new deliveries are added to `planned`."""
    one = Signals()
    one.claim_intake(math.inf)
    one.on_new_deliveries(planned.extend)
    return one
