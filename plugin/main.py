# SPDX-License-Identifier: GPL-3.0-or-later
"""What Orthanc loads (`PythonScript`): puts the router together and hands it to Orthanc."""

import os
import sys

_PROCESS = "ORTHANC_ROUTER_PROCESS"


def _begin_afresh() -> None:
    """Replace this process by a new Orthanc of the same command line, under the same process id.

    `/tools/reset` makes Orthanc finalize its Python interpreter and start another one in the same
    process, which compiled packages (pydantic, re2) do not survive. At this point Orthanc has closed
    its servers and its database, so that nothing is lost by starting from the beginning.
    """
    with open("/proc/self/cmdline", "rb") as file:  # noqa: PTH123 - nothing is imported yet
        arguments = file.read().split(b"\0")[:-1]
    del os.environ[_PROCESS]
    sys.stdout.flush()
    os.closerange(3, os.sysconf("SC_OPEN_MAX"))
    os.execv(os.readlink("/proc/self/exe"), arguments)  # noqa: PTH115


if os.environ.get(_PROCESS) == str(os.getpid()):
    _begin_afresh()
os.environ[_PROCESS] = str(os.getpid())

from router.application import run_inside_orthanc  # noqa: E402 - only in a fresh interpreter

application = run_inside_orthanc()
