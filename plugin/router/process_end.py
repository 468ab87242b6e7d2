# SPDX-License-Identifier: GPL-3.0-or-later
"""Notices that Orthanc has begun to end; ends the process without destroying the plugin's global variables.

Orthanc (seen with 1.10.1, 1.12.7 and 1.13.0) hands the events of its jobs to Lua, also where there is no Lua
script. When it is told to end, it waits until no event has come for 100 ms. Only then does it say
ORTHANC_STOPPED. A router that went on delivering by Orthanc's jobs would keep it from ending for as long as
there is work.

Version 7.1 of the plugin frees twice the changes that it has not handed on: when it is finalized, and when
its global variables are destroyed. Whatever Orthanc stores or does after it has said ORTHANC_STOPPED is such
a change, so that a busy Orthanc ends with "free(): double free detected" instead of with status 0.
"""

import ctypes
import os
import signal
from pathlib import Path
from typing import Final

#: All that this process has loaded, a line for each piece; see proc_pid_maps(5).
_MAPS: Final = Path("/proc/self/maps")
_PLUGIN: Final = "libOrthancPython"
#: What the kernel says of this process, a line for each thing; see proc_pid_status(5).
STATUS: Final = Path("/proc/self/status")


class OrthancsEnd:
    """Tells from the process's signal handlers whether Orthanc has been told to end.

    Orthanc catches SIGTERM from when it has started until it is told to end, by a signal or by its REST API.
    It also stops catching it for some milliseconds where a SIGHUP asks for a new configuration and there is
    none.
    """

    def __init__(self, status: Path = STATUS) -> None:
        """`status`: the file that the kernel describes the process in."""
        self._status = status
        self._was_caught = False

    def has_begun(self) -> bool:
        """Whether Orthanc caught SIGTERM before and does not now. False where the kernel does not tell."""
        try:
            lines = self._status.read_text("ascii", "replace").splitlines()
        except OSError:
            return False
        mask = next((int(line.split()[1], 16) for line in lines if line.startswith("SigCgt:")), None)
        if mask is None:
            return False
        is_caught = bool(mask >> (signal.SIGTERM - 1) & 1)
        self._was_caught = self._was_caught or is_caught
        return self._was_caught and not is_caught


def leave_globals_alone() -> None:
    """Keep the plugin's library until the process exits, and let exit call no destructors.

    Orthanc has closed its servers, its database and its log by then. Where the library is not found, all is
    left as it is.
    """
    library = _loaded_library()
    if library is None:
        return
    # Unloading it would destroy them, before Orthanc has come to its own end.
    ctypes.CDLL(library, mode=os.RTLD_NOW | os.RTLD_NOLOAD | os.RTLD_NODELETE)
    libc = ctypes.CDLL(None)
    # What is registered last is called first, with the status that the process exits with.
    libc.on_exit(ctypes.cast(libc._exit, ctypes.c_void_p), None)


def _loaded_library() -> str | None:
    """Where the plugin was loaded from."""
    for line in _MAPS.read_text("utf-8", "surrogateescape").splitlines():
        path = line.split(maxsplit=5)[5:]
        if path and Path(path[0]).name.startswith(_PLUGIN):
            return path[0]
    return None
