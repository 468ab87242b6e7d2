# SPDX-License-Identifier: GPL-3.0-or-later
"""`orthanc/start`, after the installation of all that it needs."""

import argparse
import os
import sys
from collections.abc import Callable
from contextlib import ExitStack

from launcher import dotenv
from launcher.background import in_background
from launcher.data_folder import DataFolder, Running
from launcher.failure import Failure
from launcher.log import Log
from launcher.ports import require_free
from launcher.process import OrthancProcess
from launcher.readiness import wait_until_well
from launcher.router_api import RouterApi
from launcher.settings import HOME, Settings
from launcher.signals import StopRequest

#: Seconds between checks of the size of the log.
ROUND = 60.0


def main() -> int:
    """Start, and return the exit code."""
    parser = argparse.ArgumentParser(prog="orthanc/start")
    parser.add_argument("--demo", action="store_true")
    parser.add_argument("--detach", action="store_true")
    options = parser.parse_args()
    # Patients' data and passwords are only for the user who starts it.
    os.umask(0o077)
    if options.detach:
        return in_background(lambda runs: _start(options.demo, runs))
    return _start(options.demo, None)


def _start(demo: bool, runs: Callable[[], None] | None) -> int:
    """Run until a request to stop. `runs`, if given, is called once Orthanc runs, to go to the background."""
    try:
        if dotenv.write_if_missing(HOME):
            print(f"Wrote {HOME / '.env'} with new passwords.")
        settings = Settings.read(os.environ)
        _run(settings.for_demonstration() if demo else settings, demo, runs)
    except Failure as failure:
        print(failure, file=sys.stderr)
        return 1
    return 0


def _run(settings: Settings, demo: bool, runs: Callable[[], None] | None) -> None:
    folder = DataFolder(settings.data_folder)
    folder.claim()
    if demo:
        folder.begin_anew()
    require_free(settings.port, "ORTHANC_PORT")
    require_free(settings.dicom_port, "ORTHANC_DICOM_PORT")
    log = Log(folder.logs)
    with ExitStack() as resources:
        stop = resources.enter_context(StopRequest())
        print("Starting Orthanc ...", flush=True)
        orthanc = resources.enter_context(
            OrthancProcess(settings.orthanc_environment(), log, folder.lock_descriptor)
        )
        folder.tell(Running(os.getpid(), orthanc.id))
        api = RouterApi(settings)
        problems = wait_until_well(orthanc, api, log, stop)
        if not stop:
            _introduce(settings, problems)
            if demo:
                # Its packages are installed only for a demonstration.
                from launcher.demonstration import demonstrate

                resources.enter_context(demonstrate(settings, api))
            stopping = "orthanc/stop --demo" if demo else "orthanc/stop"
            print(f"\n{stopping if runs else 'Ctrl-C'} ends it.", flush=True)
            if runs:
                runs()
        while not stop and orthanc.exit_code() is None:
            stop.wait(ROUND, orthanc.descriptor)
            log.keep_small()
        if stop:
            print("\nStopping ...", flush=True)
        elif orthanc.exit_code() != 0:
            raise Failure(
                f"Orthanc has ended: {log.last_error() or orthanc.exit_code()} (its log is {log.path})"
            )
    print("Orthanc has stopped.", flush=True)


def _introduce(settings: Settings, problems: list[str]) -> None:
    store = "MongoDB" if settings.mongo_uri else "SQLite, in the data folder"
    rows = {
        "Page": settings.page,
        "User": settings.username,
        "Password": settings.password,
        "AE title": settings.aet,
        "DICOM port": str(settings.dicom_port),
        "Data folder": str(settings.data_folder),
        "Store": store,
    }
    print("\nOrthanc Router is running.\n")
    for name, value in rows.items():
        print(f"  {name:<12} {value}")
    for problem in problems:
        print(f"\nNot all is well: {problem}")


if __name__ == "__main__":
    sys.exit(main())
