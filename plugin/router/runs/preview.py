# SPDX-License-Identifier: GPL-3.0-or-later
"""Preview: shows what a policy would do with stored images. Sends nothing and stores nothing in Orthanc."""

from collections.abc import Iterator, Sequence
from typing import Any

from router.administration.changed_tags import changed_tags
from router.catalog import Snapshot
from router.clock import MACHINE_ZONE
from router.documents.action import Action, DestinationAction
from router.documents.delivery import DestinationReference
from router.documents.policy import Policy
from router.documents.run import Amount, Change, PreviewRequest, Run, RunStudy
from router.documents.transform import Transform
from router.intake.planner import deliveries_of
from router.intake.stored_instances import StoredInstance
from router.orthanc_api import OrthancError
from router.rules import Moment
from router.runs.evaluation import Judgement, told_of
from router.runs.planning import Planned
from router.runs.reading import StudyReader
from router.runs.selection import meant, selected
from router.runs.task import RunContext, all_studies, policy_of
from router.secrets import SecretsUnreadable
from router.store import DoneStudy, Runs
from router.transforms import TransformError, Untransformable

#: How many studies have one image shown before and after a transform.
_SAMPLES = 3


class Preview:
    """One preview; see Task. It uses the policies and destinations of the moment when it was opened."""

    def __init__(self, run: Run, reader: StudyReader, context: RunContext) -> None:
        self._run = run
        self._request = PreviewRequest.model_validate(run.request)
        self._reader = reader
        self._runs: Runs = context.store.runs
        self._orthanc = context.orthanc
        self._transforms = context.transforms
        self._clock = context.clock
        self._snapshot: Snapshot = context.catalog.current()
        self._sending_back = context.sending_back(self._snapshot)
        self._policy: Policy = policy_of(run, context.store)
        self._evaluation = context.evaluation(self._policy, self._snapshot, reader)
        enabled = self._snapshot.policies.get(self._policy.id)
        self._enabled = enabled if enabled and enabled.enabled else None
        is_same = self._enabled == self._policy
        self._compared = (
            None
            if self._enabled is None or is_same or self._enabled.id in self._snapshot.unusable
            else context.evaluation(self._enabled, self._snapshot, reader)
        )

    def select(self) -> Iterator[RunStudy]:
        return selected(self._request, self._orthanc, self._reader)

    def carry_out(self, study: RunStudy, stored: Sequence[StoredInstance]) -> DoneStudy:
        looked_at = meant(self._request, study, stored)
        moment = Moment(self._clock().astimezone(MACHINE_ZONE))
        judgement = self._evaluation.judge(stored, looked_at, moment)
        change: Change | None = None
        if self._compared is not None:
            matched = bool(self._compared.judge(stored, looked_at, moment).matches)
            if matched != bool(judgement.matches):
                change = "lost" if matched else "gained"
        told = told_of(study, stored, looked_at, judgement)
        return DoneStudy(told.model_copy(update={"change": change, "amounts": self._amounts(judgement)}))

    def report(self) -> dict[str, Any]:
        count = {
            finding: self._runs.studies(self._run.id, finding, 0)[1]
            for finding in ("matched", "unmatched", "gained", "lost")
        }
        instances = size = 0
        amounts: dict[str, list[Amount]] = {action.id or "": [] for action in self._policy.actions}
        for study in all_studies(self._runs, self._run.id, "matched"):
            instances += study.instances
            size += study.bytes
            for amount in study.amounts:
                amounts[amount.action].append(amount)
        return {
            "studies": count,
            "instances": instances,
            "bytes": size,
            "compared_revision": self._enabled.revision if self._enabled else None,
            "destinations": [
                {
                    "destination": _destination_of(action, self._snapshot),
                    "action": {"id": action.id, "type": action.type},
                    "studies": len(amounts[action.id or ""]),
                    "deliveries": sum(amount.deliveries for amount in amounts[action.id or ""]),
                    "instances": sum(amount.instances for amount in amounts[action.id or ""]),
                    "bytes": sum(amount.bytes for amount in amounts[action.id or ""]),
                    "not_sent_back": sum(amount.not_sent_back for amount in amounts[action.id or ""]),
                }
                for action in self._policy.actions
            ],
            "samples": list(self._samples()),
        }

    def _amounts(self, judgement: Judgement) -> list[Amount]:
        """Return what the planner would make of the judgement, by action."""
        now = self._clock()
        planned = Planned()
        for match in judgement.matches:
            for new in deliveries_of(match, self._snapshot, now):
                planned.add(new, self._policy.actions, self._sending_back)
        return planned.amounts

    def _samples(self) -> Iterator[dict[str, Any]]:
        transforms = [
            (action, transform)
            for action in self._policy.actions
            if (transform := action.changes) is not None
        ]
        if not transforms:
            return
        for study in self._runs.studies(self._run.id, "matched", _SAMPLES)[0]:
            for stored in self._reader.read([study.sample] if study.sample else []):
                for action, transform in transforms:
                    destination = action.destination if isinstance(action, DestinationAction) else ""
                    sample = self._sample(stored, transform, destination)
                    if sample is not None:
                        yield {
                            "resource": stored.resource("instance").model_dump(mode="json"),
                            "action": {"id": action.id, "type": action.type},
                            **sample,
                        }

    def _sample(
        self, stored: StoredInstance, transform: Transform, destination: str
    ) -> dict[str, Any] | None:
        """Return one image before and after the transform, or why it failed; None where the image is gone."""
        try:
            transformer = self._transforms.of(transform, destination)
            file = self._orthanc.file(stored.id)
            return {"tags": changed_tags(file, transformer(file))}
        except OrthancError as error:
            if error.status != 404:
                raise
            return None
        except (Untransformable, TransformError, SecretsUnreadable) as error:
            return {"tags": [], "problem": str(error)}


def _destination_of(action: Action, snapshot: Snapshot) -> dict[str, Any] | None:
    """Return an action's destination; None where it needs none, or where it was deleted."""
    if not isinstance(action, DestinationAction):
        return None
    found = snapshot.destinations.get(action.destination)
    if found is None:
        return None
    return DestinationReference(id=found.id, name=found.name, kind=found.kind).model_dump()
