# SPDX-License-Identifier: GPL-3.0-or-later
"""Ends the process without destroying what the Python plugin keeps in global variables.

Version 7.1 of the plugin frees twice the changes that it has not handed on: when it is finalized, and when
its global variables are destroyed. Whatever Orthanc stores or does after it has said ORTHANC_STOPPED is such
a change, so that a busy Orthanc ends with "free(): double free detected" instead of with status 0.
"""

import ctypes
import os
from pathlib import Path
from typing import Final

#: All that this process has loaded, a line for each piece; see proc_pid_maps(5).
_MAPS: Final = Path("/proc/self/maps")
_PLUGIN: Final = "libOrthancPython"


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
