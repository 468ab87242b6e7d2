# SPDX-License-Identifier: GPL-3.0-or-later
"""Makes deliveries from what Orthanc has stored."""

from router.intake.index_check import others_of_index
from router.intake.intake import Intake, IntakeScope
from router.intake.status import IntakeStatus, Lag, PassedOver

__all__ = ["Intake", "IntakeScope", "IntakeStatus", "Lag", "PassedOver", "others_of_index"]
