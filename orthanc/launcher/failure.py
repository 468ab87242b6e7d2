# SPDX-License-Identifier: GPL-3.0-or-later
"""The error that ends a start or stop with one line for the user."""


class Failure(Exception):  # noqa: N818 - it reads as what it says
    """The start or stop is not possible; the message says why and what to do."""
