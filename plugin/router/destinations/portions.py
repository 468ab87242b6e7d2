# SPDX-License-Identifier: GPL-3.0-or-later
"""Lets Orthanc send images in jobs of a size that it carries out quickly."""

from collections.abc import Callable, Sequence

from router.destinations.kind import DestinationUnavailable, InstancesRefused

#: Images of one job in Orthanc, so of one association. Orthanc writes the whole list down again after each
#: image: two thousand images in one job take eight times the processor time of jobs of fifty. With fewer, the
#: associations cost more than the lists.
PORTION = 50


def in_portions(instances: Sequence[str], send: Callable[[Sequence[str]], None]) -> None:
    """Give instances to `send` in portions. `send` raises DestinationUnavailable or InstancesRefused.

    Raises the same, with the instances that had arrived before.
    """
    arrived: list[str] = []
    for start in range(0, len(instances), PORTION):
        portion = instances[start : start + PORTION]
        try:
            send(portion)
        except DestinationUnavailable as error:
            error.arrived[:0] = arrived
            raise
        except InstancesRefused as error:
            raise InstancesRefused(str(error), arrived=arrived) from error
        arrived += portion
