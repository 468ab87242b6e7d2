# SPDX-License-Identifier: GPL-3.0-or-later
"""Sending images to a DICOM node that is far away over several associations at once."""

import threading
from collections import Counter
from collections.abc import Iterator

import pytest
from pynetdicom import evt

from router.destinations.dicom import node as dicom_node
from router.destinations.dicom.batch import Batch
from router.destinations.dicom.experience import Experience
from router.destinations.dicom.sending import Sending
from router.destinations.dicom.several import SeveralAssociations
from router.destinations.outgoing import Outgoing
from router.destinations.spreading import Spreading
from samples import make_series, uids, unique
from servers.node import CANNOT_UNDERSTAND, OUT_OF_RESOURCES, SUCCESS, Node, refuse_instances
from servers.process import free_port
from servers.relay import Relay
from unit.destinations.outgoing_samples import outgoing


@pytest.fixture
def node() -> Iterator[Node]:
    with Node(unique("NODE")) as receiver:
        yield receiver


class Far:
    """Sends to a node that is 40 ms away, as the destination does."""

    def __init__(self, relay: Relay) -> None:
        self.node = dicom_node.Node(relay.aet, relay.host, relay.port, "ROUTER", 5)
        self.experience = Experience()
        self.spreading = Spreading(8)
        # As found out before: how many bring something is measured, and depends on the machine.
        self.spreading.brought(8)
        self.stopping = threading.Event()
        #: What was not sent over several associations.
        self.left: list[Outgoing] = []

    def send(self, images: list[Outgoing]) -> Batch:
        batch = Batch({})
        several = SeveralAssociations(self.node, self.experience, batch, self.stopping)
        untried, left = several.send(images, self.spreading)
        self.left = [*left, *untried]
        if batch.unavailable is None and self.left:
            Sending(self.node, self.experience, batch, self.stopping).send(self.left)
        return batch


def test_all_arrive_once_over_several(node: Node) -> None:
    images = make_series(60)
    with Relay(node.port, 0.02, node.aet) as relay:
        far = Far(relay)
        batch = far.send(outgoing(*images))
    assert Counter(node.accepted()) == Counter(uids(images))
    assert batch.taken.keys() == set(uids(images))
    assert (far.left, batch.refused, batch.unavailable) == ([], {}, None)
    assert node.associations > 2


def test_what_is_near_is_left_after_a_few(node: Node) -> None:
    images = make_series(40)
    with Relay(node.port, 0, node.aet) as relay:
        far = Far(relay)
        # A machine that is busy may take long for the first ones.
        far.spreading = Spreading(8, clock=lambda: 0.0)
        far.send(outgoing(*images))
    assert Counter(node.accepted()) == Counter(uids(images))
    assert len(far.left) == 36
    assert node.associations == 2


@pytest.mark.parametrize("most", [1, 2, 3])
def test_a_node_that_takes_no_more_associations(node: Node, most: int) -> None:
    images = make_series(40)
    with Relay(node.port, 0.02, node.aet, most=most) as relay:
        batch = Far(relay).send(outgoing(*images))
    assert Counter(node.accepted()) == Counter(uids(images))
    assert (batch.refused, batch.unavailable) == ({}, None)
    assert relay.most_at_once <= most


def test_a_node_that_drops_the_third_association_after_some_images(node: Node) -> None:
    seen: dict[object, int] = {}

    def drop_the_third(event: evt.Event, _request: object) -> int:
        seen[event.assoc] = seen.get(event.assoc, 0) + 1
        if len(seen) > 2 and list(seen)[2] is event.assoc and seen[event.assoc] > 2:
            event.assoc.abort()
        return SUCCESS

    images = make_series(60)
    node.behaviour = drop_the_third
    with Relay(node.port, 0.02, node.aet) as relay:
        batch = Far(relay).send(outgoing(*images))
    assert set(node.accepted()) == set(uids(images))
    # Nothing is sent twice but what was under way.
    assert len(node.arrivals) <= len(images) + 1
    assert (batch.refused, batch.unavailable) == ({}, None)
    assert batch.taken.keys() == set(uids(images))


def test_what_the_node_does_not_take_is_found_out_and_told(node: Node) -> None:
    images = make_series(30)
    bad = uids(images)[7]
    node.behaviour = refuse_instances([bad], CANNOT_UNDERSTAND)
    with Relay(node.port, 0.02, node.aet) as relay:
        batch = Far(relay).send(outgoing(*images))
    assert batch.refused.keys() == {bad}
    assert batch.taken.keys() == set(uids(images)) - {bad}
    assert batch.unavailable is None


def test_a_node_that_is_busy_from_some_image_on(node: Node) -> None:
    def busy(_event: evt.Event, _request: object) -> int:
        return OUT_OF_RESOURCES if len(node.accepted()) >= 12 else SUCCESS

    images = make_series(60)
    node.behaviour = busy
    with Relay(node.port, 0.02, node.aet) as relay:
        batch = Far(relay).send(outgoing(*images))
    assert batch.unavailable is not None
    assert "resources" in batch.unavailable
    assert batch.taken.keys() == set(node.accepted())
    assert len(node.arrivals) < len(images)


def test_nobody_listens() -> None:
    batch = Batch({})
    nobody = dicom_node.Node("NOBODY", "127.0.0.1", free_port(), "ROUTER", 5)
    several = SeveralAssociations(nobody, Experience(), batch, threading.Event())
    untried, left = several.send(outgoing(*make_series(10)), Spreading(8))
    assert batch.unavailable is not None
    assert "nobody listens" in batch.unavailable
    assert (batch.taken, len(untried) + len(left)) == ({}, 10)


def test_it_stops_when_the_router_does(node: Node) -> None:
    far: list[Far] = []

    def stop(_event: evt.Event, _request: object) -> int:
        far[0].stopping.set()
        return SUCCESS

    node.behaviour = stop
    images = make_series(60)
    with Relay(node.port, 0.02, node.aet) as relay:
        far.append(Far(relay))
        batch = far[0].send(outgoing(*images))
    assert batch.unavailable == "The router is being stopped"
    assert batch.taken.keys() == set(node.accepted())
    assert len(node.arrivals) < 10
