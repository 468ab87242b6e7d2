# SPDX-License-Identifier: GPL-3.0-or-later
"""Runs, as a test follows them."""

from collections.abc import Collection

from servers.router import Json, RouterClient
from servers.waiting import wait_until

OVER = {"finished", "cancelled", "failed"}


def wait_for_run(
    router: RouterClient, run: Json | str, states: Collection[str] = OVER, timeout: float = 20
) -> Json:
    """Wait until a run is in one of these states; the run."""
    identifier = run if isinstance(run, str) else run["id"]
    seen: list[Json] = []

    def reached() -> bool:
        seen[:] = [router.get(f"/runs/{identifier}")]
        return seen[0]["state"] in states

    wait_until(reached, timeout, lambda: f"the run is {seen[0]}")
    return seen[0]


def finished(router: RouterClient, run: Json) -> Json:
    """Wait for the end of a run, which must be a good one; its report."""
    ended = wait_for_run(router, run)
    assert ended["state"] == "finished", ended
    return dict(ended["report"])


def studies(router: RouterClient, run: Json, **filters: object) -> list[Json]:
    """What a run tells of its studies."""
    return list(router.get(f"/runs/{run['id']}/studies", limit=1000, **filters)["items"])
