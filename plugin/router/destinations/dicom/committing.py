# SPDX-License-Identifier: GPL-3.0-or-later
"""Tells which images of a batch have arrived: those that the node has taken, or has committed to keep."""

import threading
import time
from collections.abc import Mapping, Sequence
from typing import Final

from router.destinations.dicom.alias import Alias
from router.destinations.dicom.batch import Batch
from router.destinations.dicom.settings import DicomSettings
from router.destinations.dicom.storage_commitment import Commitments, Found, Receipt, look_again_seconds
from router.destinations.kind import DestinationUnavailable, InstancesRefused, Unconfirmed
from router.destinations.outgoing import Outgoing
from router.orthanc_api import OrthancApi, OrthancError, OrthancUnreachable

#: How long to wait for a node that may commit at once; how often to look meanwhile.
_QUICK_SECONDS: Final = 1.0
_LOOK_SECONDS: Final = 0.1


def concluded(images: Sequence[Outgoing], batch: Batch) -> str | None:
    """Return the note on a batch of which all images were taken.

    Raises InstancesRefused, DestinationUnavailable.
    """
    arrived = [one.instance for one in images if one.instance in batch.taken]
    _raise_failures(images, batch, batch.refused, arrived)
    return batch.note


def _raise_failures(
    images: Sequence[Outgoing], batch: Batch, refused: Mapping[str, str], arrived: Sequence[str]
) -> None:
    """Raise InstancesRefused or DestinationUnavailable where not all images have arrived."""
    if batch.unavailable is not None:
        raise DestinationUnavailable(batch.unavailable, arrived)
    if refused:
        raise InstancesRefused(
            f"{len(refused)} of {len(images)} refused", refused, arrived, batch.gone, batch.note
        )


class Committing:
    """Asks a node to commit to what it has taken. May be used by several threads at once."""

    def __init__(
        self, alias: Alias, settings: DicomSettings, orthanc: OrthancApi, closing: threading.Event
    ) -> None:
        """`closing`: set where no commitment is to be waited for any more."""
        self._alias = alias
        self._settings = settings
        self._orthanc = orthanc
        self._closing = closing

    def concluded(self, images: Sequence[Outgoing], batch: Batch) -> str | None:
        """Do as the function `concluded`, but count images as arrived only once the node has committed to
        them. Raises Unconfirmed too."""
        taken_at = time.time()
        receipts = {one.instance: Receipt.read(one.receipt) for one in images if one.receipt} | {
            instance: Receipt(*uids, taken_at) for instance, uids in self._with_uids(batch.taken).items()
        }
        try:
            found = self._found(receipts, waits=bool(batch.taken))
        except DestinationUnavailable as error:
            # The next attempt asks about what was taken.
            texts = {instance: str(receipt) for instance, receipt in receipts.items()}
            raise Unconfirmed(str(error), texts, batch.refused, (), 0, str(error)) from error
        refused = batch.refused | found.refused
        arrived = [*found.committed, *found.accepted]
        if found.receipts:
            raise Unconfirmed(
                f"The node has taken the images, and has yet to commit to keep {len(found.receipts)} of them",
                {instance: str(receipt) for instance, receipt in found.receipts.items()},
                refused,
                arrived,
                look_again_seconds([found.receipts[instance] for instance in found.pending]),
                batch.unavailable,
            )
        _raise_failures(images, batch, refused, arrived)
        if found.accepted:
            return f"The node has not committed to keep {len(found.accepted)} of the images"
        return batch.note

    def _found(self, receipts: Mapping[str, Receipt], waits: bool) -> Found:
        """Return the state of images that the node has taken. `waits`: wait a moment for it to commit."""
        if not receipts:
            return Found()
        self._alias.ensure_known()
        settings = self._settings
        commitments = Commitments(
            self._orthanc,
            self._alias.name,
            settings.timeout_seconds,
            settings.commitment_seconds,
            settings.commitment_overdue,
        )
        found = commitments.look(receipts)
        deadline = time.monotonic() + (_QUICK_SECONDS if waits else 0.0)
        while found.pending and time.monotonic() < deadline and not self._closing.wait(_LOOK_SECONDS):
            later = commitments.look({one: found.receipts.pop(one) for one in found.pending})
            found.committed += later.committed
            found.accepted += later.accepted
            found.refused |= later.refused
            found.receipts |= later.receipts
        return found

    def _with_uids(self, taken: Mapping[str, tuple[str, str]]) -> dict[str, tuple[str, str]]:
        """Add the UIDs of images that Orthanc sent, from its database. Raises DestinationUnavailable."""
        missing = [instance for instance, (sop_class, uid) in taken.items() if not (sop_class and uid)]
        try:
            found = self._orthanc.bulk_content(missing)
        except (OrthancError, OrthancUnreachable) as error:
            raise DestinationUnavailable(str(error)) from error
        return {instance: uids for instance, uids in taken.items() if all(uids)} | {
            content["ID"]: (
                content["Metadata"].get("SopClassUid", ""),
                content["MainDicomTags"]["SOPInstanceUID"],
            )
            for content in found
        }
