# SPDX-License-Identifier: GPL-3.0-or-later
"""Requests, responses and the table of routes, independent of the server."""

import json
import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, Literal, NotRequired, Protocol

from pydantic import BaseModel, TypeAdapter
from typing_extensions import TypedDict

from router.documents.audit import Actor

#: What a person may do: look at everything; retry, pause, route by hand; change policies and destinations.
Role = Literal["read", "operate", "edit"]


@dataclass(frozen=True, slots=True)
class Request:
    """One HTTP request. `path` is the part after `/router`.

    `user` is the user logged in at Orthanc, empty without a login. `Access` replaces it by the person behind
    the request and sets that person's `roles`.
    """

    method: str
    path: str
    query: Sequence[tuple[str, str]] = ()
    headers: Mapping[str, str] = field(default_factory=dict)
    body: bytes = b""
    user: str = ""
    roles: frozenset[Role] = frozenset()
    #: The authorization plugin's id of that person. Unlike the name, people cannot choose it.
    user_id: str = ""
    #: The labels of the studies that the person may see; None: all studies.
    labels: frozenset[str] | None = None
    #: The headers by which the authorization plugin identifies the person.
    token: Mapping[str, str] = field(default_factory=dict)
    #: The studies that the answer may show: Study Instance UIDs by Orthanc identifier. None: all studies.
    studies: Mapping[str, str] | None = None
    #: The client address that a trusted proxy reports; empty without one.
    address: str = ""

    @property
    def actor(self) -> Actor:
        """The person behind the request, as the audit records people."""
        return Actor(type="user", id=self.user_id, name=self.user, address=self.address)

    def json(self) -> Any:
        """Return the body, parsed as JSON. Raises ApiError."""
        try:
            return json.loads(self.body, parse_constant=_refused)
        except (ValueError, RecursionError) as error:
            raise ApiError(400, "invalid_json", f"The body is not JSON: {error}") from None

    def values(self, name: str) -> list[str]:
        """Return all values of a query parameter; a comma separates several in one."""
        return [part for key, value in self.query if key == name for part in value.split(",") if part]

    def value(self, name: str) -> str | None:
        """Return the value of a query parameter; None without one. Raises ApiError where values differ."""
        given = {value for key, value in self.query if key == name and value}
        if len(given) > 1:
            raise ApiError.of_field(name, f"is given {len(given)} times, with different values: give one")
        return next(iter(given), None)

    def number(self, name: str, default: int, largest: int) -> int:
        """Return a query parameter as a whole number from 0 to `largest`. Raises ApiError."""
        text = self.value(name)
        if text is None:
            return default
        if not text.isascii() or not text.isdecimal() or int(text) > largest:
            raise ApiError.of_field(name, f"must be a whole number from 0 to {largest}")
        return int(text)


def _refused(constant: str) -> object:
    raise ValueError(f"{constant} is not a JSON number")


@dataclass(frozen=True, slots=True)
class Response:
    """An HTTP response. With a status other than 200, the body is ASCII (Orthanc takes it as text)."""

    status: int = 200
    body: bytes = b""
    content_type: str = "application/json"
    headers: Mapping[str, str] = field(default_factory=dict)

    @classmethod
    def of(cls, document: object, status: int = 200, headers: Mapping[str, str] | None = None) -> "Response":
        """Return a JSON response with a document, a dataclass or plain data."""
        body = json.dumps(TypeAdapter(Any).dump_python(document, mode="json")).encode("ascii")
        return cls(status, body, headers=headers or {})


class Fault(TypedDict):
    """A fault in one place of a document; `path` has the form `rule.all[0].tag`."""

    path: str
    message: str


class ErrorContent(TypedDict):
    """The description of an error."""

    #: For programs.
    code: str
    #: For people.
    message: str
    details: list[Fault]
    #: The current revision, with a revision conflict.
    current: NotRequired[int]


class ErrorDocument(TypedDict):
    """The body of an error response."""

    error: ErrorContent


