# SPDX-License-Identifier: GPL-3.0-or-later
"""The example services of the repository, run as a person runs them."""

import re
from pathlib import Path

from servers.orthanc import REPOSITORY
from servers.process import ServerProcess
from servers.waiting import wait_until


class ExampleService:
    """One of orthanc/services, on a free port while it is entered."""

    def __init__(self, name: str, folder: Path, *options: str) -> None:
        program = REPOSITORY / "orthanc" / "services" / f"{name}.py"
        python = REPOSITORY / ".venv" / "plugin" / "bin" / "python"
        self._process = ServerProcess([python, program, "--port", "0", *options], folder / f"{name}.log")
        self.url = ""

    def __enter__(self) -> "ExampleService":
        self._process.start()
        [self.url] = wait_until(
            lambda: re.findall(r"Listening on (\S+)", self._process.log_text()), 15, self._process.log_text
        )
        return self

    def __exit__(self, *_: object) -> None:
        self._process.stop()
