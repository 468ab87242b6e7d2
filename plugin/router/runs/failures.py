"""How a run can end before its time."""


class RunFailed(Exception):  # noqa: N818 - it reads as what it says
    """A run cannot be carried out; the message tells a person why."""


class Ending(Exception):  # noqa: N818
    """The router ends: the run goes on after the next start."""
