# SPDX-License-Identifier: GPL-3.0-or-later
"""How far the intake is, and how health tells it."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from router.health import Health, Problem


@dataclass(frozen=True, slots=True)
class PassedOver:
    """That the intake has begun behind images that nobody has looked at."""

    images: int
    at: datetime


@dataclass(frozen=True, slots=True)
class IntakeStatus:
    """How far the intake is."""

    cursor: int | None
    #: What keeps it from going on; None where nothing does.
    problem: str | None
    #: When the change log was last read to its end.
    caught_up_at: datetime | None
    #: Instances planned since the start.
    instances: int
    #: What was passed over at the start; None where nothing was.
    passed_over: PassedOver | None = None

    def health(self, replayed_since: Callable[[datetime], bool]) -> Health:
        """`replayed_since` tells whether somebody has begun a replay since a moment."""
        problems = [self.problem] if self.problem else []
        if self.passed_over is not None and not replayed_since(self.passed_over.at):
            problems.append(
                "Orthanc's database is another one than before, and none of its images is known:"
                f" {self.passed_over.images} that were stored already were not looked at. To have policies"
                " act on them, replay each (Policies, Replay) over the time in which they came in. This is"
                " shown until a replay is begun, or Orthanc is restarted."
            )
        told = {"cursor": self.cursor, "caught_up_at": self.caught_up_at, "instances": self.instances}
        return Health([Problem("intake", one) for one in problems], answer={"intake": told})


@dataclass(frozen=True, slots=True)
class Lag:
    """How far the intake is behind Orthanc."""

    changes: int
    seconds: float
