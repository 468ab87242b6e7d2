# SPDX-License-Identifier: GPL-3.0-or-later
"""Turns what Orthanc has stored into deliveries."""

from router.intake.index_check import others_of_index
from router.intake.intake import Intake, IntakeScope
from router.intake.status import IntakeStatus, Lag, PassedOver

__all__ = ["Intake", "IntakeScope", "IntakeStatus", "Lag", "PassedOver", "others_of_index"]
