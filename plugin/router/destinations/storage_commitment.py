"""Asking a DICOM node to commit to what it was sent (Storage Commitment Push Model, PS3.4, annex J)."""

import threading
import time
from collections.abc import Mapping
from typing import Final

from router.destinations.dicom_failure import understood
from router.destinations.kind import DestinationUnavailable
from router.orthanc_api import OrthancApi, OrthancError, OrthancUnreachable

#: How often Orthanc is asked whether a node has committed; there is nothing that would tell by itself.
_LOOK_SECONDS: Final = 0.1


def uncommitted(
    orthanc: OrthancApi,
    alias: str,
    uids: Mapping[str, tuple[str, str]],
    timeout_seconds: int,
    commitment_seconds: int,
    closing: threading.Event,
) -> dict[str, str]:
    """Why the node that Orthanc knows under `alias` has not committed to keep instances, by the identifiers
    that Orthanc has for them.

    `uids` are their SOP Class and SOP Instance UIDs, by the same; the node may take `timeout_seconds` to
    answer the request, and `commitment_seconds` to commit; once it is `closing`, nothing is waited for.
    Raises DestinationUnavailable where it does not take the request, or does not report.
    """
    if not uids:
        return {}
    try:
        transaction = orthanc.request_commitment(alias, list(uids.values()), timeout_seconds)
        deadline = time.monotonic() + commitment_seconds
        report = orthanc.commitment(transaction)
        while report["Status"] == "Pending":
            if time.monotonic() > deadline or closing.wait(_LOOK_SECONDS):
                raise DestinationUnavailable(
                    f"The node has not committed within {commitment_seconds} s: check that it knows the AE"
                    " title, address and port of this Orthanc, to which it has to report"
                )
            report = orthanc.commitment(transaction)
    except OrthancUnreachable as error:
        raise DestinationUnavailable(str(error)) from error
    except OrthancError as error:
        why = understood(error.message).message
        raise DestinationUnavailable(f"The node takes no request for a commitment: {why}") from error
    failed = {item["SOPInstanceUID"]: item.get("Description", "") for item in report.get("Failures", [])}
    return {
        instance: f"The node has it, but does not commit to keep it: {failed[uid]}"
        for instance, (_, uid) in uids.items()
        if uid in failed
    }
