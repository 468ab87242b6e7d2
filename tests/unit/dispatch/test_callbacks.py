# SPDX-License-Identifier: GPL-3.0-or-later
"""A call-back that meets a hiccup is not lost: the service calls back again, and is heard."""

from collections.abc import Callable, Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast

import pytest

from router.actions.callback_token import CallbackToken
from router.dispatch.callbacks import Callback, Callbacks, TokenSpent, TooEarly
from router.documents.delivery import State
from router.orthanc_api import OrthancUnreachable
from router.store import Outcome, Store, StoreUnavailable, open_store
from unit.store.stored_samples import NOON, add, after, attempt, delivery, lease_one, record, until


class Service:
    """What a service calls back, and what it meets: `claim` is called where its results are claimed."""

    def __init__(self, store: Store) -> None:
        self.store = store
        self.claim: Callable[..., object] = lambda *_: None
        self.recorded: list[State] = []
        stand_in = cast(Any, SimpleNamespace)
        self._callbacks = Callbacks(
            store,
            stand_in(read=lambda _: CallbackToken("d", 1, None)),
            stand_in(claim=lambda *arguments: self.claim(*arguments)),
            stand_in(bulk_content=lambda _: [], lookup=lambda _: []),
            "node-1",
            lambda: after(10),
            lambda _, outcome: self.recorded.append(outcome.state),
        )

    def calls(self) -> State:
        return self._callbacks.receive("token", Callback(status="done")).state


@pytest.fixture
def service(tmp_path: Path) -> Iterator[Service]:
    """One that has taken the images of the delivery `d`."""
    store = open_store(None, "", tmp_path)
    add(store, delivery(identifier="d"))
    held = Outcome(State.HELD, ["image-1"], attempt(), after(3600), "Awaited")
    assert record(store, lease_one(store), held)
    yield Service(store)
    store.close()


def fail(error: Exception) -> Callable[..., object]:
    def failing(*_: object) -> object:
        raise error

    return failing


def test_where_orthanc_hiccups_the_service_is_heard_when_it_calls_again(service: Service) -> None:
    service.claim = fail(OrthancUnreachable("Orthanc has closed the connection"))
    with pytest.raises(OrthancUnreachable):
        service.calls()
    found = service.store.deliveries.get("d")
    assert (found.state, found.next_attempt_at, found.attempt_count) == (State.HELD, after(3600), 1)
    assert service.recorded == []
    service.claim = lambda *_: None
    assert service.calls() == State.SUCCEEDED
    assert service.recorded == [State.SUCCEEDED]


def test_where_the_store_does_not_take_the_outcome_it_is_to_call_again(
    service: Service, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as away:
        away.setattr(service.store.deliveries, "record", fail(StoreUnavailable("away")))
        with pytest.raises(StoreUnavailable):
            service.calls()
    with pytest.raises(TooEarly):
        service.calls()
    [leased] = service.store.deliveries.lease("pacs", until(200), after(71), 1)
    assert leased.delivery.id == "d"


def test_a_delivery_that_is_cancelled_meanwhile_stays_so(service: Service) -> None:
    service.claim = lambda *_: service.store.deliveries.cancel("d", NOON)
    with pytest.raises(TokenSpent):
        service.calls()
    assert service.store.deliveries.get("d").state == State.CANCELLED
    assert service.recorded == []
