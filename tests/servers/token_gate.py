"""A `PythonScript` that starts the router in an Orthanc which lets people in by a token.

It stands in for the authorization plugin of Orthanc, which does the same by the same interface and which
Debian does not have: a request needs the header `token`, the page itself needs none, and
`/auth/user/profile` tells whom the token stands for.
"""

import json
import os
import runpy
import sys
from pathlib import Path
from typing import Any

import orthanc

PLUGIN = Path(os.environ["ROUTER_PLUGIN"])


def let_in(uri: str, **request: Any) -> bool:
    """Whether a request may pass. What comes from inside Orthanc carries an authorization of its own."""
    headers = request["headers"]
    is_page = uri == "/router/app" or uri.startswith("/router/app/")
    return is_page or "authorization" in headers or headers.get("token") == os.environ["TEST_TOKEN"]


def profile(output: Any, _uri: str, **_request: Any) -> None:
    """Whom the token stands for."""
    output.AnswerBuffer(json.dumps({"name": "Petra Token"}), "application/json")


orthanc.RegisterIncomingHttpRequestFilter(let_in)
orthanc.RegisterRestCallback("/auth/user/profile", profile)
sys.path.insert(0, str(PLUGIN))
runpy.run_path(str(PLUGIN / "main.py"))
