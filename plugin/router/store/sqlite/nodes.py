# SPDX-License-Identifier: GPL-3.0-or-later
"""The only node of an embedded store."""

from datetime import datetime

from router.documents.node import Node
from router.store.port import NotFound
from router.store.sqlite.database import Database
from router.store.sqlite.machine_clock import MachineClock


class SqliteNodes:
    """`router.store.port.Nodes` of one node. Its record is kept in memory, because no other node reads it;
    `draining` is stored, because it must survive a restart."""

    def __init__(self, database: Database, clock: MachineClock) -> None:
        """`clock` is corrected with each `announce`."""
        self._database = database
        self._clock = clock
        self._announced: dict[str, Node] = {}

    def announce(self, node: Node) -> bool:
        self._clock.measure()
        self._announced[node.id] = node
        return self._is_draining(node.id)

    def leave(self, identifier: str) -> None:
        if identifier in self._announced:
            gone = {"left": True, "reads_changes": False, "running": 0}
            self._announced[identifier] = self._announced[identifier].model_copy(update=gone)

    def all(self) -> list[Node]:
        nodes = [self._with_draining(node) for node in list(self._announced.values())]
        return sorted(nodes, key=lambda node: node.name)

    def drain(self, identifier: str, draining: bool) -> Node:
        node = self._existing(identifier)
        with self._database.write() as connection:
            if draining:
                connection.execute("INSERT OR IGNORE INTO draining VALUES (?)", (identifier,))
            else:
                connection.execute("DELETE FROM draining WHERE node = ?", (identifier,))
        return self._with_draining(node)

    def remove(self, identifier: str) -> None:
        self._existing(identifier)
        with self._database.write() as connection:
            connection.execute("DELETE FROM draining WHERE node = ?", (identifier,))
        self._announced.pop(identifier, None)

    def claim(self, duty: str, owner: str, until: datetime, now: datetime) -> bool:  # noqa: ARG002
        return True

    def give_up(self, duty: str, owner: str) -> None:
        pass

    def _existing(self, identifier: str) -> Node:
        node = self._announced.get(identifier)
        if node is None:
            raise NotFound(identifier)
        return node

    def _with_draining(self, node: Node) -> Node:
        return node.model_copy(update={"draining": self._is_draining(node.id)})

    def _is_draining(self, identifier: str) -> bool:
        with self._database.read() as connection:
            found = connection.execute("SELECT 1 FROM draining WHERE node = ?", (identifier,)).fetchone()
        return found is not None
