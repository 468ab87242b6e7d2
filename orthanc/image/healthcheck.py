# SPDX-License-Identifier: GPL-3.0-or-later
"""Whether the container is well: the router answers through Orthanc, with the login, and has its store.

A destination that is down is no matter of the container's; it is told in the output all the same.
"""

import base64
import json
import os
import sys
import urllib.error
import urllib.request
from pathlib import Path


def password_of(user: str, configuration: Path) -> str:
    """The password that Orthanc knows the user by: a Docker secret may give another than the variable."""
    try:
        return str(json.loads(configuration.read_text("utf-8"))["RegisteredUsers"][user])
    except (OSError, ValueError, KeyError):
        return os.environ["ORTHANC_LOGIN_PASSWORD"]


def main(configuration: Path) -> int:
    """0 where all is well, 1 where not, with the reason on the output (`docker inspect` shows it).

    `configuration` is what the entry point of the image makes of all files, variables and secrets.
    """
    user = os.environ["ORTHANC_USERNAME"]
    login = f"{user}:{password_of(user, configuration)}"
    request = urllib.request.Request(
        f"http://127.0.0.1:{os.environ['ORTHANC_PORT']}/router/health",
        headers={"Authorization": f"Basic {base64.b64encode(login.encode()).decode()}"},
    )
    direct = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    try:
        try:
            response = direct.open(request, timeout=8)
        except urllib.error.HTTPError as error:
            if error.code != 503:  # with which the router tells why it does not work yet
                raise
            response = error
        with response:
            health = json.load(response)
            problems = health["problems"]
    except (OSError, ValueError, KeyError) as error:
        print(f"The router does not answer: {error}")
        return 1
    for problem in problems:
        print(problem["message"])
    return 0 if health.get("store", {}).get("ok") else 1


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1])))
