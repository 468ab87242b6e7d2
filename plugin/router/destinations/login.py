# SPDX-License-Identifier: GPL-3.0-or-later
"""Logins to web servers: user and password, a bearer token, or OAuth 2 client credentials."""

import re
from typing import Annotated, Literal
from urllib.parse import urlsplit

from pydantic import AfterValidator, BaseModel, Field, model_validator
from requests.auth import AuthBase, HTTPBasicAuth

from router.destinations.access_token import AccessToken, BearerToken, Client
from router.secrets import secret

#: What a bearer token may consist of (RFC 6750, 2.1, and what servers give out beyond it).
_TOKEN = re.compile(r"[!-~]+")


def checked_url(url: str) -> str:
    """Return the address of a web server. Raises ValueError where it is none, or holds a login."""
    parts = urlsplit(url)
    if parts.scheme not in {"http", "https"} or not parts.hostname or not url.isprintable():
        raise ValueError("must be an address such as https://host/path")
    if parts.username is not None or parts.password is not None:
        raise ValueError("must not hold a user or a password, which have fields of their own")
    if parts.fragment:
        raise ValueError("must not have a fragment (#...)")
    return url


class LoginSettings(BaseModel):
    """A login in one of three forms, or none."""

    username: str | None = Field(default=None, title="User", min_length=1)
    password: str | None = secret(title="Password")
    bearer_token: str | None = secret(
        title="Bearer token", description="Instead of user and password", rare=True
    )
    token_url: Annotated[str, AfterValidator(checked_url)] | None = Field(
        default=None,
        title="Token URL",
        description="For OAuth 2 (client credentials): where the login server gives out access tokens",
        max_length=2000,
        json_schema_extra={"x-rare": True},
    )
    client_id: str | None = Field(
        default=None, title="Client ID", min_length=1, max_length=1000, json_schema_extra={"x-rare": True}
    )
    client_secret: str | None = secret(title="Client secret", rare=True)
    scope: str | None = Field(
        default=None,
        title="Scope",
        description="What the login server asks for",
        max_length=2000,
        json_schema_extra={"x-rare": True},
    )
    client_login: Literal["header", "body"] = Field(
        default="header",
        title="Client logs in by",
        description="How client ID and secret are sent to the login server",
        json_schema_extra={
            "x-rare": True,
            "x-labels": {"header": "User and password", "body": "Fields of the request"},
        },
    )

    @model_validator(mode="after")
    def _login_is_whole(self) -> "LoginSettings":
        if (self.username is None) != (self.password is None):
            raise ValueError("give both user and password, or neither")
        client = (self.token_url, self.client_id, self.client_secret)
        if any(client) and not all(client):
            raise ValueError("OAuth 2 takes a token URL, a client ID and a client secret")
        if sum(one is not None for one in (self.username, self.bearer_token, self.token_url)) > 1:
            raise ValueError("give either user and password, or a bearer token, or a client of OAuth 2")
        if self.bearer_token is not None and not _TOKEN.fullmatch(self.bearer_token):
            raise ValueError("the bearer token must be one word of ASCII")
        return self

    @property
    def has_login(self) -> bool:
        """Whether there is a login."""
        return any((self.username, self.bearer_token, self.token_url))

    def login(self, verify: bool | str, seconds: float) -> AuthBase | None:
        """Return what puts the login on requests. `verify` is that of requests, `seconds` the time that the
        login server has to answer."""
        if self.username is not None and self.password is not None:
            # As bytes, because requests encodes texts as Latin-1.
            return HTTPBasicAuth(self.username.encode(), self.password.encode())
        if self.bearer_token is not None:
            return BearerToken(self.bearer_token)
        if self.token_url is not None:
            client = Client(self.client_id or "", self.client_secret or "", self.scope, self.client_login)
            return AccessToken(self.token_url, client, verify, seconds)
        return None
