"""`orthanc/stop`."""

import argparse
import os
import select
import signal
import sys
import time
from contextlib import suppress

from launcher.data_folder import DataFolder, Running
from launcher.failure import Failure
from launcher.settings import Settings

#: Seconds until what does not end by itself is killed; the launcher gives Orthanc eight of them.
UNTIL_KILLED = 8.5


def main() -> int:
    """The exit code."""
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
    """End both processes: the launcher may have been killed before, and left Orthanc behind."""
    handles = [_handle(process) for process in (running.launcher, running.orthanc) if process]
    alive = {handle for handle in handles if handle is not None}
    try:
        for number, seconds in ((signal.SIGTERM, UNTIL_KILLED), (signal.SIGKILL, 1.0)):
            for handle in alive:
                with suppress(ProcessLookupError):
                    signal.pidfd_send_signal(handle, number)
            alive = _still_alive(alive, seconds)
    except PermissionError:
        raise Failure("It was started by another user, who can stop it.") from None
    if alive:
        raise Failure(f"It does not stop: processes {running.launcher} and {running.orthanc}.")


def _handle(process: int) -> int | None:
    """A file descriptor that can be read once the process has ended; None where there is no such process."""
    try:
        return os.pidfd_open(process)
    except ProcessLookupError:
        return None


def _still_alive(handles: set[int], seconds: float) -> set[int]:
    """Wait until all have ended; those that have not when the time is over."""
    deadline = time.monotonic() + seconds
    while handles and (left := deadline - time.monotonic()) > 0:
        ended, _, _ = select.select(handles, [], [], left)
        handles = handles - set(ended)
    return handles


if __name__ == "__main__":
    sys.exit(main())
