# SPDX-License-Identifier: GPL-3.0-or-later
"""`rotate-key`: a new key for all secrets."""

import argparse
from contextlib import closing

from router.command_line.installation import Failed, Installation, add_arguments, person
from router.secrets import SecretsUnreadable
from router.secrets.rotation import Rotation, unreadable_secrets
from router.store import StoreUnavailable


def add_to(commands: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Make it one of the commands."""
    parser = commands.add_parser(
        "rotate-key",
        help="seal all stored secrets with a new key",
        description="Seals all stored secrets with a new key, while the router runs or not. Where the key is"
        " in a file, the new one is made and put there, and the old one taken away at the end; after an"
        " interruption, do it again.",
    )
    add_arguments(parser)
    parser.set_defaults(run=rotate_key)


def rotate_key(given: argparse.Namespace) -> int:
    """Seal all secrets anew. Raises Failed."""
    installation = Installation.of(given)
    try:
        with closing(installation.open()) as store:
            installation.audit(store).record("key.rotated", person())
            renewed = Rotation(store, installation.vault()).run()
            unreadable = unreadable_secrets(store, installation.vault())
    except (StoreUnavailable, SecretsUnreadable, OSError) as error:
        raise Failed(f"The key has not been rotated: {error}") from error
    print(f"{renewed} documents have their secrets sealed with the new key.")
    if unreadable:
        print(f"{unreadable} secrets could be opened with no key: enter them again in the page.")
    return 0
