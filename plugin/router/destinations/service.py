# SPDX-License-Identifier: GPL-3.0-or-later
"""Calls a program over HTTP: one request, signed, bounded in time and size, errors as messages for people."""

import hashlib
import hmac
import io
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from tempfile import TemporaryFile
from typing import IO
from urllib.parse import SplitResult, urljoin, urlsplit

import requests
from requests.auth import AuthBase

from router.destinations.access_token import may_renew
from router.destinations.http_answers import (
    AnswerBrokenOff,
    AnswerTooLarge,
    AnswerTooSlow,
    pieces,
    retry_after,
)
from router.destinations.http_session import Session
from router.destinations.kind import DestinationUnavailable, LoginRefused
from router.destinations.notifying import Declined
from router.destinations.request_failure import QUOTED, in_one_line, told, too_slow
from router.destinations.time_limit import TimeLimit

_CHUNK = 1024 * 1024
_REDIRECTS = 3
#: Redirections that repeat the same request elsewhere (RFC 9110, 15.4).
_REPEATED = {301, 302, 307, 308}
#: The whole service cannot take anything now (RFC 9110, 15; RFC 6585). Other statuses are about this request.
_AWAY = {408, 425, 429, 502, 503, 504, 507}
_LOGIN_REFUSED = {401, 403, 407}
_NOT_IMPLEMENTED = 501
#: What to do where the service's certificate is not trusted.
_REMEDY = "give its authority as CA file"


@dataclass(frozen=True, slots=True)
class Endpoint:
    """The address of a service, the login and signature for it, and how to check its certificate."""

    url: str
    method: str
    headers: Mapping[str, str]
    #: Puts the login on requests; None for none.
    login: AuthBase | None
    #: Signs each body; None for no signature.
    signing_secret: str | None
    #: Whether its certificate is checked, or the file of its authority where that is not the machine's.
    verify: bool | str


@dataclass(frozen=True, slots=True)
class Limits:
    """How long a service may take, and how large its answer may be."""

    #: Seconds to connect, and to wait for each part of the answer.
    timeouts: tuple[float, float]
    #: The most bytes of an answer.
    largest_answer: int


class Reply:
    """A successful answer of a service."""

    def __init__(self, status: int, content_type: str, body: IO[bytes], length: int) -> None:
        self.status = status
        self.content_type = content_type
        self.body = body
        self.length = length


