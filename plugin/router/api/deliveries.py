# SPDX-License-Identifier: GPL-3.0-or-later
"""Routes of deliveries."""

from collections.abc import Callable
from dataclasses import replace

from pydantic import Field

from router.api.http import ApiError, Request, Response, Route
from router.api.listing import LARGEST_PAGE, Listed, Totals, moment
from router.audit import Audit
from router.clock import Clock
from router.documents.delivery import FINISHED, UNLISTED, Delivery, State
from router.documents.document import Document
from router.documents.invalid import validated
from router.documents.lineage import Place
from router.store import DeliveryFilter, Store


class Filters(Document):
    """A filter of deliveries: they must fulfil every given part. A filter without parts finds all deliveries.

    A GET has it in the query. Other methods have it in the body: Orthanc gives a plugin the query of a GET
    only.
    """

    #: One or several, separated by commas.
    state: str | None = None
    #: A policy's id.
    policy: str | None = None
    #: A destination's id.
    destination: str | None = None
    #: Orthanc's identifier of the resource itself, its series or its study.
    resource: str | None = None
    #: The id of the run that made the deliveries.
    run: str | None = None
    #: The Orthanc database whose nodes carry the deliveries out, as in `/nodes`.
    index: str | None = None
    #: A date and time: only deliveries created since.
    since: str | None = None
    #: A text to search for: patient's id or name, accession number, UIDs.
    search: str | None = None


class Order(Filters):
    """A request to change all deliveries that a filter finds."""

    #: How many deliveries the person has been shown. The request is refused where the filter finds more by
    #: now.
    count: int | None = Field(default=None, ge=0, strict=True)


class Made(Document):
    """A resource that a delivery has made in this Orthanc."""

    source: Place
    result: Place
    #: The name of the service; None where the router has made it.
    service: str | None


class MadeResults(Document):
    """All resources that a delivery has made in this Orthanc."""

    results: list[Made]


class DeliveryDetail(Delivery):
    """A delivery with the Orthanc identifiers of its instances."""

    instance_ids: list[str]
    lineage: MadeResults | None  # type: ignore[assignment]  # where it is stored, it says nothing


class Count(Document):
    """How many deliveries were affected."""

    count: int


_FILTERS = tuple(Filters.model_fields)

#: The most results that the document of a delivery names.
_RESULTS = 1000


