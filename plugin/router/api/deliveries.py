"""Routes of deliveries."""

from collections.abc import Callable
from datetime import datetime

from router.api.http import ApiError, Request, Response, Route
from router.api.listing import LARGEST_PAGE
from router.clock import Clock
from router.documents.delivery import FINISHED, State
from router.store import DeliveryFilter, Store

_FILTERS = ("state", "policy", "destination", "resource", "since", "search")


class DeliveryRoutes:
    """Answers `/deliveries`."""

    def __init__(self, store: Store, clock: Clock, changed: Callable[[], None]) -> None:
        """`changed` is called when deliveries have become ready that were not."""
        self._store = store
        self._clock = clock
        self._changed = changed

    def routes(self) -> list[Route]:
        """The table."""
        one = "/deliveries/{id}"
        return [
            Route(
                "GET",
                "/deliveries",
                self._list,
                "Deliveries, newest first",
                query=(*_FILTERS, "limit", "offset"),
            ),
            Route(
                "POST",
                "/deliveries/retry",
                self._retry_found,
                "Retry all that a filter finds",
                "operate",
                query=_FILTERS,
            ),
            Route(
                "POST",
                "/deliveries/cancel",
                self._cancel_found,
                "Cancel all that a filter finds",
                "operate",
                query=_FILTERS,
            ),
            Route("GET", one, self._get, "One delivery with its attempts and instances"),
            Route("POST", f"{one}/retry", self._retry, "Try again now", "operate"),
            Route("POST", f"{one}/cancel", self._cancel, "Give up", "operate"),
        ]

    def _list(self, request: Request) -> Response:
        limit = request.number("limit", 100, LARGEST_PAGE)
        offset = request.number("offset", 0, 10**9)
        items, total = self._store.deliveries.find(_filter(request), limit, offset)
        return Response.of({"items": items, "total": total})

    def _get(self, _request: Request, id: str) -> Response:
        delivery = self._store.deliveries.get(id)
        document = delivery.model_dump(mode="json")
        return Response.of(document | {"instance_ids": self._store.deliveries.instances(id)})

    def _retry(self, _request: Request, id: str) -> Response:
        if not self._store.deliveries.retry(id, self._clock()):
            state = self._store.deliveries.get(id).state
            raise ApiError(409, "not_retryable", f"The delivery is {state}: there is nothing to retry.")
        self._changed()
        return Response.of(self._store.deliveries.get(id))

    def _cancel(self, _request: Request, id: str) -> Response:
        if not self._store.deliveries.cancel(id, self._clock()):
            state = self._store.deliveries.get(id).state
            raise ApiError(409, "not_cancellable", f"The delivery is {state}: there is nothing to cancel.")
        return Response.of(self._store.deliveries.get(id))

    def _retry_found(self, request: Request) -> Response:
        wanted = _filter(request, FINISHED - {State.SUCCEEDED} | {State.RETRYING})
        count = self._store.deliveries.retry(wanted, self._clock())
        self._changed()
        return Response.of({"count": count})

    def _cancel_found(self, request: Request) -> Response:
        wanted = _filter(request, frozenset(State) - FINISHED)
        return Response.of({"count": self._store.deliveries.cancel(wanted, self._clock())})


def _filter(request: Request, default: frozenset[State] = frozenset()) -> DeliveryFilter:
    """The filters of a request; with a default, only states of it are meant. Raises ApiError."""
    states = frozenset(_state(text) for text in request.values("state"))
    if default:
        if states and not states & default:
            raise ApiError.of_field("state", f"this can only be done to {', '.join(sorted(default))}")
        states = states & default or default
    since = request.value("since")
    return DeliveryFilter(
        states=states,
        policy=request.value("policy"),
        destination=request.value("destination"),
        resource=request.value("resource"),
        since=_moment(since) if since else None,
        search=request.value("search"),
    )


def _state(text: str) -> State:
    try:
        return State(text)
    except ValueError:
        raise ApiError.of_field("state", f"must be one of {', '.join(State)}") from None


def _moment(text: str) -> datetime:
    try:
        return datetime.fromisoformat(text).astimezone()
    except ValueError:
        raise ApiError.of_field("since", "must be a date and time such as 2024-05-31T08:00:00Z") from None
