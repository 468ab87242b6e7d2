"""HTTP to destinations: bounded in time, certificates checked, and errors in words."""

import ssl
from typing import Annotated
from urllib.parse import urlsplit

import requests
from pydantic import AfterValidator, BaseModel, ConfigDict, Field, model_validator
from requests.auth import HTTPBasicAuth
from urllib3.exceptions import NameResolutionError, NewConnectionError

from router.destinations.kind import DestinationUnavailable
from router.secrets import secret
from router.version import VERSION

#: Seconds to connect; a server that is there answers in much less.
_CONNECT_SECONDS = 10.0
#: Characters of a server's own words that are told.
_QUOTED = 200

#: What a server says where it cannot take anything now, rather than not this (RFC 9110, 15; RFC 6585; 4918).
_PASSING = {
    408: "has waited for the request too long",
    429: "wants fewer requests",
    502: "is a proxy whose server does not answer",
    503: "cannot take anything now",
    504: "is a proxy whose server does not answer in time",
    507: "has no room left",
}


def _checked(url: str) -> str:
    parts = urlsplit(url)
    if parts.scheme not in {"http", "https"} or not parts.hostname:
        raise ValueError("must be an address such as https://host/path")
    if parts.username is not None or parts.password is not None:
        raise ValueError("must not hold a user or a password, which have fields of their own")
    if parts.query or parts.fragment:
        raise ValueError("must end with its path")
    return url.rstrip("/")


Url = Annotated[str, AfterValidator(_checked)]


class WebSettings(BaseModel):
    """A server of one's own, and how to log in."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    url: Url | None = Field(default=None, title="URL", description="https://host/path", max_length=2000)
    username: str | None = Field(default=None, title="User", min_length=1)
    password: str | None = secret(title="Password")
    timeout_seconds: int = Field(
        default=60,
        title="Timeout",
        description="Seconds that a server given by its URL may take to answer",
        ge=1,
        le=3600,
    )

    @model_validator(mode="after")
    def _login_is_whole(self) -> "WebSettings":
        if (self.username is None) != (self.password is None):
            raise ValueError("give both user and password, or neither")
        return self


class WebServer:
    """One server. May be used by several threads at once."""

    def __init__(self, url: str, settings: WebSettings) -> None:
        self._url = url
        self._timeout = (_CONNECT_SECONDS, settings.timeout_seconds)
        self._session = requests.Session()
        self._session.headers["User-Agent"] = f"Orthanc-Router/{VERSION}"
        # Neither logins from ~/.netrc nor another server's in between that nobody has set up here.
        self._session.trust_env = False
        # The machine's own list of authorities, which has the hospital's; where it has none, certifi's.
        paths = ssl.get_default_verify_paths()
        self._session.verify = paths.cafile or paths.capath or True
        if settings.username is not None and settings.password is not None:
            self._session.auth = HTTPBasicAuth(settings.username.encode(), settings.password.encode())

    def call(self, method: str, path: str, body: bytes | None = None, **headers: str) -> requests.Response:
        """An answer for which the request itself is responsible: success, or what is wrong with it.

        Raises DestinationUnavailable where it is the server or the login.
        """
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        try:
            response = self._session.request(
                method,
                self._url + path,
                data=body,
                headers=named,
                timeout=self._timeout,
                allow_redirects=False,
            )
        except requests.RequestException as error:
            raise DestinationUnavailable(self._told(error)) from error
        if response.is_redirect:
            where = response.headers.get("Location", "")
            raise DestinationUnavailable(f"{self._url} has moved to {where[:_QUOTED]}: correct the URL")
        if response.status_code == 401:
            raise DestinationUnavailable(f"{self._url} refuses the user or the password")
        if response.status_code in {403, 407}:
            raise DestinationUnavailable(f"{self._url} does not allow this user to do it")
        if response.status_code in _PASSING:
            raise DestinationUnavailable(
                f"{self._url} {_PASSING[response.status_code]} (HTTP {response.status_code})"
            )
        return response

    def close(self) -> None:
        """Close the connections that are kept."""
        self._session.close()

    def _told(self, error: requests.RequestException) -> str:
        if isinstance(error, requests.exceptions.SSLError):
            return (
                f"The certificate of {self._url} is not to be trusted: install the authority that signed it"
                f" on this machine, or correct the name in the URL ({_cause(error)})"
            )
        if isinstance(error, requests.ConnectTimeout):
            return f"{self._url} does not answer: check address, port and firewalls"
        if isinstance(error, requests.Timeout):
            return f"{self._url} has not answered within {self._timeout[1]} s"
        cause = _cause(error)
        if isinstance(cause, NameResolutionError):
            return f"The host of {self._url} is not known: check its name"
        if isinstance(cause, NewConnectionError):
            return f"{self._url} cannot be reached: check that the server runs"
        return f"{self._url} has broken off the connection ({type(cause).__name__})"


def _cause(error: BaseException) -> BaseException:
    """What lies at the bottom of an error of requests, which wraps those of urllib3."""
    inner = error.args[0] if error.args else None
    reason = getattr(inner, "reason", inner)
    return reason if isinstance(reason, BaseException) else error


def said(response: requests.Response) -> str:
    """A server's words for an error, short, on one line."""
    words = " ".join(response.text[:2000].split())
    return f"HTTP {response.status_code}" + (f": {words[:_QUOTED]}" if words else "")
