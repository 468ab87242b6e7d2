# SPDX-License-Identifier: GPL-3.0-or-later
"""Check that Orthanc will be able to listen."""

import errno
import socket

from launcher.failure import Failure


def require_free(port: int, setting: str) -> None:
    """Raises Failure, which names the setting, if listening on the TCP port is not possible."""
    with socket.socket() as listener:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            listener.bind(("0.0.0.0", port))
            listener.listen()
        except OSError as error:
            if error.errno == errno.EADDRINUSE:
                raise Failure(
                    f"Port {port} ({setting}) is taken by another program: stop that, or choose another port."
                ) from None
            raise Failure(f"Cannot listen on port {port} ({setting}): {error.strerror}.") from None