class Service:
    """One service. May be used by several threads at once."""

    def __init__(self, endpoint: Endpoint, limits: Limits) -> None:
        self._url = endpoint.url
        self._method = endpoint.method
        self._headers = dict(endpoint.headers)
        self._login = endpoint.login
        self._signing_secret = endpoint.signing_secret
        self._verify = endpoint.verify
        self._timeouts = limits.timeouts
        self._largest_answer = limits.largest_answer

    @contextmanager
    def call(self, body: IO[bytes], content_type: str, headers: Mapping[str, str]) -> Iterator[Reply]:
        """Send a body; the answer is valid until the context ends.

        Raises DestinationUnavailable, Declined where the service refuses this request, or OSError where the
        answer cannot be kept.
        """
        all_headers = {**headers, "Content-Type": content_type, **self._signature(body)}
        with TemporaryFile() as answer:
            with self._answer(self._method, body, all_headers) as (response, limit):
                self._refusal(response, limit)
                length = self._read(response, limit, answer)
            answer.seek(0)
            yield Reply(response.status_code, response.headers.get("Content-Type", ""), answer, length)

    def probe(self) -> str:
        """Ask the service for its options (OPTIONS), which sends no data. Raises DestinationUnavailable."""
        try:
            with self._answer("OPTIONS", None, {}) as (response, limit):
                status = response.status_code
                if status in _AWAY | _LOGIN_REFUSED or (status >= 500 and status != _NOT_IMPLEMENTED):
                    self._refusal(response, limit)
        except Declined as error:
            raise DestinationUnavailable(str(error)) from error
        if status >= 400:
            # Many services know only the method they are made for, and say so in many ways (Orthanc: 404).
            return (
                f"The service is there, but cannot be asked anything (HTTP {status} to OPTIONS): whether the"
                " path of the URL is right, only what is sent will show. Nothing was sent."
            )
        return f"The service has answered (HTTP {status}). Nothing was sent."

    def _session(self) -> Session:
        session = Session()
        session.headers.update(self._headers)
        session.auth = self._login
        session.verify = self._verify
        return session

    @contextmanager
    def _answer(
        self, method: str, body: IO[bytes] | None, headers: Mapping[str, str]
    ) -> Iterator[tuple[requests.Response, TimeLimit]]:
        """Yield the answer, after redirections on the same host, and the limit for reading it."""
        url = self._url
        has_renewed = False
        for _ in range(_REDIRECTS + 1):
            # A connection for each request: a server may close a kept one just as the next request begins.
            with (
                self._session() as session,
                session.exchange(self._timeouts[1], _size(body)) as limit,
                self._once(session, limit, method, url, body, headers) as response,
            ):
                if not has_renewed and may_renew(self._login, response):
                    has_renewed = True
                    continue
                if response.status_code not in _REPEATED:
                    yield response, limit
                    return
                url = self._same_host(url, response.headers.get("Location", ""))
        raise DestinationUnavailable(f"{self._shown} leads in a circle: correct the URL")

    def _once(
        self,
        session: Session,
        limit: TimeLimit,
        method: str,
        url: str,
        body: IO[bytes] | None,
        headers: Mapping[str, str],
    ) -> requests.Response:
        if body is not None:
            body.seek(0)
        try:
            return session.request(
                method,
                url,
                data=body,
                headers=headers,
                timeout=self._timeouts,
                allow_redirects=False,
                stream=True,
            )
        except requests.RequestException as error:
            raise DestinationUnavailable(
                too_slow(self._shown, limit)
                if limit.is_over
                else told(error, self._shown, self._timeouts[1], _REMEDY)
            ) from error

    def _same_host(self, url: str, location: str) -> str:
        """Return where a redirection leads. Takes scheme, host and port from the own URL, so that no later
        reader of the address can take another part of it for the host."""
        own = urlsplit(self._url)
        try:
            wanted = urlsplit(urljoin(url, location))
            is_same = _origin(wanted) == _origin(own)
        except ValueError:
            raise DestinationUnavailable(
                f"{self._shown} leads to {in_one_line(location)!r}, which is no address: see its log"
            ) from None
        if not is_same:
            raise DestinationUnavailable(
                f"{self._shown} leads to another host, {in_one_line(location)}, where nothing is sent:"
                " correct it"
            )
        path = f"/{wanted.path.lstrip('/')}"
        return f"{own.scheme}://{own.netloc}{path}" + (f"?{wanted.query}" if wanted.query else "")

    def _refusal(self, response: requests.Response, limit: TimeLimit) -> None:
        """Raise the error that an answer without success means."""
        status = response.status_code
        if 200 <= status < 300:
            return
        said = f"HTTP {status}{self._words(response, limit)}"
        if status in _AWAY:
            raise DestinationUnavailable(
                f"{self._shown} cannot take anything now ({said})", retry_after=retry_after(response)
            )
        if status in _LOGIN_REFUSED:
            raise LoginRefused(f"{self._shown} refuses the login ({said}): correct user, password or token")
        if status >= 500:
            raise Declined(f"The service has failed at it: see its log ({said})", lasting=False)
        raise Declined(
            f"The service refuses it, and will do so again: correct the URL or what is sent ({said})",
            lasting=True,
        )

    def _words(self, response: requests.Response, limit: TimeLimit) -> str:
        """Return the service's message, shortened, on one line."""
        try:
            start = next(pieces(response, self._largest_answer, limit), b"")
        except (AnswerTooLarge, AnswerTooSlow, AnswerBrokenOff):
            return ""
        words = in_one_line(start[: 4 * QUOTED].decode("utf-8", "replace"))
        return f": {words}" if words else ""

    def _read(self, response: requests.Response, limit: TimeLimit, answer: IO[bytes]) -> int:
        """Write the answer's body to `answer`; return its size in bytes."""
        try:
            answer.writelines(pieces(response, self._largest_answer, limit))
        except AnswerTooLarge as error:
            raise Declined(
                f"The service's answer has more than {self._largest_answer:,} bytes: raise the largest"
                " answer",
                lasting=True,
            ) from error
        except AnswerTooSlow as error:
            raise DestinationUnavailable(too_slow(self._shown, limit)) from error
        except AnswerBrokenOff as error:
            raise DestinationUnavailable(f"{self._shown} has broken off its answer: see its log") from error
        return answer.tell()

    def _signature(self, body: IO[bytes]) -> dict[str, str]:
        """Return the headers with the HMAC-SHA256 over the time (seconds since 1970), a dot and the body.

        A service with the secret can check that the request is the router's, unchanged and new.
        """
        if self._signing_secret is None:
            return {}
        stamp = str(int(time.time()))
        digest = hmac.new(self._signing_secret.encode(), f"{stamp}.".encode(), hashlib.sha256)
        body.seek(0)
        while chunk := body.read(_CHUNK):
            digest.update(chunk)
        return {"X-Router-Timestamp": stamp, "X-Router-Signature": f"sha256={digest.hexdigest()}"}

    @property
    def _shown(self) -> str:
        """The URL without its query, which may hold a key."""
        return self._url.partition("?")[0]


def _size(body: IO[bytes] | None) -> int:
    return 0 if body is None else body.seek(0, io.SEEK_END)


def _origin(parts: SplitResult) -> tuple[str, str | None, int | None]:
    """Return scheme, host and port. Raises ValueError where the port is invalid."""
    return parts.scheme, parts.hostname, parts.port or {"http": 80, "https": 443}.get(parts.scheme)
