# SPDX-License-Identifier: GPL-3.0-or-later
"""Routing by hand: named resources go to a destination, or through a policy's actions whatever its rule."""

from collections.abc import Iterator, Sequence
from typing import Any, Final

from router.actions import ACTIONS
from router.documents.delivery import ByHand
from router.documents.policy import Level, Policy, StoredResource
from router.documents.run import RouteRequest, Run, RunStudy
from router.intake.planner import Match
from router.intake.stored_instances import StoredInstance
from router.runs.planning import Planning
from router.runs.reading import StudyReader
from router.runs.selection import selected
from router.runs.task import RunContext, planned_in_all, policy_of
from router.store import DoneStudy

_LEVELS: Final[tuple[Level, ...]] = ("study", "series", "instance")


def by_hand(request: RouteRequest, user: str) -> ByHand | None:
    """Return what is requested by hand; None where a policy decides."""
    if request.destination is None:
        return None
    action = ACTIONS["forward"].model.model_validate(
        {
            "type": "forward",
            "id": "by-hand",
            "destination": request.destination,
            "transform": request.transform,
        }
    )
    return ByHand(user=user, action=action)


class ByHandRouting:
    """One run that routes by hand; see Task."""

    def __init__(self, run: Run, reader: StudyReader, context: RunContext) -> None:
        self._run = run
        self._request = RouteRequest.model_validate(run.request)
        self._reader = reader
        self._store = context.store
        self._orthanc = context.orthanc
        self._clock = context.clock
        asked = by_hand(self._request, run.created_by)
        self._policy = policy_of(run, context.store) if asked is None else _stand_in(asked, run)
        snapshot = context.catalog.current()
        self._planning = Planning(
            run,
            context.store.deliveries,
            snapshot,
            context.sending_back(snapshot),
            self._request.priority,
            self._request.again,
            asked,
        )

    def select(self) -> Iterator[RunStudy]:
        return selected(self._request, self._orthanc, self._reader)

    def carry_out(self, study: RunStudy, stored: Sequence[StoredInstance]) -> DoneStudy:
        matches = list(_matches(self._policy, study.within, stored))
        instances = [one for match in matches for one in match.instances]
        planned = self._planning.planned(study.study, matches, self._clock())
        told = study.model_copy(
            update={
                "done": True,
                "resource": stored[0].resource("study") if stored else None,
                "verdict": "matched" if instances else None,
                "reason": "" if instances else "Orthanc does not have it any more.",
                "instances": len(instances),
                "bytes": sum(one.size for one in instances),
                "matching_instances": len(instances),
                "looked_at": len(instances),
                "amounts": planned.amounts,
                "skipped": planned.skipped,
            }
        )
        return DoneStudy(told, planned.deliveries)

    def report(self) -> dict[str, Any]:
        return planned_in_all(self._store.runs, self._run.id)


def _matches(
    policy: Policy, within: Sequence[StoredResource], stored: Sequence[StoredInstance]
) -> Iterator[Match]:
    """Yield a match for each named resource, as if the policy fired for it; single images share one match.

    An image that is named by itself and by its series or study is sent once.
    """
    taken: set[str] = set()
    for level in _LEVELS:
        named = [one.id for one in within if one.level == level]
        groups = [set(named)] if level == "instance" else [{identifier} for identifier in named]
        for group in groups:
            instances = [
                one
                for one in stored
                if one.id not in taken
                and {"study": one.study, "series": one.series, "instance": one.id}[level] in group
            ]
            ids = frozenset(one.id for one in instances)
            taken |= ids
            if instances:
                yield Match(policy, level, instances, ids)


def _stand_in(asked: ByHand, run: Run) -> Policy:
    """Return the stand-in for a policy that the planner needs; no delivery names it."""
    return Policy(
        name="By hand",
        rule={"all": []},
        actions=[asked.action],
        id="",
        revision=1,
        created_at=run.created_at,
        updated_at=run.created_at,
        updated_by=run.created_by,
    )
