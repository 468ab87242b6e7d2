# SPDX-License-Identifier: GPL-3.0-or-later
"""A `PythonScript` that starts the router in an Orthanc which lets people in by a token.

It stands in for the authorization plugin of Orthanc, which does the same by the same interface and which
Debian does not have: a request needs the header `token`, the page itself needs none, and
`/auth/user/profile` tells whom the token, or else an authorization, stands for. The variable TEST_PROFILES
has the profiles by token, as the plugin's web service (orthanc-auth-service, `/user/get-profile`) answers.
"""

import json
import os
import runpy
import sys
from pathlib import Path
from typing import Any

import orthanc

PLUGIN = Path(os.environ["ROUTER_PLUGIN"])
PROFILES: dict[str, Any] = json.loads(os.environ["TEST_PROFILES"])


def let_in(uri: str, **request: Any) -> bool:
    """Whether a request may pass. What comes from inside Orthanc carries an authorization of its own."""
    headers = request["headers"]
    is_unchecked = uri in {"/router/app", "/auth/user/profile"} or uri.startswith("/router/app/")
    return is_unchecked or "authorization" in headers or headers.get("token") in PROFILES


def profile(output: Any, _uri: str, **request: Any) -> None:
    """Whom the token stands for; unanswered where it stands for nobody.

    An authorization is looked at first. Labels and the id are left out where there are none.
    """
    headers = request["headers"]
    found = PROFILES.get(headers.get("authorization") or headers.get("token"))
    if found is None:
        return
    told = {
        "name": found["name"],
        "permissions": found["permissions"],
        "groups": found["groups"] or [],
    }
    told |= {name: found[name] for name in ("authorized-labels", "user-id") if found[name]}
    output.AnswerBuffer(json.dumps(told), "application/json")


orthanc.RegisterIncomingHttpRequestFilter(let_in)
orthanc.RegisterRestCallback("/auth/user/profile", profile)
sys.path.insert(0, str(PLUGIN))
runpy.run_path(str(PLUGIN / "main.py"))
