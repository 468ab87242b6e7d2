# SPDX-License-Identifier: GPL-3.0-or-later
"""Action `process`: a service processes images, and its results are stored here."""

import io
import time
from collections.abc import Mapping, Sequence
from datetime import timedelta
from functools import partial
from typing import ClassVar, Literal

import pydicom
from pydantic import Field

from router.actions.action_type import ActionType
from router.actions.callback_token import CallbackToken
from router.actions.own_results import AWAITED, sort_out
from router.actions.returning import returning, told
from router.actions.work import SendResult, Work
from router.destinations import Answer, Declined, DestinationUnavailable, ImageRefused, Outgoing, Parcel
from router.documents.action import ImagesAction
from router.documents.delivery import Delivery
from router.lineage import ResultRefused
from router.orthanc_api import OrthancError, OrthancUnreachable
from router.secrets import SecretsUnreadable
from router.store import LeasedDelivery
from router.unreadable import UNREADABLE

#: Time until the delivery looks again without being woken: another node may have taken the call-back.
_LOOK_AGAIN = timedelta(seconds=60)

_OWN = "Made for this policy by its service, which named it only later: not processed again"

_IDENTITY = ("SOPClassUID", "SOPInstanceUID", "SeriesInstanceUID", "StudyInstanceUID")


class Process(ImagesAction):
    """Have a service process the instances, and store its results."""

    stores_images: ClassVar[bool] = True
    uses_service: ClassVar[bool] = True

    type: Literal["process"]
    #: One request for each instance, or one for all: `multipart/related`, or a ZIP archive.
    send: Literal["instance", "multipart", "zip"] = "multipart"
    #: Seconds within which a service that answers "later" (HTTP status 202) must call back.
    deadline_seconds: int = Field(default=3600, ge=1, le=7 * 86400)

    @property
    def form(self) -> str:
        return self.send


def perform(work: Work) -> SendResult:
    """Send the instances of one delivery in the form that the action sets, and store the results."""
    assert isinstance(work.action, Process)
    [leased] = work.leased
    began = time.monotonic()
    own, other = _sorted_out(work, leased)
    if other is not None:
        note = f"Waits for what the service of the delivery {other.id} says: this may be its result"
        return SendResult(arrived=own, held_until=work.now + _LOOK_AGAIN, tried=False, note=note)
    returned = returning(work).get(leased.delivery.id, [])
    own += [one for one in returned if one not in own]
    instances = [one for one in leased.instances if one not in own]
    if not instances:
        return SendResult(arrived=own, tried=False, note=told(len(returned)) if returned else _OWN)
    parcels = [[one] for one in instances] if work.action.send == "instance" else [instances]
    result = SendResult(arrived=own)
    stored = 0
    awaited = []
    for parcel in parcels:
        try:
            results = _process(work, work.action, parcel)
        except DestinationUnavailable as error:
            result.went_away(error)
            break
        except ImageRefused as error:
            # Which of several images it was is unknown; none of them was sent.
            result.refused |= dict.fromkeys(parcel, str(error))
        except Declined as error:
            result.refused |= dict.fromkeys(parcel, str(error))
            result.lasting = error.lasting and len(parcels) == 1
        else:
            if results is None:
                awaited += parcel
            else:
                stored += results
                result.arrived += parcel
    if awaited:
        # Counted from the last request: sending may have taken longer than the deadline.
        taken = time.monotonic() - began
        result.held_until = work.now + timedelta(seconds=taken + work.action.deadline_seconds)
        result.note = AWAITED
    elif stored:
        result.note = f"{stored} result{'s' if stored > 1 else ''} stored"
    return result


def _sorted_out(work: Work, leased: LeasedDelivery) -> tuple[list[str], Delivery | None]:
    """Do as `own_results.sort_out`. Raises DestinationUnavailable where Orthanc is away."""
    delivery = leased.delivery
    # First, so that an end in between is not missed.
    work.services.awaited.look(delivery.id)
    try:
        own, other = sort_out(work.services, delivery, leased.instances)
    except (OrthancError, OrthancUnreachable) as error:
        raise DestinationUnavailable(str(error)) from error
    if other is None:
        work.services.awaited.forget(delivery.id)
    else:
        work.services.awaited.wait(delivery.id, other.id)
    return own, other


def _process(work: Work, action: Process, instances: Sequence[str]) -> int | None:
    """Send one request. Return the number of stored results; None where the service will call back.

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
                return _store(work, delivery, instances, answer)
            if not parcel.headers:
                raise Declined(
                    "The service wants to call back, but Router.PublicUrl, where to, is not set", lasting=True
                )
            return None
    except OrthancUnreachable as error:
        raise DestinationUnavailable(str(error)) from error
    except OrthancError as error:
        raise Declined(f"Orthanc does not take the result: {error}", lasting=False) from error


def _store(work: Work, delivery: Delivery, sources: Sequence[str], answer: Answer) -> int:
    """Store all results of an answer once all of them have been checked. Return their number.

    Raises Declined, OrthancError or OrthancUnreachable.
    """
    for number, file in enumerate(answer.results(), 1):
        _check(file, number)
    service = delivery.destination.name if delivery.destination else None
    count = 0
    for file in answer.results():
        try:
            work.services.results.store(delivery, sources, file, service)
        except ResultRefused as error:
            raise Declined(f"A result of the service cannot be stored. {error}", lasting=True) from error
        count += 1
    return count


def _check(file: bytes, number: int) -> None:
    """Check a result. Raises Declined where it is not a DICOM file that can be stored."""
    try:
        dataset = pydicom.dcmread(io.BytesIO(file), stop_before_pixels=True)
        missing = [keyword for keyword in _IDENTITY if not dataset.get(keyword)]
    except UNREADABLE as error:
        raise Declined(f"Result {number} of the service is no DICOM file", lasting=False) from error
    if missing:
        raise Declined(f"Result {number} of the service has no {', '.join(missing)}", lasting=False)


def _callback(work: Work, token: CallbackToken, action: Process) -> Mapping[str, str]:
    """Return headers that say where and until when the service may call back; none without a public URL."""
    if not work.services.public_url:
        return {}
    try:
        written = work.services.tokens.write(token)
    except SecretsUnreadable as error:
        raise DestinationUnavailable(str(error)) from error
    return {
        "X-Router-Callback": f"{work.services.public_url.rstrip('/')}/router/callbacks/{written}",
        "X-Router-Deadline": str(action.deadline_seconds),
    }


ACTION = ActionType(
    model=Process,
    perform=perform,
    label="Have a service work on them",
    hint="For example an AI model; what it gives back is stored here",
    summary="sends to the service",
    needs="processing",
)
