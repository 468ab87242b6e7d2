# SPDX-License-Identifier: GPL-3.0-or-later
"""The texts of notices: facts about a delivery, filled into the texts of an action."""

from router.messages.occasion import NAMES, Occasion
from router.messages.wording import Wording, problems_of

__all__ = ["NAMES", "Occasion", "Wording", "problems_of"]
