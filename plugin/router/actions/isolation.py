# SPDX-License-Identifier: GPL-3.0-or-later
"""Sends a batch in which the destination may refuse some instances: all others still arrive."""

from collections.abc import Sequence

from router.actions.work import SendResult
from router.destinations import DestinationUnavailable, InstancesRefused, Outgoing, Sender, Unconfirmed

#: Failures in a row after which batches are not halved any more. Batches still waiting are sent once each;
#: what fails then waits for the next attempt. So a destination that refuses everything gets few requests.
_PATIENCE = 16


def send_isolating(sender: Sender, images: Sequence[Outgoing]) -> SendResult:
    """Send the images as one batch. Where the destination refuses some without saying which, halve the batch
    to find them. Images not tried in the end are neither arrived nor refused; the next attempt begins with
    them.

    Raises DestinationUnavailable where nothing could be tried.
    """
    result = SendResult(tried=not all(image.receipt for image in images))
    stack = [list(images)]
    in_vain = 0
    while stack:
        batch = stack.pop()
        try:
            result.note = sender.send(batch)
        except DestinationUnavailable as error:
            result.arrived += error.arrived
            return result.went_away(error)
        except Unconfirmed as error:
            result.note = str(error)
            result.arrived += error.arrived
            result.refused |= error.reasons
            result.receipts |= error.receipts
            result.look_again_seconds = error.look_again_seconds
            if error.unavailable is not None:
                return result.went_away(DestinationUnavailable(error.unavailable))
        except InstancesRefused as error:
            result.note = error.note
            result.gone |= error.gone
            if error.reasons:
                result.refused |= error.reasons
                result.arrived += [image.instance for image in batch if image.instance not in error.reasons]
                continue
            if error.arrived:
                result.arrived += error.arrived
                batch = [image for image in batch if image.instance not in set(error.arrived)]
            in_vain += 1
            if len(batch) == 1:
                result.refused[batch[0].instance] = str(error)
            elif in_vain < _PATIENCE:
                middle = len(batch) // 2
                stack += [batch[middle:], batch[:middle]]
        else:
            in_vain = 0
            result.arrived += [image.instance for image in batch]
    return result
