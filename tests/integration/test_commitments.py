# SPDX-License-Identifier: GPL-3.0-or-later
"""A node that commits late, in parts or never is asked again, and not sent again what it has."""

from pydicom import Dataset

from samples import make_series, uids, unique
from servers.node import Node
from servers.orthanc import OrthancServer
from servers.router import Json, RouterClient, patient
from servers.sender import send
from servers.waiting import wait_until

HAS_TAKEN = "has yet to commit"


def waiting(router: RouterClient, policy: Json) -> Json:
    """The one delivery, once it waits for the commitment."""
    [delivery] = router.wait_for_deliveries(
        lambda found: [HAS_TAKEN in (one["note"] or "") for one in found] == [True], policy=policy["id"]
    )
    return delivery


def test_what_was_taken_is_not_sent_again(orthanc: OrthancServer, router: RouterClient, node: Node) -> None:
    someone = unique("PAT")
    destination = router.destination(unique("Commits "), node, settings={"storage_commitment": True})
    trigger = {"level": "series", "quiet_seconds": 1}
    policy = router.policy(unique("Commit "), patient(someone), destination, trigger=trigger)
    images = make_series(3, PatientID=someone)
    send(orthanc.dicom_port, images)
    delivery = waiting(router, policy)
    assert (delivery["state"], delivery["remaining"], delivery["attempt_count"]) == ("held", 3, 1)
    # Nothing else waits for it.
    other = make_series(1, PatientID=someone)
    send(orthanc.dicom_port, other)
    wait_until(lambda: len(node.accepted()) == 4, 15, "the lane waits")
    request = node.commitments[0]
    lost, *kept = request.ReferencedSOPSequence
    lost.FailureReason = 0x0112
    node.report_commitment(orthanc.dicom_port, "ORTHANC", request.TransactionUID, kept, [lost])
    wait_until(lambda: len(node.accepted()) == 5, 30, "what is missing is not sent")
    assert node.accepted()[-1] == lost.ReferencedSOPInstanceUID
    succeeded(router, orthanc, node, delivery)
    assert sorted(node.accepted()) == sorted([*uids(images), *uids(other), lost.ReferencedSOPInstanceUID])


def test_it_is_asked_for_again_after_a_restart(own_orthanc: OrthancServer, node: Node) -> None:
    someone = unique("PAT")
    own_orthanc.start()
    router = RouterClient(own_orthanc.rest)
    destination = router.destination(unique("Commits "), node, settings={"storage_commitment": True})
    policy = router.policy(unique("Commit "), patient(someone), destination)
    [image] = make_series(1, PatientID=someone)
    send(own_orthanc.dicom_port, [image])
    delivery = waiting(router, policy)
    own_orthanc.kill()
    own_orthanc.start()
    # Orthanc has forgotten what it waits for.
    wait_until(lambda: len(node.commitments) == 2, 30, "it is not asked for again")
    succeeded(router, own_orthanc, node, delivery)
    assert node.accepted() == uids([image])


def test_a_node_that_never_commits(orthanc: OrthancServer, router: RouterClient, node: Node) -> None:
    someone = unique("PAT")
    destination = router.destination(
        unique("Never "),
        node,
        settings={"storage_commitment": True, "commitment_seconds": 1},
        retry={"attempts": 2, "initial_seconds": 1, "max_seconds": 1},
    )
    policy = router.policy(unique("Commit "), patient(someone), destination)
    [image] = make_series(1, PatientID=someone)
    send(orthanc.dicom_port, [image])
    delivery = waiting(router, policy)
    failed = router.wait_for_state(delivery["id"], "failed", 30)
    assert "not committed within 1 s" in failed["attempts"][-1]["error"]
    assert node.accepted() == uids([image])
    router.post(f"/deliveries/{delivery['id']}/retry")
    wait_until(lambda: len(node.commitments) > 1, 15, "it is not asked for again")
    succeeded(router, orthanc, node, delivery)
    assert node.accepted() == uids([image])


def succeeded(router: RouterClient, orthanc: OrthancServer, node: Node, delivery: Json) -> Json:
    """A delivery once it has succeeded, where the node commits to all that it is asked for, at any time."""
    seen: list[Json] = []

    def committed() -> bool:
        for request in list(node.commitments):
            items: list[Dataset] = list(request.ReferencedSOPSequence)
            for item in items:
                item.pop("FailureReason", None)
            node.report_commitment(orthanc.dicom_port, "ORTHANC", request.TransactionUID, items, [])
        seen[:] = [router.get(f"/deliveries/{delivery['id']}")]
        return bool(seen[0]["state"] == "succeeded")

    wait_until(committed, 30, lambda: f"it is {seen}")
    return seen[0]
