# SPDX-License-Identifier: GPL-3.0-or-later
"""The first half of the intake: the new images in a stretch of the change log, and the policies that fire."""

from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import datetime, timedelta

from router.catalog import Snapshot
from router.clock import MACHINE_ZONE
from router.documents.lineage import Lineage
from router.documents.policy import Level, Policy
from router.intake.database_check import planned_already
from router.intake.deciding import decide_each
from router.intake.planner import deliveries_of, group_by_study, hop_refusal
from router.intake.stored_instances import StoredInstance, StoredInstances
from router.orthanc_api import Change, Changes, OrthancApi, OrthancError
from router.rules import Moment
from router.store import Arrival, Cursor, Growing, IntakeLedger, Lineages, Plan


class ArrivalPlanner:
    """Plans the deliveries for new instances. Used by the intake's thread alone."""

    def __init__(
        self,
        ledger: IntakeLedger,
        lineages: Lineages,
        hop_limit: int,
        orthanc: OrthancApi,
        stored_instances: StoredInstances,
        compare_digests: bool,
    ) -> None:
        """`compare_digests`: whether Orthanc overwrites. Then an instance may come again: with the same
        content it is not routed again, with other content it is."""
        self._ledger = ledger
        self._lineages = lineages
        self._hop_limit = hop_limit
        self._orthanc = orthanc
        self._stored_instances = stored_instances
        self._compare_digests = compare_digests
        #: Entries up to this number may have been planned already.
        self._planned_through = 0

    def read_again(self, through: int) -> None:
        """Plan entries up to this number only where they have not been planned already."""
        self._planned_through = max(self._planned_through, through)

    def plan(self, cursor: Cursor, changes: Changes, snapshot: Snapshot, now: datetime) -> Plan:
        """Return the plan for a stretch of the change log that begins at `cursor`."""
        entries = _whole_instances(changes)
        self._stored_instances.asked = snapshot.tags
        last = entries[-1]
        images = {entry.resource: entry for entry in entries if entry.kind == "NewInstance"}
        if entries[0].sequence <= self._planned_through:
            for image in planned_already(self._ledger, images):
                del images[image]
        self._planned_through = max(self._planned_through, last.sequence)
        sequences = {image: entry.sequence for image, entry in images.items()}
        announced = [entry.resource for entry in entries if entry.kind in {"NewSeries", "NewStudy"}]
        self._stored_instances.headers.forget(sequences)
        stored = self._stored_instances.read(list(sequences), announced)
        digests = self._digests(stored)
        if digests:
            stored = self._without_repeats(stored, sequences, digests)
        matches = group_by_study(self._matched(stored, snapshot, now))
        return Plan(
            based_on=cursor,
            cursor=Cursor(last.sequence, cursor.version + 1, last.anchor),
            arrivals=[
                Arrival(
                    one.id,
                    one.series,
                    one.study,
                    sequences[one.id],
                    now,
                    digests.get(one.id, ""),
                    images[one.id].date,
                )
                for one in stored
            ],
            growing=list(self._growing(stored, sequences, snapshot, now)),
            deliveries=[new for match in matches for new in deliveries_of(match, snapshot, now)],
        )

    def _matched(
        self, stored: Sequence[StoredInstance], snapshot: Snapshot, now: datetime
    ) -> Iterable[tuple[Policy, StoredInstance, str | None]]:
        moment = Moment(now.astimezone(MACHINE_ZONE))
        origins = self._lineages.of_results([one.id for one in stored])
        made_by = [_policies_of(origins.get(one.id)) for one in stored]
        for _, policies in snapshot.of_level("instance"):
            decisions = decide_each(policies, stored, made_by, moment, self._stored_instances)
            for one, decision in zip(stored, decisions, strict=True):
                origin = origins.get(one.id)
                refusal = hop_refusal(origin.hops) if origin and origin.hops >= self._hop_limit else None
                for identifier in decision.matched:
                    yield snapshot.policies[identifier], one, refusal

    def _digests(self, stored: Sequence[StoredInstance]) -> dict[str, str]:
        if not self._compare_digests:
            return {}
        digests = {}
        for one in stored:
            try:
                digests[one.id] = self._orthanc.digest(one.id)
            except OrthancError as error:
                if error.status != 404:
                    raise
        return digests

    def _without_repeats(
        self, stored: Sequence[StoredInstance], sequences: dict[str, int], digests: dict[str, str]
    ) -> list[StoredInstance]:
        known = self._ledger.arrivals([one.id for one in stored])
        return [
            one
            for one in stored
            if one.id not in known
            or known[one.id].sequence == sequences[one.id]
            or known[one.id].digest != digests.get(one.id)
        ]

    def _growing(
        self,
        stored: Sequence[StoredInstance],
        sequences: dict[str, int],
        snapshot: Snapshot,
        now: datetime,
    ) -> Iterable[Growing]:
        levels: tuple[Level, ...] = ("series", "study")
        for level in levels:
            triggers = snapshot.of_level(level)
            if not triggers:
                continue
            shortest = min(key.quiet_seconds for key, _ in triggers)
            newest: dict[str, int] = {}
            for one in stored:
                resource = one.series if level == "series" else one.study
                newest[resource] = max(newest.get(resource, 0), sequences[one.id])
            known = self._ledger.growing(level, list(newest))
            for resource, sequence in newest.items():
                before = known.get(resource) or Growing(level, resource, 0, now, None)
                yield replace(
                    before,
                    last_sequence=sequence,
                    last_at=now,
                    due_at=now + timedelta(seconds=shortest),
                )


def _policies_of(origin: Lineage | None) -> frozenset[str]:
    return frozenset(origin.policies) if origin else frozenset()


def _whole_instances(changes: Changes) -> Sequence[Change]:
    """Leave out the last instance where later entries may still announce its series and study."""
    if changes.done:
        return changes.entries
    last = max(
        (index for index, entry in enumerate(changes.entries) if entry.kind == "NewInstance"), default=0
    )
    return changes.entries[:last] or changes.entries
