# SPDX-License-Identifier: GPL-3.0-or-later
"""Asking a DICOM node to commit to what it was sent (Storage Commitment Push Model, PS3.4, annex J).

The standard sets no time: a node may report within a second, hours later, in parts, or never. What it has
taken is not sent again meanwhile: each image gets a receipt, with which it is asked for at every later
attempt, also by another process. Orthanc takes the reports, and forgets which it waits for when it ends: then
it asks anew.
"""

import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, Final, Literal

from router.destinations.dicom.failure import understood
from router.destinations.kind import DestinationUnavailable
from router.orthanc_api import OrthancApi, OrthancError, OrthancUnreachable

#: What becomes of images to which the node has not committed in time: it is asked again after a failed
#: attempt, they are sent again, or they count as delivered.
Overdue = Literal["ask", "send", "accept"]

#: A report that has not come after this may be lost: it is asked again.
_ASK_AGAIN_SECONDS: Final = 3600.0
#: So may the rest, where a report told of others of the same request: Orthanc keeps only the last one.
_ASK_FOR_REST_SECONDS: Final = 300.0
_SOONEST_SECONDS: Final = 1.0
_LATEST_SECONDS: Final = 60.0

#: Failure reasons (PS3.3, C.14.1.1): no such object instance; duplicate transaction UID.
_MISSING: Final = 0x0112
_DUPLICATE_TRANSACTION: Final = 0x0131


@dataclass(frozen=True, slots=True)
class Receipt:
    """That a node has taken an image, and since when and how it was asked to commit to it."""

    sop_class: str
    uid: str
    #: Seconds since 1970.
    taken_at: float
    #: When it was asked last; 0 where it could not be.
    asked_at: float = 0.0
    transaction: str = ""

    def __str__(self) -> str:
        return (
            f"{self.sop_class} {self.uid} {self.taken_at:.0f} {self.asked_at:.0f} {self.transaction}".strip()
        )

    @classmethod
    def read(cls, text: str) -> "Receipt":
        """From its text. Raises ValueError."""
        sop_class, uid, taken_at, asked_at, *transaction = text.split(" ")
        return cls(sop_class, uid, float(taken_at), float(asked_at), *transaction)


@dataclass
class Found:
    """How the images of receipts stand, by Orthanc identifier."""

    committed: list[str] = field(default_factory=list)
    #: Why images have not arrived; those without a receipt any more are to be sent again.
    refused: dict[str, str] = field(default_factory=dict)
    #: What is to be asked for again later.
    receipts: dict[str, Receipt] = field(default_factory=dict)
    #: Those for which the node was not to be waited for any longer, and which count as delivered.
    accepted: list[str] = field(default_factory=list)

    @property
    def pending(self) -> list[str]:
        """Those to which the node may commit yet."""
        return [instance for instance in self.receipts if instance not in self.refused]


