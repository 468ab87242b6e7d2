"""Action `process`: a service makes something of images, and what it makes is stored here."""

from collections.abc import Mapping, Sequence
from datetime import timedelta
from functools import partial

from router.actions.callback_token import CallbackToken
from router.actions.results import store_results
from router.actions.work import Sent, Work
from router.destinations import Declined, DestinationUnavailable, ImageRefused, Outgoing, Parcel
from router.documents.action import Process
from router.orthanc_api import OrthancError, OrthancUnreachable
from router.secrets import SecretsUnreadable

#: The note of a delivery whose service will call back.
AWAITED = "The service has taken it, and is to call back"


def perform(work: Work) -> Sent:
    """Send the instances of one delivery as the action says, and store the results."""
    assert isinstance(work.action, Process)
    [leased] = work.leased
    instances = list(leased.instances)
    parcels = [[one] for one in instances] if work.action.send == "instance" else [instances]
    sent = Sent()
    stored = 0
    awaited = []
    for parcel in parcels:
        try:
            results = _process(work, work.action, parcel)
        except DestinationUnavailable as error:
            sent.unavailable, sent.retry_after = str(error), error.retry_after
            break
        except ImageRefused as error:
            # Of several it is not known which one; none of them was sent.
            sent.refused |= dict.fromkeys(parcel, str(error))
        except Declined as error:
            sent.refused |= dict.fromkeys(parcel, str(error))
            sent.lasting = error.lasting and len(parcels) == 1
        else:
            if results is None:
                awaited += parcel
            else:
                stored += results
                sent.arrived += parcel
    if awaited:
        sent.held_until = work.now + timedelta(seconds=work.action.deadline_seconds)
        sent.note = AWAITED
    elif stored:
        sent.note = f"{stored} result{'s' if stored > 1 else ''} stored"
    return sent


def _process(work: Work, action: Process, instances: Sequence[str]) -> int | None:
    """How many results were stored; None where the service will call back.

    Raises DestinationUnavailable, Declined or ImageRefused.
    """
    [leased] = work.leased
    delivery = leased.delivery
    key = delivery.instead_of or delivery.id
    alone = instances[0] if action.send == "instance" else None
    parcel = Parcel(
        key=f"{key}-{alone}" if alone else key,
        images=[Outgoing(instance, partial(work.orthanc.file, instance)) for instance in instances],
        packing=action.send,
        headers=_callback(work, CallbackToken(delivery.id, delivery.attempt_count + 1, alone), action),
    )
    try:
        with work.processor.process(parcel) as answer:
            if not answer.later:
                return store_results(work, answer)
            if not parcel.headers:
                raise Declined(
                    "The service wants to call back, but Router.PublicUrl, where to, is not set", lasting=True
                )
            return None
    except OrthancUnreachable as error:
        raise DestinationUnavailable(str(error)) from error
    except OrthancError as error:
        raise Declined(f"Orthanc does not take the result: {error}", lasting=False) from error


def _callback(work: Work, token: CallbackToken, action: Process) -> Mapping[str, str]:
    """Headers that tell a service where and until when it may call back; none where nobody could reach us."""
    if not work.site.public_url:
        return {}
    try:
        written = work.site.tokens.write(token)
    except SecretsUnreadable as error:
        raise DestinationUnavailable(str(error)) from error
    return {
        "X-Router-Callback": f"{work.site.public_url.rstrip('/')}/router/callbacks/{written}",
        "X-Router-Deadline": str(action.deadline_seconds),
    }
