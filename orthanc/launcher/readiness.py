# SPDX-License-Identifier: GPL-3.0-or-later
"""Wait until the router in a new Orthanc is well."""

import time
from typing import Any

from launcher.failure import Failure
from launcher.log import Log
from launcher.process import OrthancProcess
from launcher.router_api import NoAnswer, RouterApi, RouterError
from launcher.signals import StopRequest

#: Seconds until Orthanc must answer; to open a large archive may take a while.
UNTIL_ANSWER = 120.0

#: Seconds from the first answer until the router must have a store.
UNTIL_STORE = 15.0

#: Seconds from the first answer until the wait ends although a problem remains.
UNTIL_WELL = 3.0


def wait_until_well(orthanc: OrthancProcess, api: RouterApi, log: Log, stop: StopRequest) -> list[str]:
    """Wait until `/router/health` says ok or warning, or reports a problem that the router can work with.

    Return that problem, in words; nothing for ok, warning or a requested `stop`. If the router cannot start
    because of its settings, Orthanc receives images nevertheless, so this returns as well. Raises Failure
    where Orthanc ends or does not answer, or the router has no store.
    """
    begin = time.monotonic()
    answered: float | None = None
    trouble = "nothing answers"
    while not stop:
        code = orthanc.exit_code()
        if code is not None:
            raise Failure(
                f"Orthanc did not start: {log.last_error() or f'exit code {code}'} (log: {log.path})"
            )
        now = time.monotonic()
        try:
            health = api.health()
        except NoAnswer:
            pass
        except RouterError as error:
            answered = answered or now
            trouble = str(error)
        else:
            answered = answered or now
            if health["status"] in {"ok", "warning"}:
                return []
            if any(problem["code"] == "cannot_start" for problem in health.get("problems", [])):
                return _problems(health)
            if _has_store(health) and now > answered + UNTIL_WELL:
                return _problems(health)
            trouble = "; ".join(_problems(health))
        if now > (answered + UNTIL_STORE if answered else begin + UNTIL_ANSWER):
            raise Failure(f"The router did not start: {trouble} (log: {log.path})")
        stop.wait(0.1, orthanc.descriptor)
    return []


def _problems(health: dict[str, Any]) -> list[str]:
    return [problem["message"] for problem in health.get("problems", [])] or [health["status"]]


def _has_store(health: dict[str, Any]) -> bool:
    return bool(health.get("store", {}).get("ok"))
