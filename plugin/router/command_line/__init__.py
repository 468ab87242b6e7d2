"""The command line: `python -m router check FILE...`."""

import argparse
from collections.abc import Sequence
from pathlib import Path

from router.command_line.check import add_arguments, check

__all__ = ["main"]


def main(arguments: Sequence[str] | None = None) -> int:
    """Do what the arguments say; the exit code."""
    parser = argparse.ArgumentParser(
        prog="python -m router",
        description="Looks at documents of policies and destinations, without Orthanc.",
    )
    commands = parser.add_subparsers(dest="command", required=True)
    add_arguments(
        commands.add_parser(
            "check",
            help="check documents and run their cases",
            description="Checks documents of policies and destinations, as an import would, and runs the"
            " policies' cases. Several files are taken together as one document.",
            epilog="The exit code is 0 where all is well, 1 where something is wrong or a case fails, and 2"
            " where a file cannot be read.",
        )
    )
    given = parser.parse_args(arguments)
    return check([Path(file) for file in given.files], as_json=given.json, strict=given.strict)
