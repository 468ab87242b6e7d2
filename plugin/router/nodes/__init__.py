# SPDX-License-Identifier: GPL-3.0-or-later
"""This node, and the other nodes that share its store."""

from router.nodes.description import NodeDescription
from router.nodes.duty import Duty
from router.nodes.identity import Identity
from router.nodes.membership import Membership, waiting_for
from router.nodes.watching import Watching

__all__ = ["Duty", "Identity", "Membership", "NodeDescription", "Watching", "waiting_for"]
