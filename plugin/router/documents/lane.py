# SPDX-License-Identifier: GPL-3.0-or-later
"""What the nodes of a group share of a lane: who may send how much at once, and whether to try at all."""

from datetime import datetime, timedelta
from typing import Self

from pydantic import Field

from router.documents.document import Document, Instant

#: How long a node that wants a slot and does not say so again is waited for.
_PATIENCE = timedelta(seconds=2)


class Share(Document):
    """That a node has some of the lane's slots, until then."""

    node: str
    slots: int = Field(ge=1)
    until: Instant


class Wish(Document):
    """That a node waits for a slot."""

    node: str
    until: Instant


class LaneState(Document):
    """A destination's slots (as many as its `concurrency`) and its circuit breaker, for the whole group.

    It never changes: each method gives the state after it.
    """

    shares: list[Share] = Field(default_factory=list)
    #: The longest waiting first.
    wishes: list[Wish] = Field(default_factory=list)
    #: How often in a row the destination was not to be had, and until when it is left alone.
    failures: int = 0
    closed_again_at: Instant | None = None
    #: Who finds out whether it is back.
    probe: Share | None = None

    def slots_of(self, node: str, now: datetime) -> int:
        """How many a node has."""
        return sum(share.slots for share in self.shares if share.node == node and share.until > now)

    def is_wanted_by_others(self, node: str, now: datetime) -> bool:
        """Whether other nodes wait for a slot."""
        return any(wish.node != node and wish.until > now for wish in self.wishes)

    def with_slot_more(self, node: str, slots: int, now: datetime, until: datetime) -> Self | None:
        """The node has one more of the `slots`; None where none is free, or others have waited longer."""
        free = slots - sum(share.slots for share in self.shares if share.until > now)
        ahead = 0
        for wish in self.wishes:
            if wish.node == node:
                break
            ahead += wish.until > now
        if free <= ahead:
            return None
        state = self.with_slots(node, self.slots_of(node, now) + 1, now, until)
        return state.model_copy(update={"wishes": [one for one in state.wishes if one.node != node]})

    def with_slots(self, node: str, slots: int, now: datetime, until: datetime) -> Self:
        """The node has so many, until then; what nobody prolongs is forgotten."""
        shares = [share for share in self.shares if share.node != node and share.until > now]
        if slots:
            shares.append(Share(node=node, slots=slots, until=until))
        wishes = [wish for wish in self.wishes if wish.until > now]
        return self.model_copy(update={"shares": shares, "wishes": wishes})

    def without_shares_of(self, prefix: str) -> Self:
        """Nobody whose name begins like this has a slot, or is about to find something out."""
        shares = [share for share in self.shares if not share.node.startswith(prefix)]
        probe = None if self.probe and self.probe.node.startswith(prefix) else self.probe
        return self.model_copy(update={"shares": shares, "probe": probe})

    def with_wish(self, node: str, now: datetime) -> Self:
        """The node waits for a slot; who waits already keeps its turn, and need not say so all the time."""
        wish = Wish(node=node, until=now + _PATIENCE)
        own = next((one for one in self.wishes if one.node == node), None)
        if own is not None and own.until - now > _PATIENCE / 2:
            return self
        if own is not None:
            wishes = [wish if one.node == node else one for one in self.wishes]
        else:
            wishes = [*(one for one in self.wishes if one.until > now), wish]
        return self.model_copy(update={"wishes": wishes})

    def probed_by(self, node: str, now: datetime, until: datetime) -> Self | None:
        """The node finds out whether the destination is back; None where it is not time, or another does."""
        if self.closed_again_at is not None and self.closed_again_at > now:
            return None
        if self.probe is not None and self.probe.node != node and self.probe.until > now:
            return None
        return self.model_copy(update={"probe": Share(node=node, slots=1, until=until)})

    def with_breaker(self, failures: int, closed_again_at: datetime | None) -> Self:
        """What is known of the destination, after an attempt."""
        known = {"failures": failures, "closed_again_at": closed_again_at, "probe": None}
        return self.model_copy(update=known)