class Commitments:
    """Asks one node, that Orthanc knows under an alias."""

    def __init__(
        self, orthanc: OrthancApi, alias: str, timeout_seconds: int, commitment_seconds: int, overdue: Overdue
    ) -> None:
        """The node may take `timeout_seconds` to answer the request, and `commitment_seconds` to commit."""
        self._orthanc = orthanc
        self._alias = alias
        self._timeout_seconds = timeout_seconds
        self._commitment_seconds = commitment_seconds
        self._overdue: Overdue = overdue

    def look(self, receipts: Mapping[str, Receipt]) -> Found:
        """How images stand, by what the node has reported; asks for what has to be asked for (again).

        Raises DestinationUnavailable where Orthanc is away.
        """
        found = Found()
        to_ask: dict[str, Receipt] = {}
        now = time.time()
        for transaction, of_transaction in _by_transaction(receipts).items():
            report = self._report(transaction)
            for instance, receipt in of_transaction.items():
                self._settle(instance, receipt, report, now, found, to_ask)
        if to_ask:
            self._ask(to_ask, now, found)
        return found

    def _settle(
        self,
        instance: str,
        receipt: Receipt,
        report: "_Report | None",
        now: float,
        found: Found,
        to_ask: dict[str, Receipt],
    ) -> None:
        """What becomes of one image."""
        failure = report.failed.get(receipt.uid) if report is not None else None
        if report is not None and receipt.uid in report.committed:
            found.committed.append(instance)
        elif failure is not None and failure[0] == _MISSING:
            found.refused[instance] = "The node does not commit to keep it: it says that it does not have it"
        elif failure is not None and failure[0] != _DUPLICATE_TRANSACTION:
            found.refused[instance] = f"The node has it, but does not commit to keep it: {failure[1]}"
            found.receipts[instance] = replace(receipt, asked_at=0.0, transaction="")
        elif now - receipt.taken_at > self._commitment_seconds and receipt.asked_at:
            self._is_overdue(instance, receipt, found)
        elif (
            report is None
            or failure is not None
            or now - receipt.asked_at > (_ASK_AGAIN_SECONDS if report.is_pending else _ASK_FOR_REST_SECONDS)
        ):
            to_ask[instance] = receipt
        else:
            found.receipts[instance] = receipt

    def _is_overdue(self, instance: str, receipt: Receipt, found: Found) -> None:
        if self._overdue == "accept":
            found.accepted.append(instance)
            return
        found.refused[instance] = (
            f"The node has not committed within {self._commitment_seconds} s: check that it knows the AE"
            " title, address and port of this Orthanc, to which it has to report"
        )
        if self._overdue == "ask":
            # At the next attempt, with as much time as the first time.
            found.receipts[instance] = Receipt(receipt.sop_class, receipt.uid, time.time())

    def _ask(self, receipts: Mapping[str, Receipt], now: float, found: Found) -> None:
        uids = [(receipt.sop_class, receipt.uid) for receipt in receipts.values()]
        try:
            transaction = self._orthanc.request_commitment(self._alias, uids, self._timeout_seconds)
        except OrthancUnreachable as error:
            raise DestinationUnavailable(str(error)) from error
        except OrthancError as error:
            failure = understood(error.message, error.dimse_status)
            why = f"The node takes no request for a commitment: {failure.message}"
            found.refused |= dict.fromkeys(receipts, why)
            found.receipts |= receipts
            return
        found.receipts |= {
            instance: replace(receipt, asked_at=now, transaction=transaction)
            for instance, receipt in receipts.items()
        }

    def _report(self, transaction: str) -> "_Report | None":
        """What the node has reported; None where Orthanc does not know of the request (any more)."""
        if not transaction:
            return None
        try:
            told = self._orthanc.commitment(transaction)
        except OrthancUnreachable as error:
            raise DestinationUnavailable(str(error)) from error
        except OrthancError as error:
            if error.status != 404:
                raise DestinationUnavailable(error.message) from error
            return None
        return _Report(
            frozenset(item["SOPInstanceUID"] for item in told.get("Success", ())),
            {item["SOPInstanceUID"]: _failure(item) for item in told.get("Failures", ())},
        )


def look_again_seconds(receipts: Sequence[Receipt]) -> float:
    """After how long to look again: soon after the node was asked, and more and more seldom."""
    waited = time.time() - max((receipt.asked_at for receipt in receipts), default=0.0)
    return min(max(waited / 2, _SOONEST_SECONDS), _LATEST_SECONDS)


@dataclass(frozen=True, slots=True)
class _Report:
    """What a node has reported so far, by SOP Instance UID; a failure as its reason's number and words."""

    committed: frozenset[str]
    failed: Mapping[str, tuple[int, str]]

    @property
    def is_pending(self) -> bool:
        """Whether the node has reported nothing yet."""
        return not (self.committed or self.failed)


def _failure(item: Mapping[str, Any]) -> tuple[int, str]:
    return int(item.get("FailureReason", 0)), str(item.get("Description", ""))


def _by_transaction(receipts: Mapping[str, Receipt]) -> dict[str, dict[str, Receipt]]:
    found: dict[str, dict[str, Receipt]] = {}
    for instance, receipt in receipts.items():
        found.setdefault(receipt.transaction, {})[instance] = receipt
    return found
