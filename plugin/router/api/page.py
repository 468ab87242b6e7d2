# SPDX-License-Identifier: GPL-3.0-or-later
"""Serves the built web page below `/app`."""

import hashlib
import html
import mimetypes
import stat
from pathlib import Path
from urllib.parse import urlsplit

from router.api.http import ApiError, Request, Response, Route

#: The placeholder in index.html for the address that it is served under.
_BASE = b'<base href="/router/app/">'

#: Allows no content from other sites. `unsafe-inline`: Mantine sets styles on elements.
_POLICY = (
    "default-src 'self'; script-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; "
    "connect-src 'self'; frame-ancestors 'self'; base-uri 'self'; form-action 'self'"
)
_SECURITY = {
    "Content-Security-Policy": _POLICY,
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "same-origin",
}

# Debian's mime.types may be missing, and a wrong type keeps a browser from running a module.
_TYPES = {
    ".html": "text/html; charset=utf-8",
    ".js": "text/javascript; charset=utf-8",
    ".css": "text/css; charset=utf-8",
    ".json": "application/json",
    ".svg": "image/svg+xml",
    ".png": "image/png",
    ".ico": "image/x-icon",
    ".woff2": "font/woff2",
}


def is_page(request: Request) -> bool:
    """Whether the request is for a file or a place of the page."""
    return request.path == "/app" or request.path.startswith("/app/")


class PageRoutes:
    """Answers `/app` with the page's files, and with index.html for every place inside the page."""

    def __init__(self, directory: Path, public_url: str) -> None:
        """`public_url` as in the settings; its path is the prefix that a reverse proxy adds to ours."""
        self._directory = directory.resolve()
        self._base = urlsplit(public_url).path.rstrip("/") + "/router/app/"

    def routes(self) -> list[Route]:
        """The table."""
        return [
            # The page holds no data, and it must load to tell a person without a role about that.
            Route("GET", "/app", self._place, "The web page", None, media_types=["text/html"]),
            Route(
                "GET",
                "/app/{place:path}",
                self._place,
                "The web page's files and places",
                None,
                media_types=["*/*"],
                errors=[304],
            ),
        ]

    def _place(self, request: Request, place: str = "") -> Response:
        try:
            file = (self._directory / place).resolve()
            found = file.is_relative_to(self._directory) and not _is_hidden(place)
            is_file = bool(place) and stat.S_ISREG(file.stat().st_mode)
        except (FileNotFoundError, NotADirectoryError):
            is_file = False
        except (OSError, ValueError):  # too long for a file name, or with a NUL
            found = is_file = False
        if not found:
            raise ApiError(404, "not_found", "There is no such file.")
        if is_file:
            return self._file(request, file)
        if Path(place).suffix or place.startswith("assets/"):
            raise ApiError(404, "not_found", f"The page has no file {place}.")
        return self._index(request)

    def _file(self, request: Request, file: Path) -> Response:
        # File names in assets/ contain a digest of the content.
        lasting = file.parent.name == "assets"
        caching = "public, max-age=31536000, immutable" if lasting else "no-cache"
        return _answer(request, file.read_bytes(), _type(file), caching)

    def _index(self, request: Request) -> Response:
        try:
            index = (self._directory / "index.html").read_bytes()
        except FileNotFoundError:
            raise ApiError(
                404,
                "not_built",
                f"The web page has not been built: there is no {self._directory}/index.html.",
            ) from None
        base = f'<base href="{html.escape(self._base)}">'.encode()
        return _answer(request, index.replace(_BASE, base), _TYPES[".html"], "no-cache")


def _is_hidden(place: str) -> bool:
    """Whether a part of the path begins with a dot: such files are private."""
    return any(part.startswith(".") for part in place.split("/"))


def _answer(request: Request, content: bytes, content_type: str, caching: str) -> Response:
    tag = f'"{hashlib.sha256(content).hexdigest()[:32]}"'
    headers = {"ETag": tag, "Cache-Control": caching, **_SECURITY}
    if tag in (
        given.strip().removeprefix("W/") for given in request.headers.get("if-none-match", "").split(",")
    ):
        return Response(304, headers=headers)
    return Response(200, content, content_type, headers)


def _type(file: Path) -> str:
    return _TYPES.get(file.suffix) or mimetypes.guess_type(file.name)[0] or "application/octet-stream"
