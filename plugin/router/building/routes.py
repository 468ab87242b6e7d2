# SPDX-License-Identifier: GPL-3.0-or-later
"""The routes of all parts."""

from collections.abc import Sequence
from itertools import chain

from router.administration.before_and_after import BeforeAndAfter
from router.administration.case_making import CaseMaker
from router.administration.code_lists import CodeListAdministration
from router.administration.device_library import DeviceLibraryAdministration
from router.administration.filling import Filling
from router.administration.key_table import KeyTable, StoredPatients
from router.administration.nodes import NodeAdministration
from router.administration.redaction_library import RedactionLibrary
from router.api.activity import ActivityRoutes
from router.api.audit import AuditRoutes
from router.api.callbacks import CallbackRoutes
from router.api.case_making import CaseRoutes
from router.api.deliveries import DeliveryRoutes
from router.api.destinations import DestinationRoutes
from router.api.exchange import ExchangeRoutes
from router.api.health import HealthRoutes
from router.api.http import Route, Routes
from router.api.lineage import LineageRoutes
from router.api.nodes import NodeRoutes
from router.api.policies import PolicyRoutes
from router.api.policy_review import PolicyReviewRoutes
from router.api.pseudonyms import PseudonymRoutes
from router.api.rules import RuleRoutes
from router.api.runs import RunRoutes
from router.api.templates import TemplateRoutes
from router.api.traffic import NodeName, TrafficRoutes
from router.api.transforms import TransformRoutes
from router.building.basis import Basis
from router.building.people import People
from router.building.routing import Routing
from router.building.upkeep import Upkeep
from router.health import HasHealth


def routes_of(
    basis: Basis, routing: Routing, people: People, upkeep: Upkeep, health: Sequence[HasHealth]
) -> list[Route]:
    """Return all routes. `health`: the parts whose health is reported, in that order."""
    parts: list[Routes] = [
        *_of_people(basis, routing, people),
        *_of_images(basis, routing, people),
        *_of_nodes(basis, upkeep),
        HealthRoutes(basis.settings.name, health, upkeep.store_probe.problem),
    ]
    return list(chain.from_iterable(part.routes() for part in parts))


def _of_people(basis: Basis, routing: Routing, people: People) -> list[Routes]:
    store, clock, wake = basis.store, basis.clock, routing.dispatcher.wake
    return [
        ActivityRoutes(store, clock),
        PolicyRoutes(store, people.policies),
        PolicyReviewRoutes(store, people.policies),
        CaseRoutes(CaseMaker(people.explainer, basis.orthanc, basis.transforms, clock)),
        DestinationRoutes(store, people.destinations, basis.orthanc, wake),
        ExchangeRoutes(store, people.importing, basis.audit, wake),
        RunRoutes(store, people.runs),
    ]


def _of_images(basis: Basis, routing: Routing, people: People) -> list[Routes]:
    store, orthanc, clock, transforms, audit = (
        basis.store,
        basis.orthanc,
        basis.clock,
        basis.transforms,
        basis.audit,
    )
    return [
        LineageRoutes(store),
        DeliveryRoutes(store, audit, clock, routing.dispatcher.try_now),
        CallbackRoutes(routing.callbacks),
        AuditRoutes(store, audit),
        RuleRoutes(store, people.explainer, routing.repetitions, clock),
        PseudonymRoutes(
            KeyTable(transforms, StoredPatients(orthanc), audit),
            CodeListAdministration(store, transforms.lists, audit, clock, basis.signals.new_deliveries),
        ),
        TransformRoutes(
            BeforeAndAfter(orthanc, transforms),
            RedactionLibrary(store, transforms.devices),
            DeviceLibraryAdministration(transforms.devices, audit, clock),
        ),
        TemplateRoutes(Filling(orthanc, transforms, basis.settings.router.public_url, clock)),
    ]


def _of_nodes(basis: Basis, upkeep: Upkeep) -> list[Routes]:
    store, clock = basis.store, basis.clock
    return [
        NodeRoutes(store, NodeAdministration(store, basis.audit, clock), upkeep.membership, clock),
        TrafficRoutes(upkeep.traffic, NodeName(id=basis.node, name=basis.settings.name)),
    ]
