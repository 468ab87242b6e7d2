"""Carries deliveries out: lanes of worker threads, one lane a destination."""

from router.dispatch.dispatcher import Dispatcher
from router.dispatch.lane import LaneStatus

__all__ = ["Dispatcher", "LaneStatus"]
