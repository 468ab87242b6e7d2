# SPDX-License-Identifier: GPL-3.0-or-later
"""Run one of the router's commands with the settings of this installation. `orthanc/router` uses it."""

import os
import sys

from launcher.failure import Failure
from launcher.settings import HOME, Settings


def main() -> None:
    try:
        settings = Settings.read(os.environ)
    except Failure as failure:
        sys.exit(str(failure))
    environment = {
        **os.environ,
        "PYTHONPATH": str(HOME / "plugin"),
        "DATA_DIR": str(settings.data_folder),
        "MONGO_URI": settings.mongo_uri,
        "MONGO_INITDB_DATABASE": settings.mongo_database,
    }
    os.execve(sys.executable, [sys.executable, "-m", "router", *sys.argv[1:]], environment)


if __name__ == "__main__":
    main()
