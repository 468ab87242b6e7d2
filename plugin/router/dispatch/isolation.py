"""Sending a batch so that an instance the destination refuses does not keep the others from arriving."""

from collections.abc import Sequence
from dataclasses import dataclass, field

from router.destinations import DestinationUnavailable, InstancesRefused, Sender

#: After so many refusals of a single instance with no success between, the rest is refused unseen:
#: a destination that refuses everything is not asked a thousand times.
_PATIENCE = 8


@dataclass
class Sent:
    """What became of the instances of one batch."""

    arrived: list[str] = field(default_factory=list)
    #: Why, by instance.
    refused: dict[str, str] = field(default_factory=dict)
    #: The destination went away; what is neither arrived nor refused was not sent, or not known to be.
    unavailable: str | None = None


def send_isolating(sender: Sender, instances: Sequence[str]) -> Sent:
    """Send as one batch; where something in it is refused, find it by halving. Raises nothing of its own."""
    sent = Sent()
    stack = [list(instances)]
    refusals_in_a_row = 0
    while stack:
        batch = stack.pop()
        try:
            sender.send(batch)
        except DestinationUnavailable as error:
            sent.unavailable = str(error)
            return sent
        except InstancesRefused as error:
            if error.reasons:
                sent.refused |= error.reasons
                sent.arrived += [instance for instance in batch if instance not in error.reasons]
                continue
            if len(batch) > 1:
                middle = len(batch) // 2
                stack += [batch[middle:], batch[:middle]]
                continue
            refusals_in_a_row += 1
            sent.refused[batch[0]] = str(error)
            if refusals_in_a_row >= _PATIENCE and not sent.arrived:
                for rest in stack:
                    sent.refused |= dict.fromkeys(rest, str(error))
                return sent
        else:
            refusals_in_a_row = 0
            sent.arrived += batch
    return sent
