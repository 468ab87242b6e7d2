# SPDX-License-Identifier: GPL-3.0-or-later
"""`orthanc/stop`."""

import argparse
import os
import select
import signal
import sys
from contextlib import suppress

from launcher.data_folder import DataFolder, Running
from launcher.failure import Failure
from launcher.process import GRACE, ends
from launcher.settings import Settings

#: Seconds until a kill. The launcher needs as long as it gives Orthanc, and a little more.
UNTIL_KILLED = GRACE + 2.0


def main() -> int:
    """Stop, and return the exit code."""
    parser = argparse.ArgumentParser(
        prog="orthanc/stop", description="Stops the Orthanc that orthanc/start runs on DATA_DIR."
    )
    parser.add_argument("--demo", action="store_true", help="the one that shows the demonstration")
    options = parser.parse_args()
    try:
        settings = Settings.read(os.environ)
        folder = DataFolder((settings.for_demonstration() if options.demo else settings).data_folder)
        running = folder.in_use_by()
        if running is None:
            print(f"Nothing runs on {folder.path}.")
            return 0
        _stop(running)
    except Failure as failure:
        print(failure, file=sys.stderr)
        return 1
    print("Orthanc has stopped.")
    return 0


def _stop(running: Running) -> None:
    """End both processes.

    The launcher ends Orthanc. Orthanc must be asked only once, so this asks it only where the launcher was
    killed.
    """
    launcher = _handle(running.launcher)
    orthanc = None if running.orthanc is None else _handle(running.orthanc)
    try:
        if launcher is not None:
            _send(launcher, signal.SIGTERM)
            if not _has_ended(launcher, UNTIL_KILLED):
                _send(launcher, signal.SIGKILL)
        if running.orthanc and orthanc is not None and not ends(running.orthanc, orthanc):
            _send(orthanc, signal.SIGKILL)
    except PermissionError:
        raise Failure("It was started by another user, who can stop it.") from None
    for handle in (launcher, orthanc):
        if handle is not None and not _has_ended(handle, 1.0):
            raise Failure(f"It does not stop: processes {running.launcher} and {running.orthanc}.")


def _handle(process: int) -> int | None:
    """A file descriptor that becomes readable when the process has ended; None where there is no process."""
    try:
        return os.pidfd_open(process)
    except ProcessLookupError:
        return None


def _send(handle: int, number: signal.Signals) -> None:
    with suppress(ProcessLookupError):
        signal.pidfd_send_signal(handle, number)


def _has_ended(handle: int, seconds: float) -> bool:
    """Whether a process ends within this time."""
    return bool(select.select([handle], [], [], seconds)[0])


if __name__ == "__main__":
    sys.exit(main())
