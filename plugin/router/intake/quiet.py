"""The second half of the intake: series and studies that have gone quiet."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta

from router.catalog import Snapshot, TriggerKey
from router.documents.lineage import Lineage
from router.documents.policy import Level
from router.intake.deciding import decide
from router.intake.planner import Match, deliveries_of, hop_refusal
from router.intake.stored_instances import StoredInstance, StoredInstances
from router.orthanc_api import OrthancApi, OrthancError
from router.rules import Moment, PolicySet
from router.store import Cursor, Fired, Growing, IntakeLedger, Lineages, NewDelivery, Plan

#: Entries of the change log that are looked through for news; where there are more, there is news.
_CHANGES_AT_ONCE = 1000
#: Instances of a study that are read from Orthanc at a time.
_READ_AT_ONCE = 500


class QuietPlanner:
    """Plans what fires when a series or study has been quiet. Used by the intake's thread alone."""

    def __init__(
        self,
        ledger: IntakeLedger,
        lineages: Lineages,
        hop_limit: int,
        orthanc: OrthancApi,
        stored_instances: StoredInstances,
    ) -> None:
        self._ledger = ledger
        self._lineages = lineages
        self._hop_limit = hop_limit
        self._orthanc = orthanc
        self._stored_instances = stored_instances

    def plan(self, cursor: Cursor, growing: Growing, snapshot: Snapshot, now: datetime) -> Plan | None:
        """What fires for one resource now, and when to look at it next; None where it is not quiet: an
        image of it has come in that the intake has not read yet, and that would be planned twice."""
        stored = self._instances(growing.level, growing.resource)
        if self._has_news(cursor, stored):
            return None
        fired = dict(growing.fired)
        deliveries: list[NewDelivery] = []
        waits = []
        for trigger, policies in snapshot.of_level(growing.level):
            identifiers = [policy.id for policy in policies.policies]
            if all(
                identifier in fired and fired[identifier].through_sequence >= growing.last_sequence
                for identifier in identifiers
            ):
                continue
            due_at = growing.last_at + timedelta(seconds=trigger.quiet_seconds)
            if due_at > now:
                waits.append(due_at)
                continue
            deliveries += self._fire(growing, trigger, policies, stored, fired, snapshot, now)
        return Plan(
            based_on=cursor,
            cursor=replace(cursor, version=cursor.version + 1),
            growing=[replace(growing, due_at=min(waits, default=None), fired=fired)],
            deliveries=deliveries,
        )

    def _fire(
        self,
        growing: Growing,
        trigger: TriggerKey,
        policies: PolicySet,
        stored: Sequence[StoredInstance],
        fired: dict[str, Fired],
        snapshot: Snapshot,
        now: datetime,
    ) -> list[NewDelivery]:
        origins = self._lineages.of_results([one.id for one in stored])
        own = [frozenset(origins[one.id].policies if one.id in origins else ()) for one in stored]
        moment = Moment(now.astimezone())
        decision, _ = decide(policies, trigger.level, stored, own, moment, self._stored_instances)
        deliveries: list[NewDelivery] = []
        for identifier in (policy.id for policy in policies.policies):
            before = fired.get(identifier)
            matching = decision.matched.get(identifier)
            if matching is not None:
                instances = [
                    one for one, not_for in zip(stored, own, strict=True) if identifier not in not_for
                ]
                late = before is not None and before.matched
                if before is not None and late:
                    # It has fired for the rest already: these are the late ones.
                    came_late = {
                        arrival.instance
                        for arrival in self._ledger.arrivals_of(
                            growing.level, growing.resource, before.through_sequence
                        )
                    }
                    instances = [one for one in instances if one.id in came_late]
                spent = [one for one in instances if self._is_spent(origins.get(one.id))]
                refusal = hop_refusal(self._hop_limit)
                for group, told in ((_without(instances, spent), None), (spent, refusal)):
                    if group:
                        match = Match(
                            snapshot.policies[identifier],
                            growing.level,
                            group,
                            frozenset(stored[index].id for index in matching),
                            late,
                            told,
                        )
                        deliveries += deliveries_of(match, snapshot, now)
            matched = matching is not None or (before is not None and before.matched)
            fired[identifier] = Fired(growing.last_sequence, matched)
        return deliveries

    def _is_spent(self, origin: Lineage | None) -> bool:
        return origin is not None and origin.hops >= self._hop_limit

    def _has_news(self, cursor: Cursor, stored: Sequence[StoredInstance]) -> bool:
        """Whether one of these instances comes after the cursor. Asked after they were listed, so that none
        can be among them whose change is not in the log yet."""
        changes = self._orthanc.changes(cursor.sequence, _CHANGES_AT_ONCE)
        unread = {entry.resource for entry in changes.entries if entry.kind == "NewInstance"}
        return not changes.done or any(one.id in unread for one in stored)

    def _instances(self, level: Level, resource: str) -> list[StoredInstance]:
        try:
            identifiers = self._orthanc.instances_of(level, resource)
        except OrthancError as error:
            if error.status == 404:  # deleted while it was growing
                return []
            raise
        return [
            one
            for start in range(0, len(identifiers), _READ_AT_ONCE)
            for one in self._stored_instances.read(identifiers[start : start + _READ_AT_ONCE])
        ]


def _without(instances: Sequence[StoredInstance], others: Sequence[StoredInstance]) -> list[StoredInstance]:
    gone = {one.id for one in others}
    return [one for one in instances if one.id not in gone]
