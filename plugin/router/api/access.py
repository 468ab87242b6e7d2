# SPDX-License-Identifier: GPL-3.0-or-later
"""Decides about access: identifies the person behind a request and checks that person's role."""

import logging
from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace
from typing import Any, Final

from router.api.http import Refused, Request, Role, Route
from router.settings import ProxySettings, RoleSettings, Settings

_log = logging.getLogger(__name__)

#: In a list of a role: every user that Orthanc lets in.
_EVERYBODY: Final = "*"
_GROUP: Final = "group:"
_PERMISSION: Final = "permission:"
_ID: Final = "id:"
_PREFIXES: Final = (_GROUP, _PERMISSION, _ID)

#: In the authorization plugin: the permission that stands for all permissions, and the label for all labels.
_ALL_PERMISSIONS: Final = "all"
_ALL_LABELS: Final = "*"

_NOBODY: Final[frozenset[Role]] = frozenset()
_READ: Final[frozenset[Role]] = frozenset({"read"})
_OPERATE: Final[frozenset[Role]] = frozenset({"read", "operate"})
_EDIT: Final[frozenset[Role]] = frozenset({"read", "operate", "edit"})

_CALLED: Final[dict[Role, str]] = {"read": "readers", "operate": "operators", "edit": "editors"}


#: Returns the authorization plugin's profile of the user with these headers; None where it knows no user.
Profile = Callable[[Mapping[str, str]], Mapping[str, Any] | None]


class Access:
    """Decides by the settings. Orthanc has checked the login before; this class only identifies the user."""

    def __init__(self, settings: Settings, profile: Profile) -> None:
        """`profile` is called only where `Router.AuthorizationPlugin` is set; it may raise
        OrthancUnreachable."""
        roles = settings.router.roles or _roles_by_default(settings)
        self._granted = (
            (_EDIT, _spelled(roles.editors)),
            (_OPERATE, _spelled(roles.operators)),
            (_READ, _spelled(roles.readers)),
        )
        self._authentication = settings.authentication
        self._proxy = settings.router.proxy
        self._profile = profile if settings.router.authorization_plugin else None
        self._token_headers = settings.token_headers
        if self._profile is not None:
            _warn_of_names([*roles.editors, *roles.operators, *roles.readers])

    def admit(self, request: Request, route: Route) -> Request:
        """Return the request with the user's name and roles.

        Raises Refused where the user lacks the route's role, and what `profile` raises.
        """
        if self._profile is not None:
            # A route without a role needs no user: this saves a call to the plugin for each file of the page.
            request = self._by_token(request, self._profile) if route.role else replace(request, user="")
        else:
            user, roles = self._who(request)
            request = replace(request, user=user, roles=roles, address=self._address(request))
        if route.role is not None and route.role not in request.roles:
            whom = f"the user {request.user}" if request.user else "somebody who has not logged in"
            if request.user_id:
                whom = f"the user {request.user} ({_ID}{request.user_id})"
            raise Refused(
                request,
                "not_allowed",
                f"This is for {_CALLED[route.role]}, and {whom} is none. Router.Roles in Orthanc's"
                " configuration says who is.",
            )
        return request

    def _who(self, request: Request) -> tuple[str, frozenset[Role]]:
        if not self._authentication:
            # Without a login, nothing has verified the name in the headers.
            return "", self._roles("", ())
        if self._proxy is None or request.user != self._proxy.orthanc_user:
            return request.user, self._roles(request.user, ())
        user, groups = _forwarded(request, self._proxy)
        return (user, self._roles(user, groups)) if user else ("", _NOBODY)

    def _by_token(self, request: Request, profile: Profile) -> Request:
        shown = {
            name: value for name, value in request.headers.items() if value and name in self._token_headers
        }
        if len(shown) > 1:
            # The browser adds this header by itself. The plugin would use it first, and its service may take
            # an unknown authorization for an anonymous user.
            shown.pop("authorization", None)
        told = profile(shown)
        if told is None:
            return replace(request, user="", labels=frozenset(), token=shown)
        identifier = str(told.get("user-id") or "")
        permissions = map(str, told.get("permissions") or ())
        groups = map(str, told.get("groups") or ())
        # The plugin leaves out an empty list.
        labels = frozenset(map(str, told.get("authorized-labels") or ()))
        return replace(
            request,
            user=str(told.get("name") or ""),
            user_id=identifier,
            roles=self._roles("", groups, permissions, identifier),
            labels=None if _ALL_LABELS in labels else labels,
            token=shown,
        )

    def _address(self, request: Request) -> str:
        """Return the client address that the proxy reports; empty without a proxy.

        It is the last one in `X-Forwarded-For`: the proxy itself has seen that one.
        """
        if self._proxy is None or request.user != self._proxy.orthanc_user:
            return ""
        return request.headers.get("x-forwarded-for", "").split(",")[-1].strip()

    def _roles(
        self, user: str, groups: Iterable[str], permissions: Iterable[str] = (), identifier: str = ""
    ) -> frozenset[Role]:
        entries = {_EVERYBODY, *(f"{_GROUP}{_without_slash(group)}" for group in groups)}
        entries |= {f"{_PERMISSION}{permission}" for permission in permissions}
        # A user name that looks like a group, a permission or an id must not match such an entry.
        if user and not user.startswith(_PREFIXES):
            entries.add(user)
        if identifier:
            entries.add(f"{_ID}{identifier}")
        has_all = f"{_PERMISSION}{_ALL_PERMISSIONS}" in entries
        for roles, listed in self._granted:
            if not entries.isdisjoint(listed) or (
                has_all and any(entry.startswith(_PERMISSION) for entry in listed)
            ):
                return roles
        return _NOBODY


def _without_slash(group: str) -> str:
    """Return the group's name without the leading slash that Keycloak adds in some configurations."""
    return group.removeprefix("/")


def _spelled(entries: Iterable[str]) -> list[str]:
    """Return the entries of a role in the form in which they are compared."""
    return [
        f"{_GROUP}{_without_slash(entry.removeprefix(_GROUP))}" if entry.startswith(_GROUP) else entry
        for entry in entries
    ]


def _warn_of_names(entries: Iterable[str]) -> None:
    names = [entry for entry in entries if entry != _EVERYBODY and not entry.startswith(_PREFIXES)]
    if names:
        _log.warning(
            "Router.Roles: %s gives nobody a role: with the authorization plugin people may choose their"
            " names. Use %s and the user's id, %s or %s",
            ", ".join(names),
            _ID,
            _GROUP,
            _PERMISSION,
        )


def _forwarded(request: Request, proxy: ProxySettings) -> tuple[str, list[str]]:
    """Return the user's name and groups from the proxy's headers."""
    user = request.headers.get(proxy.user_header.lower(), "").strip()
    if proxy.groups_header is None:
        return user, []
    groups = request.headers.get(proxy.groups_header.lower(), "").split(",")
    return user, [group.strip() for group in groups if group.strip()]


def _roles_by_default(settings: Settings) -> RoleSettings:
    """Return the roles where the settings give none.

    With a login, a single user is editor; several users are readers. Without a login, everybody is editor,
    unless Orthanc accepts remote connections: then nobody has a role.
    """
    if not settings.authentication:
        return RoleSettings(Editors=[] if settings.remote_access else [_EVERYBODY])
    users = sorted(settings.users)
    return RoleSettings(Editors=users) if len(users) == 1 else RoleSettings(Readers=users)
