# SPDX-License-Identifier: GPL-3.0-or-later
"""Plans the deliveries of a run from its matches."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Final

from router.administration.sending_back import SendingBack
from router.catalog import Snapshot
from router.documents.action import Action, Priority
from router.documents.delivery import FINISHED, ByHand, Delivery, State
from router.documents.run import Amount, Run
from router.intake.planner import Match, deliveries_of
from router.store import Deliveries, DeliveryFilter, NewDelivery, all_pages

#: The states of deliveries that have arrived or are under way.
_DELIVERED: Final = frozenset(State) - FINISHED | {State.SUCCEEDED}


@dataclass
class Planned:
    """The deliveries of one study, and how many images of how many actions were left out of them."""

    deliveries: list[NewDelivery] = field(default_factory=list)
    skipped: int = 0
    #: Images of the deliveries that will not be sent back to where they came from, by action.
    not_sent_back: Counter[str] = field(default_factory=Counter)

    def add(self, new: NewDelivery, actions: Sequence[Action], sending_back: SendingBack) -> None:
        """Add a delivery of one of these actions. Raises OrthancError, OrthancUnreachable,
        StoreUnavailable."""
        self.deliveries.append(new)
        self.not_sent_back[new.delivery.action.id] += sending_back.count(new, actions)

    @property
    def amounts(self) -> list[Amount]:
        """Return the work of each action; deliveries that were planned as failed do none."""
        amounts: dict[str, Amount] = {}
        for delivery in (new.delivery for new in self.deliveries if new.delivery.state != State.FAILED):
            action = delivery.action.id
            before = amounts.get(action, Amount(action=action, deliveries=0, instances=0, bytes=0))
            amounts[action] = Amount(
                action=action,
                deliveries=before.deliveries + 1,
                instances=before.instances + delivery.instances,
                bytes=before.bytes + delivery.bytes,
                not_sent_back=self.not_sent_back[action],
            )
        return list(amounts.values())


class Planning:
    """Makes the deliveries of one run as the intake makes its own.

    The ids of a study's deliveries are derived from the run and the study, so planning again after a crash
    gives the same ids.
    """

    def __init__(
        self,
        run: Run,
        deliveries: Deliveries,
        snapshot: Snapshot,
        sending_back: SendingBack,
        priority: Priority | None,
        again: bool,
        by_hand: ByHand | None = None,
    ) -> None:
        """`priority`: None: each action's own. `again`: include images that were delivered before. `by_hand`:
        the request in place of a policy."""
        self._run = run
        self._deliveries = deliveries
        self._snapshot = snapshot
        self._sending_back = sending_back
        self._priority = priority
        self._again = again
        self._by_hand = by_hand

    def planned(self, study: str, matches: Sequence[Match], now: datetime) -> Planned:
        """Return the deliveries for one study. Raises OrthancError, OrthancUnreachable, StoreUnavailable."""
        planned = Planned()
        for match in matches:
            for action in match.policy.actions:
                delivered = frozenset() if self._again else self._delivered(study, match, action)
                left = [one for one in match.instances if one.id not in delivered]
                planned.skipped += sum(
                    one.id in delivered and (action.select == "all" or one.id in match.matching)
                    for one in match.instances
                )
                if not left:
                    continue
                alone = match.policy.model_copy(update={"actions": [action]})
                late = match.level != "instance" and len(left) < len(match.instances)
                part = replace(match, policy=alone, instances=left, late=late)
                for new in deliveries_of(part, self._snapshot, now):
                    identifier = f"{self._run.id}-{study}-{len(planned.deliveries)}"
                    planned.add(self._of_this_run(new, identifier), [action], self._sending_back)
        return planned

    def _of_this_run(self, new: NewDelivery, identifier: str) -> NewDelivery:
        changes: dict[str, object] = {"id": identifier, "run": self._run.id}
        if self._priority is not None:
            changes["priority"] = self._priority
        if self._by_hand is not None:
            changes |= {"policy": None, "by_hand": self._by_hand}
        return NewDelivery(new.delivery.model_copy(update=changes), new.instances)

    def _delivered(self, study: str, match: Match, action: Action) -> frozenset[str]:
        """Return the images of a study that the same action has delivered, or is about to deliver."""
        wanted = DeliveryFilter(
            states=_DELIVERED, resource=study, policy=None if self._by_hand else match.policy.id
        )
        return frozenset(
            instance
            for found in all_pages(self._deliveries, wanted)
            if self._is_of(found.delivery, action)
            for instance in found.instances
        )

    def _is_of(self, delivery: Delivery, action: Action) -> bool:
        if self._by_hand is None:
            return delivery.action.id == action.id
        return delivery.by_hand is not None and delivery.by_hand.action == self._by_hand.action
