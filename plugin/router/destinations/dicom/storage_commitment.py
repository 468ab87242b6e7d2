# SPDX-License-Identifier: GPL-3.0-or-later
"""Asks a DICOM node to commit to images it was sent (Storage Commitment Push Model, PS3.4, annex J).

The standard sets no time limit: a node may report within a second, hours later, in parts, or never. In the
meantime, the images are not sent again. Each image gets a receipt, with which later attempts ask about it,
also in another process. Orthanc receives the reports, but forgets its requests when it ends; the router
then asks anew.
"""

import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, Final, Literal

from router.destinations.dicom.failure import understood
from router.destinations.kind import DestinationUnavailable
from router.orthanc_api import OrthancApi, OrthancError, OrthancUnreachable

#: What happens to images that the node has not committed to in time: after a failed attempt the node is asked
#: again, or they are sent again; or they count as delivered.
Overdue = Literal["ask", "send", "accept"]

#: A report that has not come after this may be lost; the node is asked again.
_ASK_AGAIN_SECONDS: Final = 3600.0
#: The same, where a report covered other images of the request only: Orthanc keeps only the last report.
_ASK_FOR_REST_SECONDS: Final = 300.0
_SOONEST_SECONDS: Final = 1.0
_LATEST_SECONDS: Final = 60.0

#: Failure reasons (PS3.3, C.14.1.1): no such object instance; duplicate transaction UID.
_MISSING: Final = 0x0112
_DUPLICATE_TRANSACTION: Final = 0x0131


@dataclass(frozen=True, slots=True)
class Receipt:
    """Notes that a node has taken an image, when, and the request to commit to it."""

    sop_class: str
    uid: str
    #: Seconds since 1970.
    taken_at: float
    #: When the node was last asked, in seconds since 1970; 0 where it was not, or could not be.
    asked_at: float = 0.0
    transaction: str = ""

    def __str__(self) -> str:
        return (
            f"{self.sop_class} {self.uid} {self.taken_at:.0f} {self.asked_at:.0f} {self.transaction}".strip()
        )

    @classmethod
    def read(cls, text: str) -> "Receipt":
        """Read a receipt from its text. Raises ValueError."""
        sop_class, uid, taken_at, asked_at, *transaction = text.split(" ")
        return cls(sop_class, uid, float(taken_at), float(asked_at), *transaction)


@dataclass
class Found:
    """The state of the images of receipts, by Orthanc identifier."""

    committed: list[str] = field(default_factory=list)
    #: Why images have not arrived. Those without a receipt in `receipts` must be sent again.
    refused: dict[str, str] = field(default_factory=dict)
    #: The receipts of images to ask about again later.
    receipts: dict[str, Receipt] = field(default_factory=dict)
    #: Images that count as delivered although the node has not committed to them in time.
    accepted: list[str] = field(default_factory=list)

    @property
    def pending(self) -> list[str]:
        """The images that the node may still commit to."""
        return [instance for instance in self.receipts if instance not in self.refused]


class Commitments:
    """Asks one node, which Orthanc knows under an alias."""

    def __init__(
        self, orthanc: OrthancApi, alias: str, timeout_seconds: int, commitment_seconds: int, overdue: Overdue
    ) -> None:
        """`timeout_seconds`: for the answer to the request. `commitment_seconds`: for the commitment."""
        self._orthanc = orthanc
        self._alias = alias
        self._timeout_seconds = timeout_seconds
        self._commitment_seconds = commitment_seconds
        self._overdue: Overdue = overdue

    def look(self, receipts: Mapping[str, Receipt]) -> Found:
        """Return the state of images by the node's reports. Asks about images where that is due.

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
        """Find the state of one image."""
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
            # The next attempt asks, and allows as much time as the first.
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
        """Return the node's report so far; None where Orthanc does not know the request, or no longer."""
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
    """Return the seconds until the next look: few after a request, then more and more, up to a minute."""
    waited = time.time() - max((receipt.asked_at for receipt in receipts), default=0.0)
    return min(max(waited / 2, _SOONEST_SECONDS), _LATEST_SECONDS)


@dataclass(frozen=True, slots=True)
class _Report:
    """A node's report so far, by SOP Instance UID; a failure as number and words of its reason."""

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
