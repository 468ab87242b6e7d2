# SPDX-License-Identifier: GPL-3.0-or-later
"""The SFTP sessions of one SSH connection (RFC 4254, section 6.1), which several threads use at once.

A server that is far away answers each request a round trip later; several sessions wait at the same time.
"""

import threading

from router.destinations.filing import Filed
from router.destinations.kind import DestinationUnavailable
from router.destinations.one_by_one import ConnectionNotBorne
from router.destinations.sftp_connection import Login, SftpConnection


class SftpSessions:
    """Writes each file over a session that no other thread uses, and opens more of them as needed."""

    def __init__(self, login: Login) -> None:
        """Connect, and open the first session. Raises DestinationUnavailable."""
        self._first = SftpConnection(login)
        self._free = [self._first]
        self._lock = threading.Lock()
        #: Whether the server ended the whole connection when it was asked for another session.
        self.ended_by_another = False

    @property
    def alive(self) -> bool:
        """Whether a session still works, as far as this side knows."""
        with self._lock:
            return any(session.alive for session in self._free)

    def put(self, file: bytes, folder: str, filed: Filed, draft: str) -> None:
        """Write a file (`SftpConnection.put`).

        Where the server ends only this session, writes it over another one that is free. Raises ImageRefused,
        DestinationUnavailable, or ConnectionNotBorne where the server refuses or ends sessions, none is free,
        and the connection still works.
        """
        while True:
            session = self._taken()
            try:
                session.put(file, folder, filed, draft)
            except DestinationUnavailable as error:
                if not session.is_closed_alone():
                    raise
                session.close_session()
                if not self.alive:
                    raise ConnectionNotBorne(str(error)) from error
            except BaseException:
                self._give_back(session)
                raise
            else:
                self._give_back(session)
                return

    def close(self) -> None:
        """Close the connection, and with it all sessions, whatever their state."""
        self._first.close()

    def _taken(self) -> SftpConnection:
        with self._lock:
            while self._free:
                session = self._free.pop()
                if session.alive:
                    return session
        try:
            return self._first.another()
        except DestinationUnavailable:
            if not self._first.is_connected:
                self.ended_by_another = True
            raise

    def _give_back(self, session: SftpConnection) -> None:
        with self._lock:
            self._free.append(session)