class ApiError(Exception):
    """An error that is answered with an ErrorDocument."""

    def __init__(
        self, status: int, code: str, message: str, details: Iterable[tuple[str, str]] = (), **more: object
    ) -> None:
        super().__init__(message)
        self.status = status
        self.code = code
        self.message = message
        self.details = [Fault(path=path, message=text) for path, text in details]
        self.more = more

    @classmethod
    def of_field(cls, path: str, message: str) -> "ApiError":
        """Return the error (422) for one invalid field."""
        return cls.of_fields([(path, message)])

    @classmethod
    def of_fields(cls, details: Iterable[tuple[str, str]]) -> "ApiError":
        """Return the error (422) for one or more invalid fields."""
        listed = list(details)
        path, message = listed[0]
        others = f" (and {len(listed) - 1} more)" if len(listed) > 1 else ""
        return cls(422, "invalid", f"{path}: {message}{others}" if path else message, listed)

    def response(self) -> Response:
        """Return the response for this error."""
        error = {"code": self.code, "message": self.message, "details": self.details, **self.more}
        return Response.of({"error": error}, self.status)


class Refused(ApiError):  # noqa: N818 - it reads as what it says
    """The user may not make this request; `request` holds the user."""

    def __init__(self, request: Request, code: str, message: str) -> None:
        super().__init__(403, code, message)
        self.request = request


class MethodNotAllowed(ApiError):  # noqa: N818 - it reads as what it says
    """The path exists, but not with this method."""

    def __init__(self, allowed: Sequence[str]) -> None:
        self.allowed = ", ".join(allowed)
        super().__init__(405, "method_not_allowed", f"This route takes {self.allowed}.")

    def response(self) -> Response:
        return replace(super().response(), headers={"Allow": self.allowed})


Handler = Callable[..., Response]

#: Returns the Orthanc identifiers of the stored resources (of any level) that an answer is about. Takes the
#: request and the parameters in its path. None: about all resources. May raise what the handler raises.
About = Callable[..., Iterable[str] | None]


def about_no_patient(_request: "Request", **_parameters: str) -> Iterable[str]:
    """Return no resources: the answer is about no patient."""
    return ()


def about_path(_request: "Request", id: str, **_parameters: str) -> Iterable[str]:
    """Return the resource in the path (`/{level}/{id}`)."""
    return [id]


@dataclass(frozen=True, slots=True)
class Route:
    """One route. `pattern` holds parameters in braces (`/policies/{id}`); the handler gets them by name."""

    method: str
    pattern: str
    handler: Handler
    summary: str
    #: The role that the caller needs; None: every caller that Orthanc lets in may ask.
    role: Role | None = "read"
    body: type[BaseModel] | None = None
    query: Sequence[str] = ()
    #: For callers who may see the studies of some labels only: they may ask where they may see all of these
    #: resources. None: they may not ask at all.
    about: About | None = None
    #: Whether the handler limits its list to `Request.studies`. Callers who may see the studies of some
    #: labels only may then ask.
    by_study: bool = False
    # The rest mostly describes the answers, for `/openapi.json`.
    #: The status of success.
    status: int = 200
    #: The type of the JSON: a model, a dataclass, a TypedDict, or a union of these; None where success has no
    #: JSON. Tests check each answer against it; the running router does not.
    answer: Any = None
    media_types: Sequence[str] = ("application/json",)
    #: The types of the JSON with other statuses, besides the error document.
    other_answers: Mapping[int, Any] = field(default_factory=dict)
    #: Statuses of errors, in addition to those that all routes of this form have.
    errors: Sequence[int] = ()
    body_is_optional: bool = False
    #: The largest accepted body, in bytes: far more than the largest policy.
    largest_body: int = 4 * 1024 * 1024
    #: Whether `If-Match` may name the expected revision.
    takes_revision: bool = False

    def expression(self) -> re.Pattern[str]:
        """Return the pattern of the route's paths: `{name}` matches one part, `{name:path}` all the rest."""
        pattern = re.sub(r"\{(\w+):path\}", r"(?P<\1>.*)", self.pattern)
        return re.compile(re.sub(r"\{(\w+)\}", r"(?P<\1>[^/]+)", pattern))


class Routes(Protocol):
    """A part of the API."""

    def routes(self) -> list[Route]:
        """Return this part's routes."""
        ...


class Router:
    """Finds the route of a request."""

    def __init__(self, routes: Sequence[Route]) -> None:
        self.routes = routes
        self._expressions = [(route.expression(), route) for route in routes]

    def find(self, request: Request) -> tuple[Route, dict[str, str]]:
        """Return the route and the parameters in the path. Raises ApiError where there is no route."""
        allowed = []
        for expression, route in self._expressions:
            found = expression.fullmatch(request.path)
            if found and route.method == request.method:
                return route, found.groupdict()
            if found:
                allowed.append(route.method)
        if allowed:
            raise MethodNotAllowed(allowed)
        raise ApiError(404, "not_found", f"There is no route /router{request.path}.")
