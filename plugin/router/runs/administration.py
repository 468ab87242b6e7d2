# SPDX-License-Identifier: GPL-3.0-or-later
"""Begins, pauses, resumes, cancels and deletes runs for people."""

from collections.abc import Mapping, Sequence
from typing import Any, TypeVar, get_args

from router.actions import ACTIONS
from router.administration.fitness import misfits
from router.administration.policy_drafts import PolicyDrafts
from router.audit import Audit
from router.clock import Clock
from router.documents.action import DestinationAction
from router.documents.audit import Actor, ObjectReference
from router.documents.document import Document, new_id
from router.documents.invalid import Invalid, validated
from router.documents.policy import Level, StoredResource
from router.documents.run import (
    MOST_RESOURCES,
    OVER,
    DraftPreviewRequest,
    DraftSimulationRequest,
    PreviewRequest,
    ReplayRequest,
    RouteRequest,
    Run,
    RunKind,
    RunPolicy,
    RunState,
    Selection,
    SimulationRequest,
)
from router.orthanc_api import OrthancApi
from router.rules.problem import Unfit
from router.rules.tag_path import parse_tag
from router.runs.by_hand import by_hand
from router.runs.worker import RunWorker
from router.store import DeliveryFilter, NotFound, Store

Requested = TypeVar("Requested", bound=Selection)


class NotPossible(Exception):  # noqa: N818 - it reads as what it says
    """The run's state does not allow this; the message says why."""


