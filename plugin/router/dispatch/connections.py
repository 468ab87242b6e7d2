# SPDX-License-Identifier: GPL-3.0-or-later
"""Cuts connections that hang when Orthanc ends, because the destination accepted them and went silent.

Orthanc waits in DCMTK or libcurl for their own timeout, which may be minutes, and cannot be interrupted.
So it would not end before. DCMTK and libcurl notice at once that a connection was shut down.
"""

import os
import re
import socket
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

_LISTENING = "0A"
_SOCKET = re.compile(r"socket:\[(\d+)\]")


def cut_outgoing_connections() -> int:
    """Shut down all TCP connections that this process has opened or is opening; return their number.

    Connections opened to this process, also by itself, stay (proc(5), `/proc/net/tcp`).
    """
    own = dict(_sockets())
    table = [row for row in _tcp_table() if row[0] in own]
    listening = {local for _, local, _, state in table if state == _LISTENING}
    cut = 0
    for inode, local, remote, _ in table:
        if local in listening or remote in listening:
            continue
        with suppress(OSError), socket.socket(fileno=os.dup(own[inode])) as connection:
            connection.shutdown(socket.SHUT_RDWR)
            cut += 1
    return cut


def _sockets() -> Iterator[tuple[str, int]]:
    """Yield the inode and descriptor of each socket of this process."""
    for entry in Path("/proc/self/fd").iterdir():
        with suppress(OSError):  # the descriptor of this very listing, or one closed meanwhile
            found = _SOCKET.fullmatch(str(entry.readlink()))
            if found:
                yield found[1], int(entry.name)


def _tcp_table() -> Iterator[tuple[str, str, str, str]]:
    """Yield the inode, local port, remote port and state of each TCP socket of this machine."""
    for name in ("tcp", "tcp6"):
        with suppress(OSError):  # a machine without IPv6
            for line in Path("/proc/self/net", name).read_text("ascii").splitlines()[1:]:
                _, local, remote, state, _, _, _, _, _, inode, *_ = line.split()
                yield inode, local.rpartition(":")[2], remote.rpartition(":")[2], state