class DeliveryRoutes:
    """Answers `/deliveries`."""

    def __init__(
        self, store: Store, audit: Audit, clock: Clock, try_now: Callable[[str | None], None]
    ) -> None:
        """`try_now` is called with the lane of a delivery to try again now; with None for all lanes."""
        self._store = store
        self._audit = audit
        self._clock = clock
        self._try_now = try_now
        self._totals = Totals[DeliveryFilter]()

    def routes(self) -> list[Route]:
        """The table."""
        one = "/deliveries/{id}"
        return [
            Route(
                "GET",
                "/deliveries",
                self._list,
                "Deliveries, newest first",
                by_study=True,
                query=(*_FILTERS, "limit", "offset"),
                answer=Listed[Delivery],
            ),
            Route(
                "POST",
                "/deliveries/retry",
                self._retry_found,
                "Retry all that a filter finds",
                "operate",
                Order,
                answer=Count,
                errors=[409],
            ),
            Route(
                "POST",
                "/deliveries/cancel",
                self._cancel_found,
                "Cancel all that a filter finds",
                "operate",
                Order,
                answer=Count,
                errors=[409],
            ),
            Route(
                "GET",
                one,
                self._get,
                "One delivery with its attempts and instances",
                answer=DeliveryDetail,
                about=self._about,
            ),
            Route(
                "POST",
                f"{one}/retry",
                self._retry,
                "Try again now; one that is held, for its window or for a person to look at it, is sent now",
                "operate",
                answer=Delivery,
                errors=[409],
                about=self._about,
            ),
            Route(
                "POST",
                f"{one}/cancel",
                self._cancel,
                "Give up",
                "operate",
                answer=Delivery,
                errors=[409],
                about=self._about,
            ),
        ]

    def _about(self, _request: Request, id: str) -> list[str]:
        """Return the study of a delivery. Raises NotFound."""
        return [self._store.deliveries.get(id).resource.study]

    def _list(self, request: Request) -> Response:
        limit = request.number("limit", 100, LARGEST_PAGE)
        offset = request.number("offset", 0, 10**9)
        asked = Filters(
            state=",".join(request.values("state")),
            **{name: request.value(name) for name in _FILTERS if name != "state"},
        )
        wanted = _filter(asked)
        if request.studies is not None:
            wanted = replace(wanted, studies=frozenset(request.studies))
        items, total = self._totals.page(self._store.deliveries.find, wanted, limit, offset)
        return Response.of({"items": items, "total": total})

    def _get(self, _request: Request, id: str) -> Response:
        delivery = self._store.deliveries.get(id)
        document = delivery.model_dump(mode="json")
        made = self._store.lineages.of_delivery(id, _RESULTS)
        if made:
            results = [{"source": one.source, "result": one.result, "service": one.service} for one in made]
            document["lineage"] = {"results": results}
        return Response.of(document | {"instance_ids": self._store.deliveries.instances(id)})

    def _retry(self, request: Request, id: str) -> Response:
        asked = self._store.deliveries.get(id)
        index = asked.index
        if index and index not in self._indexes():
            raise ApiError(
                409,
                "node_removed",
                "The node whose Orthanc had the images was removed: there is nobody who could deliver them.",
            )
        act = self._audit.act("delivery.retried", request.actor)
        # `send_now` overrides a window, or a hold for a person's review. A hold for a list of codes cannot be
        # overridden: it is only tried again.
        is_unlisted = (asked.note or "").startswith(UNLISTED)
        is_held = asked.state == State.HELD and (asked.window is not None or asked.next_attempt_at is None)
        is_held = is_held and not is_unlisted
        order = self._store.deliveries.send_now if is_held else self._store.deliveries.retry
        if not order(id, self._clock(), act):
            state = self._store.deliveries.get(id).state
            raise ApiError(409, "not_retryable", f"The delivery is {state}: there is nothing to retry.")
        delivery = self._store.deliveries.get(id)
        self._try_now(delivery.lane)
        return Response.of(delivery)

    def _cancel(self, request: Request, id: str) -> Response:
        act = self._audit.act("delivery.cancelled", request.actor)
        if not self._store.deliveries.cancel(id, self._clock(), act):
            state = self._store.deliveries.get(id).state
            raise ApiError(409, "not_cancellable", f"The delivery is {state}: there is nothing to cancel.")
        return Response.of(self._store.deliveries.get(id))

    def _retry_found(self, request: Request) -> Response:
        order = validated(Order, request.json())
        wanted = _filter(order, FINISHED - {State.SUCCEEDED} | {State.RETRYING})
        self._check_count(order, wanted)
        # Deliveries whose instances only a removed node had would wait for ever.
        wanted = replace(wanted, indexes=self._indexes())
        act = self._audit.act("delivery.retried", request.actor)
        count = self._store.deliveries.retry(wanted, self._clock(), act)
        self._try_now(None)
        return Response.of({"count": count})

    def _indexes(self) -> frozenset[str]:
        """Return the Orthanc databases that have nodes."""
        return frozenset(node.index for node in self._store.nodes.all())

    def _check_count(self, order: Order, wanted: DeliveryFilter) -> None:
        """Raise ApiError where the order would change more deliveries than the person has seen.

        Fewer are expected: some have ended meanwhile.
        """
        if order.count is None:
            return
        _, found = self._store.deliveries.find(wanted, 0)
        if found > order.count:
            raise ApiError(
                409,
                "more_found",
                f"The filter finds {found} deliveries by now, and the order is about {order.count}:"
                " nothing was done. Look at the list again.",
                [("count", f"the filter finds {found}")],
            )

    def _cancel_found(self, request: Request) -> Response:
        order = validated(Order, request.json())
        wanted = _filter(order, frozenset(State) - FINISHED)
        self._check_count(order, wanted)
        act = self._audit.act("delivery.cancelled", request.actor)
        return Response.of({"count": self._store.deliveries.cancel(wanted, self._clock(), act)})


def _filter(filters: Filters, default: frozenset[State] = frozenset()) -> DeliveryFilter:
    """Return the store's filter; a `default` limits its states. Raises ApiError."""
    states = frozenset(_state(text) for text in (filters.state or "").split(",") if text)
    return DeliveryFilter(
        states=(states & default if states else default) if default else states,
        policy=filters.policy,
        destination=filters.destination,
        resource=filters.resource,
        run=filters.run,
        index=filters.index,
        since=moment("since", filters.since) if filters.since else None,
        search=filters.search,
    )


def _state(text: str) -> State:
    try:
        return State(text)
    except ValueError:
        raise ApiError.of_field("state", f"must be one of {', '.join(State)}") from None
