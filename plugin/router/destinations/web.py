# SPDX-License-Identifier: GPL-3.0-or-later
"""HTTP to destinations: bounded in time and size, certificates checked, errors as messages for people."""

import io
from typing import Annotated
from urllib.parse import urlsplit

import requests
from pydantic import AfterValidator, BaseModel, ConfigDict, Field
from requests.auth import HTTPBasicAuth

from router.destinations.access_token import may_renew
from router.destinations.certificates import trusted
from router.destinations.http_answers import (
    AnswerBrokenOff,
    AnswerTooLarge,
    AnswerTooSlow,
    WebAnswer,
    media_type,
    pieces,
    retry_after,
)
from router.destinations.http_session import Session
from router.destinations.kind import Address, DestinationUnavailable, LoginRefused
from router.destinations.login import LoginSettings, checked_url
from router.destinations.request_failure import in_one_line, told, too_slow
from router.destinations.time_limit import TimeLimit

#: Seconds to connect; a server that runs answers much sooner.
_CONNECT_SECONDS = 10.0
#: What to do where the server's certificate is not trusted.
_REMEDY = "install the authority that signed it on this machine"

#: A server with these statuses cannot take anything now (RFC 9110, 15; RFC 6585; 4918).
_PASSING = {
    408: "has waited for the request too long",
    429: "wants fewer requests",
    502: "is a proxy whose server does not answer",
    503: "cannot take anything now",
    504: "is a proxy whose server does not answer in time",
    507: "has no room left",
}


def _checked(url: str) -> str:
    if urlsplit(checked_url(url)).query:
        raise ValueError("must end with its path")
    return url.rstrip("/")


Url = Annotated[str, AfterValidator(_checked)]


class _Address(BaseModel):
    """The URL of a server. On its own, so that forms show it before the login."""

    url: Url | None = Field(default=None, title="URL", description="https://host/path", max_length=2000)


class WebSettings(LoginSettings, _Address):
    """The URL of a server, and its login."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    timeout_seconds: int = Field(
        default=60,
        title="Timeout",
        description="Seconds that a server given by its URL may take to answer",
        ge=1,
        le=3600,
        json_schema_extra={"x-rare": True},
    )


def address_of(url: str) -> Address:
    """Return the address in a URL."""
    try:
        return Address(urlsplit(url).hostname or "")
    except ValueError:
        return Address("")


class WebServer:
    """One server. May be used by several threads at once."""

    def __init__(self, url: str, settings: WebSettings, largest_answer: int) -> None:
        """`largest_answer`: the most bytes of an answer, unpacked."""
        self._url = url
        self._wait = settings.timeout_seconds
        self._largest_answer = largest_answer
        self._session = Session()
        self._session.verify = trusted()
        self._login = settings.login(trusted(), settings.timeout_seconds)
        self._session.auth = self._login

    def call(self, method: str, path: str, body: bytes | None = None, **headers: str) -> WebAnswer:
        """Send a request; return its answer: success, or an error of the request itself.

        Raises DestinationUnavailable where the server or the login is the cause.
        """
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        for is_last in (False, True):
            with (
                self._session.exchange(self._wait, len(body or b"")) as limit,
                self._begun(limit, method, path, body, named) as response,
            ):
                if not is_last and may_renew(self._login, response):
                    continue
                self._may_answer(response)
                return WebAnswer(response.status_code, media_type(response), self._read(response, limit))
        raise AssertionError("the last answer is returned")

    def _begun(
        self, limit: TimeLimit, method: str, path: str, body: bytes | None, headers: dict[str, str]
    ) -> requests.Response:
        """Send the request; return the answer before its body. Raises DestinationUnavailable."""
        try:
            return self._session.request(
                method,
                self._url + path,
                # In pieces, each of which has the full timeout.
                data=io.BytesIO(body) if body else None,
                headers=headers,
                timeout=(_CONNECT_SECONDS, self._wait),
                allow_redirects=False,
                stream=True,
            )
        except requests.RequestException as error:
            raise DestinationUnavailable(
                too_slow(self._url, limit) if limit.is_over else told(error, self._url, self._wait, _REMEDY)
            ) from error

    def close(self) -> None:
        """Close the kept connections."""
        self._session.close()

    def _may_answer(self, response: requests.Response) -> None:
        """Raise DestinationUnavailable where the status means that the server did not process the request."""
        status = response.status_code
        if 300 <= status < 400:
            where = in_one_line(response.headers.get("Location", "")) or "somewhere else"
            raise DestinationUnavailable(f"{self._url} has moved to {where}: correct the URL (HTTP {status})")
        if status == 401:
            is_basic = self._login is None or isinstance(self._login, HTTPBasicAuth)
            what = "the user or the password: correct them" if is_basic else "the token: correct it"
            raise LoginRefused(f"{self._url} refuses {what}")
        if status in {403, 407}:
            raise LoginRefused(
                f"{self._url} does not allow this user to do it (HTTP {status}): have its administrator allow"
                " it, or use another user"
            )
        if status in _PASSING:
            raise DestinationUnavailable(
                f"{self._url} {_PASSING[status]} (HTTP {status})", retry_after=retry_after(response)
            )

    def _read(self, response: requests.Response, limit: TimeLimit) -> bytes:
        try:
            return b"".join(pieces(response, self._largest_answer, limit))
        except AnswerTooLarge as error:
            raise DestinationUnavailable(
                f"{self._url} answers with more than {self._largest_answer:,} bytes, which no such server"
                " does: correct the URL"
            ) from error
        except AnswerTooSlow as error:
            raise DestinationUnavailable(too_slow(self._url, limit)) from error
        except AnswerBrokenOff as error:
            raise DestinationUnavailable(
                f"{self._url} has broken off its answer: check its log, and what is in between"
            ) from error
