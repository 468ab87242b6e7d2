# SPDX-License-Identifier: GPL-3.0-or-later
"""Builds the parts of a router; each module builds some of them, from those before it.

The order: `basis` is what most parts need; `routing` takes images in and out; `people` serves requests of
people; `upkeep` runs in the background; `routes` is the API of all. A builder imports only those before it.
"""

from router.building.basis import Basis, basis_of
from router.building.people import People, people_of
from router.building.routes import routes_of
from router.building.routing import Routing, routing_of
from router.building.upkeep import Upkeep, upkeep_of

__all__ = [
    "Basis",
    "People",
    "Routing",
    "Upkeep",
    "basis_of",
    "people_of",
    "routes_of",
    "routing_of",
    "upkeep_of",
]
