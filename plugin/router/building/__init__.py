# SPDX-License-Identifier: GPL-3.0-or-later
"""How the parts of a router are made of one another: each module makes some of them, in their order.

`basis` is what most parts stand on; `routing` takes images in and out; `people` is what people do; `upkeep`
goes on beside it; `routes` is what is answered of all that. A builder imports only those before it.
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
