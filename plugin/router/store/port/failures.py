# SPDX-License-Identifier: GPL-3.0-or-later
"""How a call to the store can end without having done what it says."""


class StoreUnavailable(Exception):  # noqa: N818 - it reads as what it says
    """The store cannot be reached or cannot write now; the message tells an administrator why."""


class NotFound(Exception):  # noqa: N818
    """There is no such document, delivery, run or node."""


class Unreadable(NotFound):
    """The document is there, but this version of the router cannot read it; the message says why."""


class NameTaken(Exception):  # noqa: N818
    """Another document of this kind has this name (compared ignoring case)."""


class RevisionConflict(Exception):  # noqa: N818
    """The document was saved by another caller meanwhile; `current` is the revision now in the store."""

    def __init__(self, current: int) -> None:
        super().__init__(f"the document is at revision {current} now")
        self.current = current


class PlanConflict(Exception):  # noqa: N818
    """Another intake has committed since this plan's `based_on` was read: read again, plan again."""


class LeaseLost(Exception):  # noqa: N818
    """The lease with this token is over: the delivery was cancelled, or another worker has it."""


class StoreInUse(Exception):  # noqa: N818
    """A copy cannot be put back while a router uses the store that it would replace."""


class StoreNotEmpty(Exception):  # noqa: N818
    """A copy would replace a store, and the caller has not allowed that."""
