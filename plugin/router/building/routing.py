# SPDX-License-Identifier: GPL-3.0-or-later
"""The parts that route images: intake, dispatch, and the return of results."""

from dataclasses import dataclass

from router.actions import Awaited, CallbackTokens, Services
from router.building.basis import Basis
from router.dispatch import Dispatcher
from router.dispatch.callbacks import Callbacks
from router.intake import Intake, IntakeScope
from router.lineage import Results
from router.repetitions import Repetitions, UnseenRepetitions


@dataclass(frozen=True, slots=True)
class Routing:
    """The parts that route images."""

    intake: Intake
    dispatcher: Dispatcher
    callbacks: Callbacks
    #: None where Orthanc does not report images that come again, or keeps them.
    repetitions: Repetitions | None
    #: None where Orthanc reports them, or keeps them.
    unseen_repetitions: UnseenRepetitions | None


def routing_of(basis: Basis, notices_repetitions: bool) -> Routing:
    """Build the parts. `notices_repetitions`: whether Orthanc reports images that come again and are
    dropped."""
    store, orthanc, clock, owner = basis.store, basis.orthanc, basis.clock, basis.owner
    services = Services(
        orthanc,
        basis.settings.router.public_url,
        CallbackTokens(basis.vault),
        basis.transforms,
        store,
        Results(store, orthanc, clock),
        Awaited(),
    )
    dispatcher = Dispatcher(store, basis.catalog, services, basis.opening, owner, clock, basis.signals)
    return Routing(
        Intake(store, basis.catalog, orthanc, clock, _scope(basis), basis.signals),
        dispatcher,
        Callbacks(store, services.tokens, services.results, orthanc, owner, clock, dispatcher.recorded),
        Repetitions(store, orthanc, basis.node, clock, basis.retention) if notices_repetitions else None,
        None if notices_repetitions or basis.settings.overwrites else UnseenRepetitions(),
    )


def _scope(basis: Basis) -> IntakeScope:
    settings = basis.settings
    return IntakeScope(basis.node, settings.index, settings.overwrite_instances, settings.router.hop_limit)
