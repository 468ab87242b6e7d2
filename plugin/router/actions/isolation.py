"""Sending a batch so that an instance the destination refuses does not keep the others from arriving."""

from collections.abc import Sequence

from router.actions.work import Sent
from router.destinations import DestinationUnavailable, InstancesRefused, Outgoing, Sender, Sorting

#: After so many refusals of a single instance with no success between, the rest is refused unseen:
#: a destination that refuses everything is not asked a thousand times.
_PATIENCE = 8


def send_isolating(sender: Sender, images: Sequence[Outgoing]) -> Sent:
    """Send as one batch, or one for each sort; where something in one is refused, find it by halving.

    Raises DestinationUnavailable where nothing could be tried.
    """
    sent = Sent()
    sorts = sender.sorts(images) if isinstance(sender, Sorting) else [images]
    stack = [list(sort) for sort in reversed(sorts)]
    refusals_in_a_row = 0
    while stack:
        batch = stack.pop()
        try:
            sender.send(batch)
        except DestinationUnavailable as error:
            sent.arrived += error.arrived
            return sent.went_away(error)
        except InstancesRefused as error:
            if error.reasons:
                sent.refused |= error.reasons
                sent.arrived += [image.instance for image in batch if image.instance not in error.reasons]
                continue
            if error.arrived:
                sent.arrived += error.arrived
                batch = [image for image in batch if image.instance not in set(error.arrived)]
            if len(batch) > 1:
                middle = len(batch) // 2
                stack += [batch[middle:], batch[:middle]]
                continue
            refusals_in_a_row += 1
            sent.refused[batch[0].instance] = str(error)
            if refusals_in_a_row >= _PATIENCE and not sent.arrived:
                for rest in stack:
                    sent.refused |= {image.instance: str(error) for image in rest}
                return sent
        else:
            refusals_in_a_row = 0
            sent.arrived += [image.instance for image in batch]
    return sent
