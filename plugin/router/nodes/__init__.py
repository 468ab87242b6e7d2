"""This node among those that share its store."""

from router.nodes.identity import Identity
from router.nodes.membership import Membership

__all__ = ["Identity", "Membership"]
