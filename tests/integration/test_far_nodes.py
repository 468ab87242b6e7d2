# SPDX-License-Identifier: GPL-3.0-or-later
"""A node that is far away gets images over several associations, unless its destination says otherwise."""

from collections import Counter

import pytest

from integration.conftest import StoreSettings
from samples import make_series, uids, unique
from servers.node import Node
from servers.orthanc import OrthancServer
from servers.relay import Relay
from servers.router import RouterClient, patient
from servers.sender import send


@pytest.fixture(scope="module")
def store() -> StoreSettings:
    """What is sent is the same with both."""
    return StoreSettings("sqlite")


@pytest.mark.parametrize(
    "transform", [None, {"anonymize": {"retain_uids": True}}], ids=["as it is", "changed"]
)
@pytest.mark.parametrize("concurrency", [None, 1], ids=["by itself", "by hand"])
def test_images_of_a_study(
    orthanc: OrthancServer,
    router: RouterClient,
    node: Node,
    concurrency: int | None,
    transform: dict[str, object] | None,
) -> None:
    images = make_series(60, PatientID=unique("FAR"))
    with Relay(node.port, 0.02, node.aet) as relay:
        destination = router.destination(unique("To "), relay, concurrency=concurrency)
        action = {"type": "forward", "destination": destination["id"], "transform": transform}
        trigger = {"level": "study", "quiet_seconds": 1}
        rule = patient(str(images[0].PatientID))
        policy = router.policy(unique("All "), rule, actions=[action], trigger=trigger)
        send(orthanc.dicom_port, images)
        [delivery] = router.wait_until_delivered(len(images), policy=policy["id"])
    assert Counter(node.accepted()) == Counter(uids(images))
    assert len(delivery["attempts"]) == 1
    if concurrency is None:
        assert relay.most_at_once > 1
    else:
        assert relay.most_at_once == 1
