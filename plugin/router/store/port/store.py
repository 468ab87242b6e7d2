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
    """Tells one thread about changes of policies and destinations as they happen."""

    def wait(self) -> bool:
        """Wait a few seconds at most for a change; return whether there was one. Raises StoreUnavailable:
        then the caller needs a new watch, and misses the changes in between."""
        ...

    def close(self) -> None:
        """Release the watch's resources. Raises StoreUnavailable."""
        ...


class Store(Protocol):
    """The whole store. Opening it makes missing tables, collections and indexes.

    It is opened for one index, an Orthanc database: `intake` belongs to that index, and only deliveries of
    that index are leased, because only its nodes have the images. All nodes share the rest.
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
    #: None where the store belongs to one node, which then knows the state of each lane itself.
    lanes: Lanes | None

    def save_together(self, saves: Sequence[Save]) -> None:
        """Save several documents as one. A document at revision 1 is new; each other one replaces the
        revision before and has the same name (ignoring case). `Documents.all` gives none or all of the saves.

        Raises NotFound, NameTaken, RevisionConflict; then nothing is saved.
        """
        ...

    def now(self) -> datetime:
        """Return the time of day that leases use. All nodes that share the store have the same, to a second,
        whatever their own clocks say. Sends no request."""
        ...

    def remember(self, name: str, text: str) -> str:
        """Keep `text` under this name, unless a text is kept there already. Return the text that is kept.
        Of several callers at once one wins, and all get the same text."""
        ...

    def recall(self, name: str) -> str | None:
        """Return the text that is kept under this name; None where there is none."""
        ...

    def remembered(self, beginning: str) -> list[str]:
        """Return the names of kept texts that begin with `beginning` (ASCII), in order."""
        ...

    def forget(self, names: Collection[str]) -> None:
        """Delete the texts under these names."""
        ...

    def rewrite_secrets(self, rewrite: Callable[[str], str]) -> int:
        """Replace each text that may hold sealed secrets by `rewrite(text)`: the JSON of every revision of
        every destination, and the remembered texts. Return how many changed.

        Others may write meanwhile; their texts may be missed.
        """
        ...

    def sign_with(self, sign: Callable[[str], str]) -> None:
        """Sign with `sign` what is queued for the audit trail from now on (see `router.store.acts`)."""
        ...

    def watch(self) -> Watch | None:
        """Begin to watch. Return None where the store cannot report changes, so that the caller has to poll
        or is the only writer."""
        ...

    def copy(self) -> Iterator[tuple[str, Iterator[bytes]]]:
        """Yield the whole store in parts, each with its name and its bytes in pieces. Others can read and
        write meanwhile.

        `router.store.put_back` makes a store from it: as it was at one moment of the copying, or one that
        repeats a part of the work done during the copying.
        """
        ...

    def check(self) -> None:
        """Check that writing works now. Raises StoreUnavailable where it does not."""
        ...

    def look_for_damage(self) -> None:
        """Look for damage in all stored data, as far as the store can; `damage` gives the result. May take
        minutes; `close` ends it. Raises StoreUnavailable."""
        ...

    def damage(self) -> str:
        """Return the damage found since the store was opened, in words; empty where there is none. Sends no
        request."""
        ...

    def describe(self) -> str:
        """Return the store's kind and place, for people; without credentials."""
        ...

    def close(self) -> None:
        """Release all resources; called once, at the end."""
        ...
