# SPDX-License-Identifier: GPL-3.0-or-later
"""Bearer tokens on requests: fixed ones, and those that a login server gives out for a while.

Source: RFC 6749, 4.4 (client credentials) and 5; RFC 6750, 2.1.
"""

import json
import threading
import time
from dataclasses import dataclass
from typing import Any, Final, Literal
from urllib.parse import quote_plus

import requests
from requests.auth import AuthBase, HTTPBasicAuth

from router.destinations.http_answers import AnswerBrokenOff, AnswerTooLarge, AnswerTooSlow, pieces
from router.destinations.http_session import Session
from router.destinations.kind import DestinationUnavailable, LoginRefused
from router.destinations.request_failure import in_one_line, told, too_slow

_CONNECT_SECONDS: Final = 10.0
_LARGEST_ANSWER: Final = 1024 * 1024
#: How long a token is used whose answer does not say how long it lasts.
_LASTS_SECONDS: Final = 300.0
#: So long before its end a token is replaced, at most: it must last until the request has come.
_BEFORE_END_SECONDS: Final = 60.0
_REMEDY: Final = "install the authority that signed it on this machine"


@dataclass(frozen=True, slots=True)
class Client:
    """The router, as a login server knows it."""

    identifier: str
    secret: str
    scope: str | None
    #: Whether it logs in by the header `Authorization`, or in the body (RFC 6749, 2.3.1).
    login: Literal["header", "body"]


class BearerToken(AuthBase):
    """Puts a token on requests."""

    def __init__(self, token: str) -> None:
        self._token = token

    def __call__(self, request: requests.PreparedRequest) -> requests.PreparedRequest:
        request.headers["Authorization"] = f"Bearer {self._token}"
        return request


class AccessToken(AuthBase):
    """Puts a token of a login server on requests, and gets a new one in time.

    May be used by several threads at once: those that need a new token wait for the one that asks for it.
    """

    def __init__(self, url: str, client: Client, verify: bool | str, seconds: float) -> None:
        """`url`: where tokens are given out; `seconds`: how long the login server may take to answer."""
        self._url = url
        self._client = client
        self._verify = verify
        self._seconds = seconds
        self._lock = threading.Lock()
        self._token = ""
        #: By time.monotonic.
        self._until = 0.0

    def __call__(self, request: requests.PreparedRequest) -> requests.PreparedRequest:
        """Raises DestinationUnavailable where no token can be had."""
        request.headers["Authorization"] = f"Bearer {self._current()}"
        return request

    def forget(self, request: requests.PreparedRequest) -> None:
        """Get a new token next time: the server has refused that of a request."""
        with self._lock:
            if request.headers.get("Authorization") == f"Bearer {self._token}":
                self._until = 0.0

    def _current(self) -> str:
        with self._lock:
            if time.monotonic() >= self._until:
                self._token, lasts = self._new()
                self._until = time.monotonic() + lasts - min(_BEFORE_END_SECONDS, lasts / 4)
            return self._token

    def _new(self) -> tuple[str, float]:
        """Return a new token, and for how many seconds it can be used. Raises DestinationUnavailable."""
        status, answer = self._asked()
        if 400 <= status < 500 and status != 429:
            reason = _text(answer, "error_description") or _text(answer, "error") or f"HTTP {status}"
            raise LoginRefused(
                f"The login server {self._shown} refuses the client: correct client ID, client secret or"
                f" scope ({reason})"
            )
        token = answer.get("access_token") if isinstance(answer, dict) else None
        if status != 200 or not isinstance(token, str) or not token.isascii() or not token.isprintable():
            raise DestinationUnavailable(
                f"The login server {self._shown} gives out no access token (HTTP {status}): see its log, and"
                " whether the token URL is right"
            )
        if _text(answer, "token_type").lower() not in {"", "bearer"}:
            raise DestinationUnavailable(
                f"The login server {self._shown} gives out tokens of another kind than Bearer"
                f" ({_text(answer, 'token_type')})"
            )
        try:
            lasts = float(answer.get("expires_in") or _LASTS_SECONDS)
        except (TypeError, ValueError):
            lasts = _LASTS_SECONDS
        return token, max(0.0, lasts) if lasts < float("inf") else _LASTS_SECONDS

    def _asked(self) -> tuple[int, Any]:
        """Return status and JSON of the answer (None where it is no JSON). Raises DestinationUnavailable."""
        client = self._client
        fields = {"grant_type": "client_credentials"}
        if client.scope:
            fields["scope"] = client.scope
        login = None
        if client.login == "body":
            fields |= {"client_id": client.identifier, "client_secret": client.secret}
        else:
            login = HTTPBasicAuth(quote_plus(client.identifier), quote_plus(client.secret))
        with Session() as session, session.exchange(self._seconds, 0) as limit:
            session.verify = self._verify
            try:
                with session.post(
                    self._url,
                    data=fields,
                    auth=login,
                    headers={"Accept": "application/json"},
                    timeout=(_CONNECT_SECONDS, self._seconds),
                    allow_redirects=False,
                    stream=True,
                ) as response:
                    body = b"".join(pieces(response, _LARGEST_ANSWER, limit))
            except requests.RequestException as error:
                raise DestinationUnavailable(
                    too_slow(self._shown, limit)
                    if limit.is_over
                    else told(error, self._shown, self._seconds, _REMEDY)
                ) from error
            except (AnswerTooLarge, AnswerTooSlow, AnswerBrokenOff) as error:
                raise DestinationUnavailable(
                    f"The login server {self._shown} does not answer as one does: correct the token URL"
                ) from error
        try:
            return response.status_code, json.loads(body)
        except (ValueError, RecursionError):
            return response.status_code, None

    @property
    def _shown(self) -> str:
        return self._url.partition("?")[0]


def may_renew(login: AuthBase | None, response: requests.Response) -> bool:
    """Whether a request that was refused is to be sent once more, with a new token."""
    if response.status_code != 401 or not isinstance(login, AccessToken):
        return False
    login.forget(response.request)
    return True


def _text(answer: object, name: str) -> str:
    """Return a text of an answer, on one line."""
    value = answer.get(name) if isinstance(answer, dict) else None
    return in_one_line(value) if isinstance(value, str) else ""
