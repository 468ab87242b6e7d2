# SPDX-License-Identifier: GPL-3.0-or-later
"""How a call to the store can end without having done what it says."""


class StoreUnavailable(Exception):  # noqa: N818 - it reads as what it says
    """The store cannot be reached or cannot write now; the message tells an administrator why."""


class NotFound(Exception):  # noqa: N818
    """There is no such document."""


class Unreadable(NotFound):
    """The document is there, but this version of the router cannot read it; the message says why."""


class NameTaken(Exception):  # noqa: N818
    """Another document of this kind has this name (compared without regard to case)."""


class RevisionConflict(Exception):  # noqa: N818
    """Somebody else has saved since; `current` is the revision now in the store."""

    def __init__(self, current: int) -> None:
        super().__init__(f"the document is at revision {current} now")
        self.current = current


class PlanConflict(Exception):  # noqa: N818
    """Another intake has committed since this plan's `based_on` was read: read again, plan again."""


class LeaseLost(Exception):  # noqa: N818
    """The delivery is not leased under this token any more: it was cancelled, or another worker has it."""


class StoreInUse(Exception):  # noqa: N818
    """A copy cannot be put back while somebody uses what it would replace."""


class StoreNotEmpty(Exception):  # noqa: N818
    """A copy would be put back over something, and nobody has said that it may."""
