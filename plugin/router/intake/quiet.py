# SPDX-License-Identifier: GPL-3.0-or-later
"""The second half of the intake: plans deliveries for series and studies that have gone quiet."""

import math
import time
from collections import OrderedDict, deque
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

from router.catalog import Snapshot, TriggerKey
from router.clock import MACHINE_ZONE
from router.documents.lineage import Lineage
from router.documents.policy import Level
from router.intake.deciding import Deciding
from router.intake.headers import MOST_HEADERS
from router.intake.planner import Match, deliveries_of, hop_refusal
from router.intake.stored_instances import StoredInstance, StoredInstances
from router.orthanc_api import OrthancApi, OrthancError
from router.rules import Moment, PolicySet
from router.store import Cursor, Fired, Growing, IntakeLedger, Lineages, NewDelivery, Plan

#: How many entries of the change log are searched for news; more entries than that count as news.
_CHANGES_AT_ONCE = 1000
#: How many instances of a study are read from Orthanc at a time.
_READ_AT_ONCE = 200
#: How many instances of resources that have lately fired are kept, to find late ones without reading again.
_MOST_KEPT = 30_000


@dataclass
class _Images:
    """The images of one series or study: those read from Orthanc, and those yet to be read."""

    #: The last number of the change log that is taken into account.
    through: int
    asked: frozenset[str]
    pending: deque[str]
    stored: list[StoredInstance] = field(default_factory=list)
    #: Whether there is no plan yet for all images up to `through`.
    under_way: bool = True


class QuietPlanner:
    """Plans the deliveries for series and studies that have gone quiet. Used by the intake's thread alone."""

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
        self._kept: OrderedDict[tuple[Level, str], _Images] = OrderedDict()

    def plan(
        self, cursor: Cursor, growing: Growing, snapshot: Snapshot, now: datetime, until: float = math.inf
    ) -> Plan | None:
        """Return the plan of what fires for one resource now, and when to look at it next.

        None where this cannot be told yet. Either its images could not all be read `until` then (by
        `time.monotonic`), and another call must go on. Or it is not quiet: an image of it has come in that
        the intake has not read yet, and that would be planned twice.
        """
        self._stored_instances.asked = snapshot.tags
        stored = self._images(cursor, growing, until)
        if stored is None:
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
            made = self._fire(growing, trigger, policies, stored, fired, snapshot, now, until)
            if made is None:
                return None
            deliveries += made
        self._kept[growing.level, growing.resource].under_way = False
        self._forget_old()
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
        until: float,
    ) -> list[NewDelivery] | None:
        origins = self._lineages.of_results([one.id for one in stored])
        own = [frozenset(origins[one.id].policies if one.id in origins else ()) for one in stored]
        moment = Moment(now.astimezone(MACHINE_ZONE))
        deciding = Deciding(policies, trigger.level, stored, own, moment, self._stored_instances)
        decision = deciding.decide(_selecting(policies, snapshot), _while_time_is_left(until, len(stored)))
        if decision is None:
            return None
        deliveries: list[NewDelivery] = []
        for policy in policies.policies:
            identifier = policy.id
            before = fired.get(identifier)
            matching: Iterable[int] | None = decision.matched.get(identifier)
            if matching is not None:
                meant = [index for index, not_for in enumerate(own) if identifier not in not_for]
                late = before is not None and before.matched
                if before is not None and late:
                    # The policy has fired for the rest already: only the late images are left.
                    came_late = {
                        arrival.instance
                        for arrival in self._ledger.arrivals_of(
                            growing.level, growing.resource, before.through_sequence
                        )
                    }
                    meant = [index for index in meant if stored[index].id in came_late]
                    matching = deciding.matching(policy.rule, meant)
                instances = [stored[index] for index in meant]
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

    def _images(self, cursor: Cursor, growing: Growing, until: float) -> list[StoredInstance] | None:
        """Return all images of the resource; None where not all could be read, or one of them is news."""
        key = (growing.level, growing.resource)
        images = self._kept.get(key)
        if images is None or not self._goes_on(images, growing):
            self._kept.pop(key, None)
            identifiers = self._instances(growing.level, growing.resource)
            if self._has_news(cursor, identifiers):
                return None
            images = _Images(growing.last_sequence, self._stored_instances.asked, deque(identifiers))
        self._kept[key] = images
        self._kept.move_to_end(key)
        while images.pending:
            some = [images.pending.popleft() for _ in range(min(_READ_AT_ONCE, len(images.pending)))]
            images.stored += self._stored_instances.read(some)
            if images.pending and time.monotonic() > until:
                return None
        return images.stored

    def _goes_on(self, images: _Images, growing: Growing) -> bool:
        """Whether what was read of a resource is still true: nothing was deleted, and nothing came in again.

        If so, images that came in since are added to those to be read.
        """
        if images.asked != self._stored_instances.asked:
            return False
        if images.under_way and images.through == growing.last_sequence:
            return True
        arrivals = self._ledger.arrivals_of(growing.level, growing.resource, images.through)
        late = {arrival.instance for arrival in arrivals}
        known = {one.id for one in images.stored}.union(images.pending)
        if not late.isdisjoint(known):
            return False
        try:
            count = self._orthanc.statistics(growing.level, growing.resource)["CountInstances"]
        except OrthancError as error:
            if error.status == 404:  # deleted
                return False
            raise
        if count != len(known) + len(late):
            return False
        images.pending.extend(arrival.instance for arrival in arrivals)
        images.through, images.under_way = growing.last_sequence, True
        return True

    def _forget_old(self) -> None:
        kept = sum(len(images.stored) for images in self._kept.values())
        while kept > _MOST_KEPT and len(self._kept) > 1:
            kept -= len(self._kept.popitem(last=False)[1].stored)

    def _has_news(self, cursor: Cursor, instances: Sequence[str]) -> bool:
        """Whether one of these instances comes after the cursor. To be called after they were listed, so that
        the log has the changes of all of them."""
        changes = self._orthanc.changes(cursor.sequence, _CHANGES_AT_ONCE)
        unread = {entry.resource for entry in changes.entries if entry.kind == "NewInstance"}
        return not changes.done or any(one in unread for one in instances)

    def _instances(self, level: Level, resource: str) -> list[str]:
        try:
            return self._orthanc.instances_of(level, resource)
        except OrthancError as error:
            if error.status == 404:  # deleted while it was growing
                return []
            raise


def _selecting(policies: PolicySet, snapshot: Snapshot) -> frozenset[str]:
    """Return the policies with an action for matching images only: all matching images must be known."""
    return frozenset(
        policy.id
        for policy in policies.policies
        if any(action.select == "matching" for action in snapshot.policies[policy.id].actions)
    )


def _while_time_is_left(until: float, count: int) -> Callable[[], bool]:
    """Return the condition for reading more headers. Without a time limit where there are more images than
    kept headers: reading them again and again would never end."""
    if count > MOST_HEADERS:
        return lambda: True
    return lambda: time.monotonic() < until


def _without(instances: Sequence[StoredInstance], others: Sequence[StoredInstance]) -> list[StoredInstance]:
    gone = {one.id for one in others}
    return [one for one in instances if one.id not in gone]
