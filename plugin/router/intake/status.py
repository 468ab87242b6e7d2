# SPDX-License-Identifier: GPL-3.0-or-later
"""The progress of the intake, and its part in the health report."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from router.health import Health, Problem


@dataclass(frozen=True, slots=True)
class PassedOver:
    """Images before the intake's beginning that no policy has seen."""

    images: int
    at: datetime


@dataclass(frozen=True, slots=True)
class IntakeStatus:
    """The progress of the intake."""

    cursor: int | None
    #: The problem that stops it; None where there is none.
    problem: str | None
    #: When the change log was last read to its end.
    caught_up_at: datetime | None
    #: Instances planned since the start.
    instances: int
    #: The images passed over at the start; None where there were none.
    passed_over: PassedOver | None = None

    def health(self, replayed_since: Callable[[datetime], bool]) -> Health:
        """Return the health report. `replayed_since`: whether someone has begun a replay since a moment."""
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
