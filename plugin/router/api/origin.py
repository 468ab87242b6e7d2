# SPDX-License-Identifier: GPL-3.0-or-later
"""Protects against cross-site request forgery: other web sites must not use a person's login.

A browser sends Orthanc's login with every request to Orthanc, from any page. Two things distinguish a request
of another site from one of our own page. Browsers name the site (Fetch Metadata, RFC 6454), though not
always. They also let no other site send JSON or a custom header unless Orthanc allows it, which Orthanc does
not. The method proves nothing: Orthanc takes `GET ...?_method=DELETE` for DELETE, and an image's address can
contain that.

Without a login, another site could also use a name of its own for this machine (DNS rebinding). The header
`Host` shows that name.
"""

import ipaddress
import socket
from urllib.parse import urlsplit

from router.api.http import ApiError, Refused, Request

#: Accepted values of `Sec-Fetch-Site`: our own page, and an address that a person typed.
_OWN = frozenset({"same-origin", "none"})


class Origins:
    """Checks the site that a request comes from."""

    def __init__(self, public_url: str, has_login: bool = True) -> None:
        """`public_url` as in the settings: where people reach Orthanc behind a reverse proxy. `has_login`:
        whether Orthanc, or its authorization plugin, identifies users."""
        self._public = _host(public_url)
        self._has_login = has_login
        self._names = {socket.gethostname().lower(), urlsplit(public_url).hostname}

    def check(self, request: Request) -> None:
        """Raise Refused for a request that may come from another site; ApiError (415) for a change that has
        neither JSON nor, without a body, `X-Requested-With`."""
        if not self._has_login and not self._is_for_us(request):
            raise Refused(
                request,
                "wrong_host",
                "This request names another host than this one. Where people reach Orthanc by that name,"
                " Router.PublicUrl must be its address.",
            )
        if request.method == "GET":
            return
        if not self._is_own(request):
            raise Refused(
                request,
                "cross_site",
                "This request comes from another web site. Where it is Orthanc's own, behind a reverse proxy,"
                " Router.PublicUrl must be the address in the browser.",
            )
        media_type = request.headers.get("content-type", "").partition(";")[0].strip().lower()
        if media_type == "application/json":
            return
        if request.body:
            raise ApiError(415, "not_json", "The body must be JSON, with Content-Type: application/json.")
        if not request.headers.get("x-requested-with"):
            raise ApiError(
                415,
                "not_json",
                "What changes something needs a header that no other web site can send: Content-Type:"
                " application/json, or X-Requested-With with any value.",
            )

    def _is_for_us(self, request: Request) -> bool:
        """Whether no other site can own the name in `Host`: an IP address, this machine's name, the public
        name, or a name without a dot. A request without `Host` passes: browsers always send one."""
        asked = request.headers.get("host")
        if asked is None:
            return True
        try:
            name = (urlsplit(f"//{asked}").hostname or "").rstrip(".")
        except ValueError:
            return False
        return bool(name) and ("." not in name or name in self._names or _is_address(name))

    def _is_own(self, request: Request) -> bool:
        site = request.headers.get("sec-fetch-site")
        if site is not None and site not in _OWN:
            return False
        origin = request.headers.get("origin")
        if origin is None or site == "same-origin":
            return True
        host = _host(origin)
        return bool(host) and host in {self._public, _asked_for(request, urlsplit(origin).scheme)}


def _is_address(name: str) -> bool:
    try:
        ipaddress.ip_address(name)
    except ValueError:
        return False
    return True


def _host(url: str) -> str:
    """Return host and port in one form; empty for an invalid address, such as the origin `null`."""
    parts = urlsplit(url)
    try:
        port = parts.port or {"http": 80, "https": 443}.get(parts.scheme)
    except ValueError:
        return ""
    return f"{parts.hostname}:{port}" if parts.hostname and port else ""


def _asked_for(request: Request, scheme: str) -> str:
    """Return host and port that the request was sent to. `Host` may omit the scheme's default port."""
    return _host(f"{scheme}://{request.headers.get('host', '')}")
