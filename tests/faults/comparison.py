# SPDX-License-Identifier: GPL-3.0-or-later
"""What was stored, what the ledger says, and what has arrived: compared."""

from collections import Counter
from collections.abc import Collection, Mapping, Sequence

from faults.load import Load
from servers.orthanc import OrthancServer
from servers.router import FINISHED, Json, RouterClient
from servers.storescp import StoreScp
from servers.waiting import wait_until

#: A policy, and the node that it sends everything to.
Way = tuple[Json, StoreScp]

_OPEN = ("waiting", "held", "running", "retrying")

#: PostgreSQL takes ten milliseconds for each image of a list, and a long campaign has ten thousand.
_LISTING_SECONDS = 300.0


def assert_each_delivered_once(
    orthanc: OrthancServer, router: RouterClient, load: Load, ways: Sequence[Way]
) -> None:
    """Wait until all is done, and compare.

    An instance may arrive more often than once (an answer that was lost on the way), but is planned once.
    """
    router.wait_until_caught_up(timeout=60)
    _compare(_stored(orthanc), load.accepted(), router, ways)


def assert_each_delivered_once_by_all(
    orthancs: Sequence[OrthancServer], loads: Sequence[Load], ways: Sequence[Way]
) -> None:
    """The same for nodes of one group, each with an archive of its own."""
    routers = [RouterClient(orthanc.rest) for orthanc in orthancs]
    for router in routers:
        router.wait_until_caught_up(timeout=60)
    stored = {instance: uid for orthanc in orthancs for instance, uid in _stored(orthanc).items()}
    _compare(stored, [uid for load in loads for uid in load.accepted()], routers[0], ways)


def _stored(orthanc: OrthancServer) -> dict[str, str]:
    """The SOP Instance UIDs of all that it stores, by Orthanc's identifiers."""
    query = {"Level": "Instance", "Query": {}, "Expand": True}
    found = orthanc.rest.call("POST", "/tools/find", json=query, timeout=_LISTING_SECONDS)
    return {instance["ID"]: instance["MainDicomTags"]["SOPInstanceUID"] for instance in found}


def _compare(
    stored: Mapping[str, str], accepted: Collection[str], router: RouterClient, ways: Sequence[Way]
) -> None:
    print(f"{len(accepted)} answered with success, {len(stored)} stored")
    assert set(accepted) <= set(stored.values()), "Orthanc has lost what it accepted"
    for policy, node in ways:
        deliveries = settled_deliveries(router, policy, len(stored))
        assert {delivery["state"] for delivery in deliveries} == {"succeeded"}
        planned = Counter(
            instance
            for delivery in deliveries
            for instance in router.get(f"/deliveries/{delivery['id']}")["instance_ids"]
        )
        arrived = set(node.arrivals()) | set(node.files())
        twice = [instance for instance, count in planned.items() if count > 1]
        lost = [instance for instance in stored if instance not in planned]
        missing = [instance for instance, uid in stored.items() if uid not in arrived]
        assert (twice, lost, missing) == ([], [], []), f"{policy['name']}: planned twice, never, not arrived"


def settled_deliveries(router: RouterClient, policy: Json, instances: int) -> list[Json]:
    """All deliveries of the policy, once they stand for so many instances and none is open any more."""
    found: list[Json] = []

    def settled() -> bool:
        # To list thousands again and again would take from the router the time that it needs.
        if any(router.get("/deliveries", policy=policy["id"], state=one, limit=1)["total"] for one in _OPEN):
            return False
        found[:] = _all_deliveries(router, policy)
        return (
            all(delivery["state"] in FINISHED for delivery in found)
            and sum(delivery["instances"] for delivery in found) >= instances
        )

    def state() -> str:
        found[:] = _all_deliveries(router, policy)
        planned = sum(delivery["instances"] for delivery in found)
        return f"{policy['name']}: {planned} of {instances} planned, {Counter(one['state'] for one in found)}"

    # A node that was frozen or cut off keeps for a minute what it had leased.
    wait_until(settled, 100 + instances / 4, state, every=0.2)
    return found


def _all_deliveries(router: RouterClient, policy: Json) -> list[Json]:
    found: list[Json] = []
    while True:
        page = router.get("/deliveries", policy=policy["id"], limit=1000, offset=len(found))
        found += page["items"]
        if len(found) >= page["total"]:
            return found
