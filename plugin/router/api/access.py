"""Who is asking, and whether that person may: the one place where it is decided."""

from collections.abc import Iterable
from dataclasses import replace
from typing import Final

from router.api.http import Refused, Request, Role, Route
from router.settings import ProxySettings, RoleSettings, Settings

#: Stands for whoever Orthanc lets in.
_EVERYBODY: Final = "*"
_GROUP: Final = "group:"

_NOBODY: Final[frozenset[Role]] = frozenset()
_READ: Final[frozenset[Role]] = frozenset({"read"})
_OPERATE: Final[frozenset[Role]] = frozenset({"read", "operate"})
_EDIT: Final[frozenset[Role]] = frozenset({"read", "operate", "edit"})

_CALLED: Final[dict[Role, str]] = {"read": "readers", "operate": "operators", "edit": "editors"}


class Access:
    """Decides by the settings. Orthanc has checked the login before; here it is asked who it is."""

    def __init__(self, settings: Settings) -> None:
        roles = settings.router.roles or _roles_by_default(settings)
        self._granted = ((_EDIT, roles.editors), (_OPERATE, roles.operators), (_READ, roles.readers))
        self._authentication = settings.authentication
        self._proxy = settings.router.proxy

    def admit(self, request: Request, route: Route) -> Request:
        """The request with the name and the roles of who is asking. Raises Refused."""
        user, roles = self._who(request)
        request = replace(request, user=user, roles=roles, address=self._address(request))
        if route.role is not None and route.role not in roles:
            whom = f"the user {user}" if user else "somebody who has not logged in"
            raise Refused(
                request,
                "not_allowed",
                f"This is for {_CALLED[route.role]}, and {whom} is none. Router.Roles in Orthanc's"
                " configuration says who is.",
            )
        return request

    def _who(self, request: Request) -> tuple[str, frozenset[Role]]:
        if not self._authentication:
            # Nobody has checked the name that may be in the headers.
            return "", self._roles("", ())
        if self._proxy is None or request.user != self._proxy.orthanc_user:
            return request.user, self._roles(request.user, ())
        user, groups = _forwarded(request, self._proxy)
        return (user, self._roles(user, groups)) if user else ("", _NOBODY)

    def _address(self, request: Request) -> str:
        """Of the person for whom the proxy asks; the last one, which the proxy itself has seen."""
        if self._proxy is None or request.user != self._proxy.orthanc_user:
            return ""
        return request.headers.get("x-forwarded-for", "").split(",")[-1].strip()

    def _roles(self, user: str, groups: Iterable[str]) -> frozenset[Role]:
        entries = {_EVERYBODY, *(f"{_GROUP}{group}" for group in groups)}
        # A user whose name looks like a group, or like everybody, is neither.
        if user and not user.startswith(_GROUP):
            entries.add(user)
        for roles, listed in self._granted:
            if not entries.isdisjoint(listed):
                return roles
        return _NOBODY


def _forwarded(request: Request, proxy: ProxySettings) -> tuple[str, list[str]]:
    """The name and the groups that the proxy tells."""
    user = request.headers.get(proxy.user_header.lower(), "").strip()
    if proxy.groups_header is None:
        return user, []
    groups = request.headers.get(proxy.groups_header.lower(), "").split(",")
    return user, [group.strip() for group in groups if group.strip()]


def _roles_by_default(settings: Settings) -> RoleSettings:
    """Where the settings say nothing: who is alone may do all, who is not may look; from another machine
    and without a login, nobody may anything."""
    if not settings.authentication:
        return RoleSettings(Editors=[] if settings.remote_access else [_EVERYBODY])
    users = sorted(settings.users)
    return RoleSettings(Editors=users) if len(users) == 1 else RoleSettings(Readers=users)
