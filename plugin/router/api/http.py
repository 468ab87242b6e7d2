# SPDX-License-Identifier: GPL-3.0-or-later
"""Requests, responses and the table of routes, independent of who serves them."""

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
    """One call. `path` is what comes after `/router`.

    `user` is who has logged in at Orthanc, empty where nobody has; once `Access` has seen the request, it is
    the person who asks, with that person's `roles`.
    """

    method: str
    path: str
    query: Sequence[tuple[str, str]] = ()
    headers: Mapping[str, str] = field(default_factory=dict)
    body: bytes = b""
    user: str = ""
    roles: frozenset[Role] = frozenset()
    #: The authorization plugin's id of that person; unlike the name, nobody can choose it.
    user_id: str = ""
    #: The labels of the studies that the person may see; None: all studies.
    labels: frozenset[str] | None = None
    #: The headers that say who is asking, where the authorization plugin knows people by them.
    token: Mapping[str, str] = field(default_factory=dict)
    #: The studies of which the answer may tell, Study Instance UIDs by Orthanc identifier. None: of all.
    studies: Mapping[str, str] | None = None
    #: Where the person's request came from, where a trusted proxy tells.
    address: str = ""

    @property
    def actor(self) -> Actor:
        """The person who asks, as the audit knows people."""
        return Actor(type="user", id=self.user_id, name=self.user, address=self.address)

    def json(self) -> Any:
        """The body as JSON. Raises ApiError."""
        try:
            return json.loads(self.body, parse_constant=_refused)
        except (ValueError, RecursionError) as error:
            raise ApiError(400, "invalid_json", f"The body is not JSON: {error}") from None

    def values(self, name: str) -> list[str]:
        """All values of a query parameter; a comma separates several in one."""
        return [part for key, value in self.query if key == name for part in value.split(",") if part]

    def value(self, name: str) -> str | None:
        """The value of a query parameter that is given once. Raises ApiError where there are several."""
        given = {value for key, value in self.query if key == name and value}
        if len(given) > 1:
            raise ApiError.of_field(name, f"is given {len(given)} times, with different values: give one")
        return next(iter(given), None)

    def number(self, name: str, default: int, largest: int) -> int:
        """A query parameter as a whole number from 0 to `largest`. Raises ApiError."""
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
    """An answer. Bodies of other statuses than 200 are ASCII (Orthanc takes them as text)."""

    status: int = 200
    body: bytes = b""
    content_type: str = "application/json"
    headers: Mapping[str, str] = field(default_factory=dict)

    @classmethod
    def of(cls, document: object, status: int = 200, headers: Mapping[str, str] | None = None) -> "Response":
        """A JSON answer of a document, a dataclass or plain data."""
        body = json.dumps(TypeAdapter(Any).dump_python(document, mode="json")).encode("ascii")
        return cls(status, body, headers=headers or {})


class Fault(TypedDict):
    """What is wrong in one place of a document; `path` is such as `rule.all[0].tag`."""

    path: str
    message: str


class ErrorContent(TypedDict):
    """What has gone wrong."""

    #: For programs.
    code: str
    #: For people.
    message: str
    details: list[Fault]
    #: The revision that there is now, where that is in the way.
    current: NotRequired[int]


class ErrorDocument(TypedDict):
    """An answer other than success."""

    error: ErrorContent


class ApiError(Exception):
    """An answer other than success, as an ErrorDocument."""

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
        """One field is wrong."""
        return cls.of_fields([(path, message)])

    @classmethod
    def of_fields(cls, details: Iterable[tuple[str, str]]) -> "ApiError":
        """Several fields are wrong."""
        listed = list(details)
        path, message = listed[0]
        others = f" (and {len(listed) - 1} more)" if len(listed) > 1 else ""
        return cls(422, "invalid", f"{path}: {message}{others}" if path else message, listed)

    def response(self) -> Response:
        """The answer that tells it."""
        error = {"code": self.code, "message": self.message, "details": self.details, **self.more}
        return Response.of({"error": error}, self.status)


class Refused(ApiError):  # noqa: N818 - it reads as what it says
    """Somebody may not ask this; `request` tells who."""

    def __init__(self, request: Request, code: str, message: str) -> None:
        super().__init__(403, code, message)
        self.request = request


class MethodNotAllowed(ApiError):  # noqa: N818 - it reads as what it says
    """There is such a path, but not with this method."""

    def __init__(self, allowed: Sequence[str]) -> None:
        self.allowed = ", ".join(allowed)
        super().__init__(405, "method_not_allowed", f"This route takes {self.allowed}.")

    def response(self) -> Response:
        return replace(super().response(), headers={"Allow": self.allowed})


Handler = Callable[..., Response]

#: The stored resources of any level that an answer tells of, by Orthanc's identifier, from the request and
#: the parameters in its path; None where it tells of whatever there is. May raise what the handler raises.
About = Callable[..., Iterable[str] | None]


def about_no_patient(_request: "Request", **_parameters: str) -> Iterable[str]:
    """The answer tells nothing of any patient."""
    return ()


def about_path(_request: "Request", id: str, **_parameters: str) -> Iterable[str]:
    """The answer tells of the resource in the path (`/{level}/{id}`)."""
    return [id]


@dataclass(frozen=True, slots=True)
class Route:
    """One route: `pattern` holds parameters in braces (`/policies/{id}`), given to the handler by name."""

    method: str
    pattern: str
    handler: Handler
    summary: str
    #: What the caller must be allowed to do; None: whoever Orthanc lets in may ask.
    role: Role | None = "read"
    body: type[BaseModel] | None = None
    query: Sequence[str] = ()
    #: People who may see the studies of some labels only may ask this where they may see all of these. None:
    #: they may not ask it at all.
    about: About | None = None
    #: Whether the answer is a list that can be of `Request.studies` only. People who may see the studies of
    #: some labels only may then ask it.
    by_study: bool = False
    # The rest only says what is answered, for `/openapi.json`.
    #: With success.
    status: int = 200
    #: What the JSON of an answer is: a model, a dataclass, a TypedDict, or several of these; None where a
    #: success has no JSON. Tests hold each answer against it, so that answering need not.
    answer: Any = None
    media_types: Sequence[str] = ("application/json",)
    #: What the JSON is with other statuses, where it is no error document.
    other_answers: Mapping[int, Any] = field(default_factory=dict)
    #: Statuses of errors, beside those that all routes of this form have.
    errors: Sequence[int] = ()
    body_is_optional: bool = False
    #: The largest body that is looked at, in bytes: far more than the largest policy.
    largest_body: int = 4 * 1024 * 1024
    #: Whether `If-Match` may name the revision that is meant.
    takes_revision: bool = False

    def expression(self) -> re.Pattern[str]:
        """What paths the route answers; `{name}` takes one part of a path, `{name:path}` all the rest."""
        pattern = re.sub(r"\{(\w+):path\}", r"(?P<\1>.*)", self.pattern)
        return re.compile(re.sub(r"\{(\w+)\}", r"(?P<\1>[^/]+)", pattern))


class Routes(Protocol):
    """A part of the API."""

    def routes(self) -> list[Route]:
        """Its part of the table."""
        ...


class Router:
    """Finds the route of a request."""

    def __init__(self, routes: Sequence[Route]) -> None:
        self.routes = routes
        self._expressions = [(route.expression(), route) for route in routes]

    def find(self, request: Request) -> tuple[Route, dict[str, str]]:
        """The route, and the parameters in the path. Raises ApiError where there is none."""
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
