# SPDX-License-Identifier: GPL-3.0-or-later
"""Carries deliveries out: lanes of worker threads, one lane a destination."""

from router.dispatch.breaker import BreakerState
from router.dispatch.dispatcher import Dispatcher
from router.dispatch.lane_status import LaneStatus

__all__ = ["BreakerState", "Dispatcher", "LaneStatus"]
