# SPDX-License-Identifier: GPL-3.0-or-later
"""The router's public routes, as any client on this machine uses them."""

import base64
import http.client
import json
from typing import Any
from urllib.parse import quote

from launcher.settings import Settings


class RouterError(Exception):
    """The router, or Orthanc in front of it, has answered with an error."""


class NoAnswer(Exception):  # noqa: N818 - it reads as what it says
    """There is no answer, or none in time."""


class RouterApi:
    """Calls to the Orthanc of the settings, with JSON in both directions. Raises NoAnswer or RouterError."""

    def __init__(self, settings: Settings, timeout: float = 5) -> None:
        credentials = base64.b64encode(f"{settings.username}:{settings.password}".encode())
        self._headers = {"Authorization": f"Basic {credentials.decode()}", "Content-Type": "application/json"}
        self._port = settings.port
        self._timeout = timeout

    def get(self, *path: str) -> Any:
        """Send a GET; the parts of the path are quoted."""
        return self._call("GET", path)

    def post(self, *path: str, body: object) -> Any:
        """Send a POST; the parts of the path are quoted."""
        return self._call("POST", path, body)

    def health(self) -> Any:
        """The answer of `/router/health`, with any HTTP status."""
        status, answer = self._answer("GET", ("router", "health"))
        if isinstance(answer, dict) and "status" in answer:
            return answer
        raise RouterError(f"HTTP status {status}")

    def _call(self, method: str, path: tuple[str, ...], body: object = None) -> Any:
        status, answer = self._answer(method, path, body)
        if status >= 400:
            error = answer.get("error", answer.get("Message")) if isinstance(answer, dict) else None
            told = error.get("message") if isinstance(error, dict) else error
            raise RouterError(f"{method} /{'/'.join(path)}: {told or f'HTTP status {status}'}")
        return answer

    def _answer(self, method: str, path: tuple[str, ...], body: object = None) -> tuple[int, Any]:
        connection = http.client.HTTPConnection("127.0.0.1", self._port, timeout=self._timeout)
        content = None if body is None else json.dumps(body)
        try:
            connection.request(
                method, "/" + "/".join(quote(part, "") for part in path), content, self._headers
            )
            response = connection.getresponse()
            answer = response.read()
        except (OSError, http.client.HTTPException) as error:
            raise NoAnswer(str(error)) from None
        finally:
            connection.close()
        try:
            return response.status, json.loads(answer)
        except ValueError:
            return response.status, None
