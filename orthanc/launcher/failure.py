# SPDX-License-Identifier: GPL-3.0-or-later
"""What ends a start or stop with one line for the person who asked for it."""


class Failure(Exception):  # noqa: N818 - it reads as what it says
    """It cannot be done; the message tells why and what to do."""
