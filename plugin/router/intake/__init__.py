"""Turns what Orthanc has stored into deliveries."""

from router.intake.intake import Intake, IntakeStatus

__all__ = ["Intake", "IntakeStatus"]
