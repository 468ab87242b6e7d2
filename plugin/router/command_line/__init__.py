# SPDX-License-Identifier: GPL-3.0-or-later
"""The command line: `python -m router COMMAND`; each command is a module."""

import argparse
import sys
from collections.abc import Sequence

from router.command_line import backup, check, restore, rotate_key
from router.command_line.installation import Failed

__all__ = ["main"]


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command in the arguments; return the exit code."""
    parser = argparse.ArgumentParser(
        prog="python -m router",
        description="Looks at documents of policies and destinations, without Orthanc; and looks after the"
        " store of an installation, which is where DATA_DIR, MONGO_URI and MONGO_INITDB_DATABASE say.",
    )
    commands = parser.add_subparsers(dest="command", required=True)
    for command in (check, backup, restore, rotate_key):
        command.add_to(commands)
    given = parser.parse_args(arguments)
    try:
        return int(given.run(given))
    except Failed as failure:
        print(failure, file=sys.stderr)
        return 1
