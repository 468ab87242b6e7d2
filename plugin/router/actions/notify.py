# SPDX-License-Identifier: GPL-3.0-or-later
"""Action `notify`: people or a program get notices about images, one for each delivery or a digest of
several."""

import hashlib
from collections.abc import Sequence
from datetime import UTC, datetime
from html import escape
from typing import Any, Literal

from pydantic import Field

from router.actions.action_type import ActionType
from router.actions.work import SendResult, Work
from router.destinations import Collecting, Declined, DestinationUnavailable, Notice
from router.documents.action import DestinationAction
from router.documents.delivery import Delivery
from router.documents.document import Document
from router.messages import Occasion, Wording, problems_of
from router.messages.attachments import attachments_of
from router.orthanc_api import OrthancError, OrthancUnreachable
from router.store import LeasedDelivery

_RULE = "\n\n" + "-" * 60 + "\n\n"


class Attachments(Document):
    """The files that go with a mail."""

    #: A picture of the middle image; a mail about images without pictures (reports) has none.
    preview: bool = False
    #: A table of the series.
    series_csv: bool = False
    #: Bytes of all attachments. An attachment that would exceed them is left out, and the mail says so.
    max_bytes: int = Field(default=5_000_000, ge=10_000, le=50_000_000)


class Notify(DestinationAction):
    """Tell people (destination kind `email`) or a program (`http`). All texts are templates."""

    type: Literal["notify"]
    #: Addresses. An address whose template gives an empty text is left out.
    to: list[str] = Field(default_factory=list, max_length=100)
    #: Addresses that get a copy.
    cc: list[str] = Field(default_factory=list, max_length=100)
    #: Addresses that get a copy, hidden from all other recipients.
    bcc: list[str] = Field(default_factory=list, max_length=100)
    #: The subject of a mail.
    subject: str = ""
    #: Its text.
    body: str = ""
    #: The same as HTML, beside the text.
    html: str = ""
    #: What goes with a mail.
    attachments: Attachments = Attachments()
    #: JSON for a program, instead of the router's own event. Its texts are templates.
    payload: dict[str, Any] | None = None


def perform(work: Work) -> SendResult:
    """Send a notice for each delivery, or one for all deliveries of a period if the destination collects
    them."""
    assert isinstance(work.action, Notify)
    seconds = work.target.digest_seconds if isinstance(work.target, Collecting) else 0
    fates: dict[str, SendResult] = {}
    due = []
    for one in work.leased:
        digest_at = next_digest(one.delivery.created_at, seconds) if seconds else None
        if digest_at is not None and digest_at > work.now:
            fates[one.delivery.id] = SendResult(
                held_until=digest_at, tried=False, note="Collected for a digest"
            )
        else:
            due.append(one)
    notices = []
    for one in due:
        try:
            notices.append((_notice(work, work.action, one), [one]))
        except Declined as error:
            fates[one.delivery.id] = _declined(error, [one])
    if seconds:
        notices = _collected(notices)
    for notice, leased in notices:
        fate = _sent(work, notice, leased)
        fates |= {one.delivery.id: fate for one in leased}
    return SendResult(by_delivery=fates)


def next_digest(created_at: datetime, seconds: float) -> datetime:
    """Return the time of the digest for a delivery made at `created_at`: the end of its period. Periods are
    the same on each node and after each restart. `seconds`: the length of a period."""
    period = int(created_at.timestamp() // seconds) + 1
    return datetime.fromtimestamp(period * seconds, UTC)


def _sent(work: Work, notice: Notice, leased: Sequence[LeasedDelivery]) -> SendResult:
    try:
        work.notifier.notify(notice)
    except DestinationUnavailable as error:
        return SendResult().went_away(error)
    except Declined as error:
        return _declined(error, leased)
    return SendResult(arrived=[instance for one in leased for instance in one.instances])


def _declined(error: Declined, leased: Sequence[LeasedDelivery]) -> SendResult:
    refused = {instance: str(error) for one in leased for instance in one.instances}
    return SendResult(refused=refused, lasting=error.lasting)


def _notice(work: Work, action: Notify, leased: LeasedDelivery) -> Notice:
    """Make the notice of one delivery. Raises Declined, or DestinationUnavailable where Orthanc is away."""
    occasion = Occasion(leased.delivery, leased.instances, work.orthanc, work.services.public_url)
    wording = Wording(action, occasion)
    try:
        attachments, remarks = attachments_of(action.attachments, occasion)
        if leased.delivery.late:
            remarks.insert(0, _late(leased.delivery))
        return Notice(
            key=occasion.key,
            event=wording.payload(),
            to=wording.recipients(action.to),
            cc=wording.recipients(action.cc),
            bcc=wording.recipients(action.bcc),
            subject=wording.subject(),
            text="\n\n".join((wording.text(), *remarks)),
            html=_with_remarks(wording.html(), remarks),
            attachments=attachments,
        )
    except OrthancUnreachable as error:
        raise DestinationUnavailable(str(error)) from error
    except OrthancError as error:
        raise Declined(f"Orthanc cannot tell what the notice needs: {error}", lasting=False) from error


def _late(delivery: Delivery) -> str:
    count, level = delivery.instances, delivery.resource.level
    return f"{count} late image{'s' if count > 1 else ''}: came in after this {level} had been told of."


def _with_remarks(html: str, remarks: Sequence[str]) -> str:
    return html + "".join(f"<p>{escape(remark)}</p>" for remark in remarks) if html else ""


Addressed = tuple[Notice, list[LeasedDelivery]]


def _collected(notices: Sequence[Addressed]) -> list[Addressed]:
    """Make one notice of all notices with the same recipients, so that no recipient gets another's notice.
    A notice made of several has no attachments."""
    groups: dict[tuple[object, ...], list[Addressed]] = {}
    for notice, leased in notices:
        recipients = (frozenset(notice.to), frozenset(notice.cc), frozenset(notice.bcc))
        groups.setdefault(recipients, []).append((notice, leased))
    return [_together(group) for group in groups.values()]


def _together(group: Sequence[Addressed]) -> Addressed:
    if len(group) == 1:
        return group[0]
    notices = [notice for notice, _ in group]
    first = notices[0]
    keys = "\n".join(sorted(notice.key for notice in notices))
    html = "<hr>".join(notice.html or f"<pre>{escape(notice.text)}</pre>" for notice in notices)
    together = Notice(
        key=hashlib.sha256(keys.encode()).hexdigest()[:32],
        event={"notices": [notice.event for notice in notices]},
        to=first.to,
        cc=first.cc,
        bcc=first.bcc,
        subject=f"{len(notices)} notices: {first.subject}",
        text=_RULE.join(f"{notice.subject}\n\n{notice.text}" for notice in notices),
        html=html if any(notice.html for notice in notices) else "",
    )
    return together, [one for _, leased in group for one in leased]


ACTION = ActionType(
    model=Notify,
    perform=perform,
    label="Notify",
    hint="Write a mail, or tell a program",
    summary="notifies",
    needs="notices",
    problems=problems_of,
)
