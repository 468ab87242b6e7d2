# SPDX-License-Identifier: GPL-3.0-or-later
"""The whole of it."""

from collections.abc import Callable, Collection, Iterator, Sequence
from datetime import datetime
from typing import Literal, Protocol

from router.documents.destination import Destination
from router.documents.policy import Policy
from router.store.port.audit import AuditTrail
from router.store.port.deliveries import Deliveries
from router.store.port.documents import Documents, Save
from router.store.port.intake_ledger import IntakeLedger
from router.store.port.lanes import Lanes
from router.store.port.lineages import Lineages
from router.store.port.nodes import Nodes
from router.store.port.repetitions import Repetitions
from router.store.port.runs import Runs


class Watch(Protocol):
    """Tells one thread of changes of policies and destinations as they are made."""

    def wait(self) -> bool:
        """Wait for a change for a few seconds at most; whether one was made. Raises StoreUnavailable: then
        another watch is needed, and what was changed in between is not told."""
        ...

    def close(self) -> None:
        """Release what is held. Raises StoreUnavailable."""
        ...


class Store(Protocol):
    """The whole of it. Opening makes tables, collections and indexes where they are missing.

    It is opened for one index, an Orthanc database: `intake` is that one's, and of the deliveries only
    those of that index are leased, because only its nodes have the images. All else is everybody's.
    """

    kind: Literal["sqlite", "mongodb"]
    policies: Documents[Policy]
    destinations: Documents[Destination]
    intake: IntakeLedger
    deliveries: Deliveries
    lineages: Lineages
    audit: AuditTrail
    runs: Runs
    repetitions: Repetitions
    nodes: Nodes
    #: None where the store is one node's own: what a lane has is then known to the node itself.
    lanes: Lanes | None

    def save_together(self, saves: Sequence[Save]) -> None:
        """Save several documents as one: those at revision 1 are new, each other one replaces the revision
        before and has the same name (but for case). Whoever reads all of a kind sees none or all of it.

        Raises NotFound, NameTaken, RevisionConflict; then none of it is saved.
        """
        ...

    def now(self) -> datetime:
        """The time of day by which leases are kept: for all nodes that share the store the same, to a second,
        whatever their own clocks say. Asks nobody."""
        ...

    def remember(self, name: str, text: str) -> str:
        """Keep `text` under this name, unless something is kept there already; what is kept from now on.
        Of several callers at once one wins, and all get the same."""
        ...

    def recall(self, name: str) -> str | None:
        """What is kept under this name; None where nothing is."""
        ...

    def remembered(self, beginning: str) -> list[str]:
        """The names that begin so (ASCII) and under which something is kept, in order."""
        ...

    def forget(self, names: Collection[str]) -> None:
        """Keep nothing under these names any more."""
        ...

    def rewrite_secrets(self, rewrite: Callable[[str], str]) -> int:
        """Put `rewrite(text)` in the place of each text that may hold sealed secrets: the JSON of every
        revision of every destination, and what is remembered; how many it changed.

        Others may write meanwhile; what they write may be missed.
        """
        ...

    def sign_with(self, sign: Callable[[str], str]) -> None:
        """Have what is put down for the audit from now on signed by this (see `router.store.acts`)."""
        ...

    def watch(self) -> Watch | None:
        """Begin to watch; None where the store cannot tell of changes, and one has to look."""
        ...

    def copy(self) -> Iterator[tuple[str, Iterator[bytes]]]:
        """The whole of it, in parts by name, and each part in pieces; others go on reading and writing.

        `router.store.put_back` makes a store of it again: one as it was at a moment of the copying, or one
        that repeats a part of what was done during it.
        """
        ...

    def check(self) -> None:
        """Raises StoreUnavailable unless a write would succeed now."""
        ...

    def look_for_damage(self) -> None:
        """Look at all that is stored, as far as the store can: `damage` tells what comes of it. May take
        minutes, and ends where the store is closed. Raises StoreUnavailable."""
        ...

    def damage(self) -> str:
        """What has been found damaged since it was opened, in words; empty where nothing has. Asks nobody."""
        ...

    def describe(self) -> str:
        """What and where it is, for people; without credentials."""
        ...

    def close(self) -> None:
        """Release all that is held; called once, at the end."""
        ...
