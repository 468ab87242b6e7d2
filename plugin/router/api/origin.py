# SPDX-License-Identifier: GPL-3.0-or-later
"""Keeps other web sites from using the login of somebody who looks at them (cross-site request forgery).

A browser sends Orthanc's login along with whatever any page asks Orthanc for. Two things tell such a request
from one of our own page: a browser names the site it comes from (Fetch Metadata and RFC 6454, where it does),
and lets no other site send JSON, or a header of its own, unless Orthanc agreed to it, which it does not. The
method alone says nothing: Orthanc takes `GET ...?_method=DELETE` for DELETE, and so may an image's address.

Where there is no login, a site could also pretend to be us: by a name of its own that leads to this machine
(DNS rebinding). Its name is in the header `Host`.
"""

import ipaddress
import socket
from urllib.parse import urlsplit

from router.api.http import ApiError, Refused, Request

#: Of `Sec-Fetch-Site`: our own page, and what a person has typed.
_OWN = frozenset({"same-origin", "none"})


class Origins:
    """Knows where requests may come from."""

    def __init__(self, public_url: str, has_login: bool = True) -> None:
        """`public_url` as in the settings: where people reach Orthanc behind a reverse proxy. `has_login`:
        whether Orthanc, or its authorization plugin, wants to know who is asking."""
        self._public = _host(public_url)
        self._has_login = has_login
        self._names = {socket.gethostname().lower(), urlsplit(public_url).hostname}

    def check(self, request: Request) -> None:
        """Raises Refused for a request that another site may have made, ApiError for one that is not JSON."""
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
        """Whether the host that is asked is one that no other site can have: an address, a name of this
        machine, the public one, or one without a dot. Browsers always name one."""
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
    """Host and port in one form; empty for what is no address, such as the origin `null`."""
    parts = urlsplit(url)
    try:
        port = parts.port or {"http": 80, "https": 443}.get(parts.scheme)
    except ValueError:
        return ""
    return f"{parts.hostname}:{port}" if parts.hostname and port else ""


def _asked_for(request: Request, scheme: str) -> str:
    """Host and port that the request was sent to; the header leaves out the usual port of the scheme."""
    return _host(f"{scheme}://{request.headers.get('host', '')}")
