"""`orthanc/stop`."""

import argparse
import os
import signal
import sys
import time

from launcher.data_folder import DataFolder, Running
from launcher.failure import Failure
from launcher.settings import Settings

#: Seconds that the launcher gets; it gives Orthanc eight of them before it kills it.
UNTIL_STOPPED = 9.5


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
        _stop(folder, running)
    except Failure as failure:
        print(failure, file=sys.stderr)
        return 1
    print("Orthanc has stopped.")
    return 0


def _stop(folder: DataFolder, running: Running) -> None:
    """Ask the launcher, which stops Orthanc; where that was killed, Orthanc itself."""
    if not _signal(running.launcher, signal.SIGTERM) and running.orthanc:
        _signal(running.orthanc, signal.SIGTERM)
    deadline = time.monotonic() + UNTIL_STOPPED
    while time.monotonic() < deadline:
        if folder.in_use_by() is None:
            return
        # Nothing tells when a lock is free except waiting for it, which has no end of its own.
        time.sleep(0.05)
    if running.orthanc:
        _signal(running.orthanc, signal.SIGKILL)
    if folder.in_use_by() is not None:
        raise Failure(f"It does not stop: processes {running.launcher} and {running.orthanc}.")


def _signal(process: int, number: signal.Signals) -> bool:
    try:
        os.kill(process, number)
    except ProcessLookupError:
        return False
    except PermissionError:
        raise Failure("It was started by another user, who can stop it.") from None
    return True


if __name__ == "__main__":
    sys.exit(main())
