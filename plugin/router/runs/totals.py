"""What has come of the studies of a run, summed up."""

from collections.abc import Iterator
from typing import Any

from router.documents.run import RunStudy
from router.store import Finding, Runs

_PAGE = 500
#: Studies that a report names one by one.
_NAMED = 100


def all_studies(runs: Runs, run: str, finding: Finding | None = None) -> Iterator[RunStudy]:
    """The studies that are done, in their order."""
    after = None
    while page := runs.studies_after(run, finding, after, _PAGE):
        yield from page
        after = page[-1]


def planned_in_all(runs: Runs, run: str) -> dict[str, Any]:
    """The report of a run that makes deliveries. `failed_to_plan`: the first studies of which nothing could
    be made, because Orthanc does not have them any more or cannot read them."""
    report = {"planned": 0, "skipped_already_delivered": 0, "instances": 0, "bytes": 0, "not_sent_back": 0}
    failed: list[dict[str, str]] = []
    for study in all_studies(runs, run):
        report["skipped_already_delivered"] += study.skipped
        for amount in study.amounts:
            report["planned"] += amount.deliveries
            report["instances"] += amount.instances
            report["bytes"] += amount.bytes
            report["not_sent_back"] += amount.not_sent_back
        if (study.resource is None or study.verdict is None) and len(failed) < _NAMED:
            failed.append({"study": study.study, "reason": study.reason})
    return {**report, "failed_to_plan": failed}
