# SPDX-License-Identifier: GPL-3.0-or-later
"""What the nodes of a group share of a lane: each node's slots, and whether to try the destination."""

from datetime import datetime, timedelta
from typing import Self

from pydantic import Field

from router.documents.document import Document, Instant

#: How long a wish for a slot counts unless the node repeats it.
_PATIENCE = timedelta(seconds=2)


class Share(Document):
    """A node's slots of the lane, until then."""

    node: str
    slots: int = Field(ge=1)
    until: Instant


class Wish(Document):
    """A node's wish for a slot."""

    node: str
    until: Instant


class LaneState(Document):
    """A destination's slots (as many as its `concurrency`) and its circuit breaker, for the whole group.

    Immutable: each method that changes something returns a new state.
    """

    shares: list[Share] = Field(default_factory=list)
    #: The longest wait first.
    wishes: list[Wish] = Field(default_factory=list)
    #: How many times in a row the destination was unavailable, and until when no node tries it.
    failures: int = 0
    closed_again_at: Instant | None = None
    #: The node that tests whether the destination is back.
    probe: Share | None = None

    def slots_of(self, node: str, now: datetime) -> int:
        """The number of slots of a node."""
        return sum(share.slots for share in self.shares if share.node == node and share.until > now)

    def is_wanted_by_others(self, node: str, now: datetime) -> bool:
        """Whether other nodes wait for a slot."""
        return any(wish.node != node and wish.until > now for wish in self.wishes)

    def with_slot_more(self, node: str, slots: int, now: datetime, until: datetime) -> Self | None:
        """The state with one more of the lane's `slots` for the node.

        None where no slot is free, or nodes that have waited longer need the free ones.
        """
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
        """The state with so many slots for the node, until then. Shares and wishes that have expired go."""
        shares = [share for share in self.shares if share.node != node and share.until > now]
        if slots:
            shares.append(Share(node=node, slots=slots, until=until))
        wishes = [wish for wish in self.wishes if wish.until > now]
        return self.model_copy(update={"shares": shares, "wishes": wishes})

    def without_shares_of(self, prefix: str) -> Self:
        """The state without the slots, and the probe, of nodes whose names begin with `prefix`."""
        shares = [share for share in self.shares if not share.node.startswith(prefix)]
        probe = None if self.probe and self.probe.node.startswith(prefix) else self.probe
        return self.model_copy(update={"shares": shares, "probe": probe})

    def with_wish(self, node: str, now: datetime) -> Self:
        """The state with the node's wish for a slot.

        A node that waits already keeps its place. The same state while half of its wish's time is left.
        """
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
        """The state in which the node tests the destination.

        None where it is too early, or another node tests it.
        """
        if self.closed_again_at is not None and self.closed_again_at > now:
            return None
        if self.probe is not None and self.probe.node != node and self.probe.until > now:
            return None
        return self.model_copy(update={"probe": Share(node=node, slots=1, until=until)})

    def with_breaker(self, failures: int, closed_again_at: datetime | None) -> Self:
        """The state of the circuit breaker after an attempt. Ends the probe."""
        known = {"failures": failures, "closed_again_at": closed_again_at, "probe": None}
        return self.model_copy(update=known)