class RunAdministration:
    """Begins and ends runs. Every method may raise StoreUnavailable. Methods that begin a run may also raise
    Invalid, OrthancError and OrthancUnreachable."""

    def __init__(
        self,
        store: Store,
        orthanc: OrthancApi,
        drafts: PolicyDrafts,
        worker: RunWorker,
        audit: Audit,
        node: str,
        clock: Clock,
    ) -> None:
        self._store = store
        self._orthanc = orthanc
        self._drafts = drafts
        self._worker = worker
        self._audit = audit
        self._node = node
        self._clock = clock

    def preview(self, policy: str, data: object, actor: Actor) -> Run:
        """Begin a preview of a stored policy, a revision or a draft of it. Raises NotFound."""
        request = self._selection(PreviewRequest, data)
        if request.draft is not None:
            return self._of_draft("preview", policy, request, actor)
        return self._begin("preview", self._revision(policy, request.revision), request, actor)

    def preview_draft(self, data: object, actor: Actor) -> Run:
        """The same for a policy that is not saved."""
        return self._of_draft("preview", None, self._selection(DraftPreviewRequest, data), actor)

    def replay(self, policy: str, data: object, actor: Actor) -> Run:
        """Begin a replay: apply a policy or a revision of it to stored images. Raises NotFound."""
        request = self._selection(ReplayRequest, data)
        about = self._revision(policy, request.revision)
        if request.run is not None:
            request = self._of_preview(request, request.run)
        return self._begin("replay", about, request, actor)

    def route(self, data: object, actor: Actor) -> Run:
        """Begin a run that sends named resources by hand, or by a policy's actions. Raises NotFound."""
        request = self._selection(RouteRequest, self._with_levels(data))
        if request.policy is not None:
            return self._begin("route", self._revision(request.policy, None), request, actor)
        named = request.destination or ""
        for destination in self._store.destinations.all():
            if named == destination.id or named.casefold() == destination.name.casefold():
                break
        else:
            raise Invalid([("destination", f"There is no destination {named!r}.")])
        request = request.model_copy(update={"destination": destination.id})
        asked = by_hand(request, actor.name)
        assert asked is not None
        action = asked.action
        assert isinstance(action, DestinationAction)
        problems = [*ACTIONS[action.type].problems(action), *misfits(action, destination.kind)]
        if problems:
            raise Invalid(problems)
        return self._begin("route", None, request, actor)

    def simulate(self, policy: str, data: object, actor: Actor) -> Run:
        """Begin a simulation of a stored policy, or a draft of it, on recent arrivals. Raises NotFound."""
        request = validated(SimulationRequest, data)
        if request.draft is not None:
            return self._of_draft("simulation", policy, request, actor)
        return self._begin("simulation", self._revision(policy, None), request, actor)

    def simulate_draft(self, data: object, actor: Actor) -> Run:
        """The same for a policy that is not saved."""
        return self._of_draft("simulation", None, validated(DraftSimulationRequest, data), actor)

    def pause(self, identifier: str, actor: Actor) -> Run:
        """Pause a run; deliveries that it has planned still go out. Raises NotFound, NotPossible."""
        paused = {"state": RunState.PAUSED}
        return self._move("run.paused", identifier, {RunState.WAITING, RunState.RUNNING}, paused, actor)

    def resume(self, identifier: str, actor: Actor) -> Run:
        """Resume a paused run. Raises NotFound, NotPossible."""
        waiting = {"state": RunState.WAITING}
        run = self._move("run.resumed", identifier, {RunState.PAUSED}, waiting, actor)
        self._worker.wake()
        return run

    def cancel(self, identifier: str, deliveries: bool, actor: Actor) -> Run:
        """Cancel a run; `deliveries` cancels its open deliveries as well, also those of a finished run.

        Raises NotFound, NotPossible.
        """
        run = self._store.runs.get(identifier)
        if run.state in OVER:
            if not (deliveries and self._cancel_deliveries(identifier, actor)):
                raise NotPossible(f"The run is {run.state}, and none of its deliveries is open.")
            return run
        ended = {
            "state": RunState.CANCELLED,
            "finished_at": self._clock(),
            "cancels_deliveries": deliveries,
        }
        run = self._move("run.cancelled", identifier, set(RunState) - OVER, ended, actor)
        if deliveries:
            self._cancel_deliveries(identifier, actor)
        self._worker.conclude(identifier)
        return run

    def delete(self, identifier: str) -> None:
        """Delete a run and its results. Raises NotFound, NotPossible."""
        run = self._store.runs.get(identifier)
        if run.state not in OVER:
            raise NotPossible(f"The run is {run.state}: cancel it first.")
        self._store.runs.delete(identifier)

    def _with_levels(self, data: object) -> object:
        """Return the request with the level of each resource. The buttons of Orthanc Explorer 2 can give only
        identifiers, or a single one. Raises Invalid."""
        if not isinstance(data, dict):
            return data
        named = data.get("resources")
        resources = [named] if isinstance(named, str) else named
        if not isinstance(resources, list) or len(resources) > MOST_RESOURCES:
            return data
        alone = [one for one in resources if isinstance(one, str)]
        levels = {one["ID"]: one["Type"].lower() for one in self._orthanc.bulk_content(alone)}
        problems = [
            (f"resources[{index}]", f"Orthanc has no instance, series or study {one}.")
            for index, one in enumerate(resources)
            if isinstance(one, str) and levels.get(one) not in get_args(Level)
        ]
        if problems:
            raise Invalid(problems)
        return {
            **data,
            "resources": [
                {"level": levels[one], "id": one} if isinstance(one, str) else one for one in resources
            ],
        }

    def _selection(self, model: type[Requested], data: object) -> Requested:
        """Return the validated request, with valid studies and resources. Raises Invalid."""
        request = validated(model, data)
        problems = [
            (f"studies.{tag}", problem)
            for tag in request.studies or {}
            if (problem := _problem_of_tag(tag)) is not None
        ]
        problems += self._unknown(request.resources or ())
        if problems:
            raise Invalid(problems)
        return request

    def _of_preview(self, request: ReplayRequest, identifier: str) -> ReplayRequest:
        """The replay of what a preview has found: of its studies, and in its span. Raises Invalid."""
        if request.received_from or request.received_to or request.studies or request.resources:
            raise Invalid([("run", "What is meant is what the run has found: leave the rest out.")])
        try:
            preview = self._store.runs.get(identifier)
        except NotFound:
            raise Invalid([("run", f"There is no run {identifier}.")]) from None
        if preview.kind != "preview" or preview.state != RunState.FINISHED:
            raise Invalid([("run", "It is no preview that is finished.")])
        found = PreviewRequest.model_validate(preview.request)
        span = {"received_from": found.received_from, "received_to": found.received_to}
        return request.model_copy(update=span)

    def _unknown(self, resources: Sequence[StoredResource]) -> list[tuple[str, str]]:
        content = self._orthanc.bulk_content([one.id for one in resources])
        stored = {(one["Type"].lower(), one["ID"]) for one in content}
        return [
            (f"resources[{index}].id", f"Orthanc has no {one.level} {one.id}.")
            for index, one in enumerate(resources)
            if (one.level, one.id) not in stored
        ]

    def _of_draft(self, kind: RunKind, policy: str | None, request: Document, actor: Actor) -> Run:
        """Whatever its cases say. Raises NotFound, and Invalid with paths below `draft`."""
        document = request.model_dump(mode="json")
        current = self._store.policies.get(policy) if policy else None
        try:
            draft = self._drafts.valid(document["draft"], self._store.destinations.all(), current)
        except Invalid as invalid:
            raise Invalid(
                (f"draft.{path}" if path else "draft", message) for path, message in invalid.problems
            ) from None
        document["draft"] = draft.model_dump(mode="json")
        return self._create(kind, RunPolicy(id=policy, name=draft.name, revision=None), document, actor)

    def _revision(self, policy: str, revision: int | None) -> RunPolicy:
        """Raises NotFound."""
        found = (
            self._store.policies.get(policy)
            if revision is None
            else self._store.policies.revision(policy, revision)
        )
        return RunPolicy(id=found.id, name=found.name, revision=found.revision)

    def _begin(self, kind: RunKind, policy: RunPolicy | None, request: Document, actor: Actor) -> Run:
        return self._create(kind, policy, request.model_dump(mode="json"), actor)

    def _create(self, kind: RunKind, policy: RunPolicy | None, request: dict[str, Any], actor: Actor) -> Run:
        run = Run(
            id=new_id(),
            kind=kind,
            state=RunState.WAITING,
            node=self._node,
            policy=policy,
            request={name: value for name, value in request.items() if value is not None},
            created_at=self._clock(),
            created_by=actor.name,
        )
        self._record("run.started", actor, run)
        self._store.runs.create(run)
        self._worker.wake()
        return run

    def _record(self, event: str, actor: Actor, run: Run) -> None:
        about = f"{run.kind} of {run.policy.name}" if run.policy else run.kind
        self._audit.record(event, actor, object=ObjectReference(type="run", id=run.id, name=about))

    def _cancel_deliveries(self, identifier: str, actor: Actor) -> int:
        act = self._audit.act("delivery.cancelled", actor)
        return self._store.deliveries.cancel(DeliveryFilter(run=identifier), self._clock(), act)

    def _move(
        self,
        event: str,
        identifier: str,
        among: set[RunState],
        changes: Mapping[str, object],
        actor: Actor,
    ) -> Run:
        while True:
            run = self._store.runs.get(identifier)
            if run.state not in among:
                raise NotPossible(f"The run is {run.state}.")
            self._record(event, actor, run)
            moved = run.model_copy(update=changes)
            if self._store.runs.save(moved, run.state):
                return moved


def _problem_of_tag(tag: str) -> str | None:
    """Return why a tag cannot be used in a query of studies; None where it can."""
    try:
        path = parse_tag(tag)
    except Unfit as unfit:
        return str(unfit)
    if path.fact or len(path.steps) != 1:
        return "Studies are found by tags of the study, without sequences."
    return None
