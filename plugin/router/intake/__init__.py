"""Turns what Orthanc has stored into deliveries."""

from router.intake.intake import Intake, IntakeStatus, Lag, PassedOver

__all__ = ["Intake", "IntakeStatus", "Lag", "PassedOver"]
