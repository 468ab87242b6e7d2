# SPDX-License-Identifier: GPL-3.0-or-later
"""Simulation: applies a policy to recent arrivals, and shows how destinations would keep up."""

from collections import defaultdict
from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta
from typing import Any

from router.clock import MACHINE_ZONE
from router.documents.action import DestinationAction
from router.documents.delivery import DestinationReference, State
from router.documents.destination import THIS_ORTHANC
from router.documents.run import Amount, Run, RunStudy, SimulationRequest
from router.intake.planner import Match, deliveries_of
from router.intake.stored_instances import StoredInstance
from router.rules import Moment
from router.runs.evaluation import told_of
from router.runs.planning import Planned
from router.runs.queueing import Predicted, hours, kept_up
from router.runs.reading import StudyReader
from router.runs.task import RunContext, all_studies, policy_of
from router.store import DeliveryFilter, DoneStudy

#: How many recent deliveries give the speed of a destination.
_MEASURED = 200


class Simulation:
    """One simulation; see Task.

    When images came in is taken from the intake's ledger, what they say from what is stored now: what has
    been deleted since is not in it. Only this policy's deliveries are looked at, not those of others to the
    same destinations; each takes as long as the destination's own have taken lately, by their bytes.
    """

    def __init__(self, run: Run, reader: StudyReader, context: RunContext) -> None:
        self._run = run
        request = SimulationRequest.model_validate(run.request)
        self._since = run.created_at - timedelta(days=request.days)
        self._store = context.store
        self._clock = context.clock
        self._snapshot = context.catalog.current()
        self._sending_back = context.sending_back(self._snapshot)
        self._policy = policy_of(run, context.store)
        self._quiet = timedelta(seconds=context.catalog.trigger_of(self._policy).quiet_seconds)
        self._evaluation = context.evaluation(self._policy, self._snapshot, reader)

    def select(self) -> Iterator[RunStudy]:
        for position, study in enumerate(self._store.intake.studies_since(self._since)):
            yield RunStudy(study=study, position=position)

    def carry_out(self, study: RunStudy, stored: Sequence[StoredInstance]) -> DoneStudy:
        arrived = {
            arrival.instance: arrival.at
            for arrival in self._store.intake.arrivals_of("study", study.study)
            if arrival.at >= self._since
        }
        meant = [one for one in stored if one.id in arrived]
        judgement = self._evaluation.judge(stored, meant, Moment(self._clock().astimezone(MACHINE_ZONE)))
        amounts = [
            amount
            for match in judgement.matches
            for at, part in self._firings(match, arrived)
            for amount in self._amounts(part, at)
        ]
        told = told_of(study, stored, meant, judgement)
        return DoneStudy(told.model_copy(update={"amounts": amounts}))

    def report(self) -> dict[str, Any]:
        actions = {action.id or "": action for action in self._policy.actions}
        by_lane: defaultdict[str, list[Predicted]] = defaultdict(list)
        for study in all_studies(self._store.runs, self._run.id, "matched"):
            for amount in study.amounts:
                action = actions[amount.action]
                lane = action.destination if isinstance(action, DestinationAction) else THIS_ORTHANC.id
                assert amount.at is not None
                by_lane[lane].append(Predicted(amount.at, action, amount))
        report: dict[str, list[dict[str, Any]]] = {"hours": [], "totals": [], "missed_windows": []}
        for lane, predicted in by_lane.items():
            destination = self._snapshot.destinations.get(lane)
            if destination is None:
                continue
            reference = DestinationReference(
                id=destination.id, name=destination.name, kind=destination.kind
            ).model_dump()
            speed = self._speed(lane)
            kept = kept_up(predicted, speed, destination.concurrency or 1)
            report["hours"] += [{**hour, "destination": reference} for hour in hours(kept)]
            report["totals"].append(
                {
                    "destination": reference,
                    "deliveries": sum(one.amount.deliveries for one in predicted),
                    "instances": sum(one.amount.instances for one in predicted),
                    "bytes": sum(one.amount.bytes for one in predicted),
                    "not_sent_back": sum(one.amount.not_sent_back for one in predicted),
                    "bytes_per_second": None if speed is None else round(speed),
                }
            )
            for identifier, action in actions.items():
                late = [one for one in kept if one.is_late and one.predicted.amount.action == identifier]
                if late:
                    report["missed_windows"].append(
                        {
                            "action": {"id": action.id, "type": action.type},
                            "destination": reference,
                            "deliveries": sum(one.predicted.amount.deliveries for one in late),
                            "message": "They would not have been made before their window closed.",
                        }
                    )
        report["hours"].sort(key=lambda hour: (hour["at"], hour["destination"]["name"]))
        return report

    def _firings(self, match: Match, arrived: dict[str, datetime]) -> Iterator[tuple[datetime, Match]]:
        """Yield when the policy would have fired, and for what.

        It fires at once for images that came in together. It fires for a series or study each time that this
        was quiet; from the second time on, for the images that came late.
        """
        by_time: defaultdict[datetime, list[StoredInstance]] = defaultdict(list)
        for one in match.instances:
            by_time[arrived.get(one.id, self._since)].append(one)
        gathered: list[StoredInstance] = []
        times = sorted(by_time)
        late = False
        for at, following in zip(times, [*times[1:], None], strict=True):
            gathered += by_time[at]
            if following is None or match.level == "instance" or following - at > self._quiet:
                ids = match.matching
                yield at + self._quiet, Match(match.policy, match.level, gathered, ids, late, match.refusal)
                gathered, late = [], match.level != "instance"

    def _amounts(self, match: Match, at: datetime) -> list[Amount]:
        planned = Planned()
        for new in deliveries_of(match, self._snapshot, at):
            planned.add(new, self._policy.actions, self._sending_back)
        return [amount.model_copy(update={"at": at}) for amount in planned.amounts]

    def _speed(self, lane: str) -> float | None:
        """Return the destination's recent speed in bytes per second; None where it is not known."""
        wanted = DeliveryFilter(states=frozenset({State.SUCCEEDED}), destination=lane)
        measured = [
            (delivery.bytes, delivery.attempts[-1].seconds)
            for delivery in self._store.deliveries.find(wanted, _MEASURED)[0]
            if delivery.attempts and delivery.bytes
        ]
        seconds = sum(taken for _, taken in measured)
        return sum(size for size, _ in measured) / seconds if seconds > 0 else None
