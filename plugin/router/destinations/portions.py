# SPDX-License-Identifier: GPL-3.0-or-later
"""Having Orthanc send images by jobs of a size that it carries out quickly."""

from collections.abc import Callable, Sequence

from router.destinations.kind import DestinationUnavailable, InstancesRefused

#: Images of one job of Orthanc's, so of one association. Orthanc writes the whole list down anew after each
#: image: two thousand in one job take eight times the processor time that they take by fifties, and
#: with fewer than these the associations cost more than the lists.
PORTION = 50


def in_portions(instances: Sequence[str], send: Callable[[Sequence[str]], None]) -> None:
    """Give instances to `send` some at a time; it raises DestinationUnavailable or InstancesRefused.

    Raises the same, with what had arrived before.
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
