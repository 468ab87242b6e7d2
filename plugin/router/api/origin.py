"""Keeps other web sites from using the login of somebody who looks at them (cross-site request forgery).

A browser sends Orthanc's login along with whatever any page asks Orthanc for. Two things tell such a request
from one of our own page: a browser names the site it comes from (Fetch Metadata and RFC 6454), and lets no
other site send JSON unless Orthanc agreed to it, which it does not.
"""

from urllib.parse import urlsplit

from router.api.http import ApiError, Refused, Request

#: Of `Sec-Fetch-Site`: our own page, and what a person has typed.
_OWN = frozenset({"same-origin", "none"})


class Origins:
    """Knows where requests that change something may come from."""

    def __init__(self, public_url: str) -> None:
        """`public_url` as in the settings: where people reach Orthanc behind a reverse proxy."""
        self._public = _host(public_url)

    def check(self, request: Request) -> None:
        """Raises Refused for a request that another site may have made, ApiError for one that is not JSON."""
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
        if request.body and media_type != "application/json":
            raise ApiError(415, "not_json", "The body must be JSON, with Content-Type: application/json.")

    def _is_own(self, request: Request) -> bool:
        site = request.headers.get("sec-fetch-site")
        if site is not None and site not in _OWN:
            return False
        origin = request.headers.get("origin")
        if origin is None or site == "same-origin":
            return True
        host = _host(origin)
        return bool(host) and host in {self._public, _asked_for(request, urlsplit(origin).scheme)}


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
