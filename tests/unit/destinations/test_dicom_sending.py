# SPDX-License-Identifier: GPL-3.0-or-later
"""Sending images to a DICOM node over associations of our own."""

import ssl
import threading
from collections.abc import Iterator
from functools import partial
from pathlib import Path

import pydicom.data
import pytest
import trustme
from pydicom import FileDataset
from pydicom.encaps import encapsulate
from pydicom.uid import (
    MPEG2MPML,
    UID,
    DeflatedExplicitVRLittleEndian,
    ExplicitVRLittleEndian,
    HTJ2KLossless,
    ImplicitVRLittleEndian,
    JPEG2000Lossless,
    JPEGLSLossless,
    RLELossless,
)
from pynetdicom import AllStoragePresentationContexts, evt

from router.destinations import ImageRefused, Outgoing
from router.destinations.dicom import node as dicom_node
from router.destinations.dicom.batch import Batch
from router.destinations.dicom.experience import Experience
from router.destinations.dicom.sending import Sending
from router.orthanc_api import OrthancUnreachable
from router.transforms import encode
from samples import file_bytes, make_image, make_series, uids, unique
from servers.broken import BrokenServer
from servers.node import (
    CANNOT_UNDERSTAND,
    OUT_OF_RESOURCES,
    SUCCESS,
    Node,
    abort,
    refuse_instances,
)
from servers.process import free_port
from servers.storescp import StoreScp
from servers.tls_files import TlsFiles
from unit.destinations.outgoing_samples import outgoing


@pytest.fixture
def node() -> Iterator[Node]:
    with Node(unique("NODE")) as receiver:
        yield receiver


class Destination:
    """Sends to a node as the destination does, with what it has seen of the node."""

    def __init__(self, node: Node | StoreScp | BrokenServer, timeout: float = 5, **more: object) -> None:
        self.node = dicom_node.Node(node.aet, node.host, node.port, "ROUTER", timeout, **more)  # type: ignore[arg-type]
        self.experience = Experience()

    def send(self, images: list[Outgoing], offered: set[str] | None = None) -> Batch:
        batch = Batch({}, offered=offered or set())
        Sending(self.node, self.experience, batch, threading.Event()).send(images)
        return batch


def test_many_images_go_in_one_association_and_in_order(node: Node) -> None:
    images = [*make_series(20), *make_series(3, "MR")]
    kinds = {str(one.SOPInstanceUID): (one.SOPClassUID, ExplicitVRLittleEndian) for one in images}
    batch = Batch(kinds)
    Sending(Destination(node).node, Experience(), batch, threading.Event()).send(outgoing(*images))
    assert node.accepted() == uids(images) == list(batch.taken)
    assert node.associations == 1
    assert (batch.refused, batch.note, batch.unavailable) == ({}, None, None)


def test_a_kind_that_was_not_expected_gets_an_association_of_its_own(node: Node) -> None:
    images = [*make_series(2), *make_series(2, "MR")]
    batch = Destination(node).send(outgoing(*images))
    assert node.accepted() == uids(images) == list(batch.taken)
    assert node.associations == 2


def test_only_what_is_needed_is_proposed(node: Node) -> None:
    proposed: list[tuple[str, list[str]]] = []

    def remember(event: evt.Event, _request: object) -> int:
        contexts = event.assoc.requestor.requested_contexts
        proposed.extend((str(one.abstract_syntax), list(map(str, one.transfer_syntax))) for one in contexts)
        return SUCCESS

    node.behaviour = remember
    image = make_image()
    Destination(node).send(outgoing(image))
    assert proposed == [
        (image.SOPClassUID, [ExplicitVRLittleEndian]),
        (image.SOPClassUID, [ImplicitVRLittleEndian]),
    ]


def test_more_kinds_than_an_association_may_have(node: Node) -> None:
    images = []
    for context in AllStoragePresentationContexts[:70]:
        image = make_image(SOPClassUID=context.abstract_syntax)
        images.append(image)
    kinds = {str(one.SOPInstanceUID): (str(one.SOPClassUID), str(ExplicitVRLittleEndian)) for one in images}
    batch = Batch(kinds)
    Sending(Destination(node).node, Experience(), batch, threading.Event()).send(outgoing(*images))
    assert node.accepted() == uids(images)
    assert node.associations == 2


def test_a_sop_class_that_is_not_taken_does_not_keep_the_others() -> None:
    odd, good = make_series(12, "SR"), make_series(30)
    with Node(unique("NODE"), refused_contexts={odd[0].SOPClassUID}) as node:
        destination = Destination(node)
        batch = destination.send(outgoing(*odd, *good))
        assert node.accepted() == uids(good) == list(batch.taken)
        assert batch.refused.keys() == set(uids(odd))
        [said] = set(batch.refused.values())
        assert "takes no Enhanced SR Storage objects" in said
        assert batch.unavailable is None
        # The next time they come last, and are asked for again.
        again = destination.send(outgoing(*odd[:1], *good[:1]))
        assert again.taken.keys() == set(uids(good[:1]))
        assert again.refused.keys() == set(uids(odd[:1]))


def test_a_private_sop_class_has_the_name_that_people_know(node: Node) -> None:
    odd = make_image(SOPClassUID="1.3.12.2.1107.5.9.1")
    batch = Destination(node).send(outgoing(odd))
    assert "takes no Siemens CSA Non-Image Storage objects" in batch.refused[uids([odd])[0]]


def test_one_image_without_room_for_it_does_not_keep_the_others(node: Node) -> None:
    images = make_series(20)
    poison = uids(images[2:3])
    node.behaviour = refuse_instances(set(poison), OUT_OF_RESOURCES)
    destination = Destination(node)
    batch = destination.send(outgoing(*images))
    assert len(batch.taken) == 19
    assert batch.refused.keys() == set(poison)
    # Alone, it is still its own fault, and not the node's.
    alone = destination.send(outgoing(images[2]))
    assert (set(alone.refused), alone.unavailable) == (set(poison), None)


def test_a_node_without_room_for_anything_is_away_and_not_asked_for_all(node: Node) -> None:
    images = make_series(40)
    node.behaviour = lambda _event, _request: OUT_OF_RESOURCES
    destination = Destination(node)
    batch = destination.send(outgoing(*images))
    assert "out of resources" in (batch.unavailable or "")
    assert (batch.taken, batch.refused) == ({}, {})
    assert len(node.arrivals) < 10
    # What was asked for comes last the next time: these may be the only ones that it has no room for.
    tried = {arrival.uid for arrival in node.arrivals}
    node.behaviour = refuse_instances(tried, OUT_OF_RESOURCES)
    again = destination.send(outgoing(*images))
    assert again.taken.keys() == set(uids(images)) - tried
    assert again.refused.keys() == tried


def test_a_node_that_fills_up_in_the_middle_is_away(node: Node) -> None:
    images = make_series(40)
    node.behaviour = refuse_instances(set(uids(images[10:])), OUT_OF_RESOURCES)
    batch = Destination(node).send(outgoing(*images))
    assert list(batch.taken) == uids(images[:10])
    assert (batch.refused, "out of resources" in (batch.unavailable or "")) == ({}, True)


def test_each_image_has_the_reason_that_was_given_for_it(node: Node) -> None:
    images = make_series(5)
    statuses = dict(zip(uids(images), (SUCCESS, 0xB007, CANNOT_UNDERSTAND, 0xB123, 0x0124), strict=True))
    node.behaviour = lambda _event, request: statuses[str(request.AffectedSOPInstanceUID)]
    batch = Destination(node).send(outgoing(*images))
    assert list(batch.taken) == [uids(images)[number] for number in (0, 1, 3)]
    assert ["cannot understand" in batch.refused[uids(images)[2]]] == [True]
    assert "not authorized" in batch.refused[uids(images)[4]]


class TestDuplicates:
    """Nodes that have an instance of the UID already, and take no other (0111)."""

    @staticmethod
    def duplicate(_event: evt.Event, _request: object) -> int:
        return 0x0111

    def test_on_a_first_attempt_it_may_be_another_image(self, node: Node) -> None:
        node.behaviour = self.duplicate
        [image] = outgoing(make_image())
        destination = Destination(node)
        assert "another image" in destination.send([image]).refused[image.instance]
        # Nor does trying again make it this one.
        again = Outgoing(image.instance, image.read, False, may_be_there=True)
        assert "another image" in destination.send([again]).refused[image.instance]

    def test_after_an_attempt_that_may_have_brought_it_there_it_is_there(self, node: Node) -> None:
        node.behaviour = self.duplicate
        [image] = outgoing(make_image())
        batch = Destination(node).send([Outgoing(image.instance, image.read, False, may_be_there=True)])
        assert list(batch.taken) == [image.instance]
        assert "had 1 already" in (batch.note or "")

    def test_what_was_stored_before_the_association_was_lost(self, node: Node) -> None:
        images = make_series(6)
        seen: set[str] = set()

        def store(event: evt.Event, request: object) -> int:
            uid = str(request.AffectedSOPInstanceUID)  # type: ignore[attr-defined]
            if uid in seen:
                return 0x0111
            seen.add(uid)
            return abort(event, request) if len(seen) == 3 else SUCCESS  # type: ignore[arg-type]

        node.behaviour = store
        batch = Destination(node).send(outgoing(*images))
        assert batch.taken.keys() == set(uids(images))
        assert (batch.refused, batch.duplicates) == ({}, 1)
        # Nothing twice but what was under way.
        sent = [arrival.uid for arrival in node.arrivals]
        assert sorted(sent) == sorted([*uids(images), uids(images)[2]])


class TestLostAssociations:
    """Nodes that end associations in the middle."""

    def test_an_image_that_ends_it_does_not_keep_the_others(self, node: Node) -> None:
        images = make_series(10)
        poison = uids(images[4:5])
        node.behaviour = lambda event, request: (
            abort(event, request) if request.AffectedSOPInstanceUID in poison else SUCCESS
        )
        batch = Destination(node).send(outgoing(*images))
        assert batch.taken.keys() == {*uids(images)} - {*poison}
        assert "broken off" in batch.refused[poison[0]]
        assert batch.unavailable is None

    def test_a_node_that_ends_all_is_left_alone(self, node: Node) -> None:
        images = make_series(10)
        node.behaviour = abort
        batch = Destination(node).send(outgoing(*images))
        assert "broken off" in (batch.unavailable or "")
        assert len(node.arrivals) < 5

    def test_one_that_ends_it_now_and_then_gets_all(self, node: Node) -> None:
        images = make_series(12)
        count = iter(range(1000))
        node.behaviour = lambda event, request: abort(event, request) if next(count) % 4 == 3 else SUCCESS
        batch = Destination(node).send(outgoing(*images))
        assert batch.taken.keys() == set(uids(images)) == set(node.accepted())

    def test_one_that_does_not_answer(self, node: Node) -> None:
        node.hold()
        batch = Destination(node, timeout=1).send(outgoing(*make_series(3)))
        assert "not answered in time" in (batch.unavailable or "")
        assert len(node.arrivals) == 1
        node.let_go()


@pytest.mark.parametrize(
    ("reset", "said"), [(True, "broken off"), (False, "not answered in time")], ids=["reset", "silent"]
)
def test_what_is_no_node(reset: bool, said: str) -> None:
    with BrokenServer(reset=reset) as broken:
        batch = Destination(broken, timeout=1).send(outgoing(make_image()))
    assert said in (batch.unavailable or "")


def test_nobody_listens(node: Node) -> None:
    destination = Destination(node)
    destination.node = dicom_node.Node("NODE", "127.0.0.1", free_port(), "ROUTER", 5)
    assert "nobody listens" in (destination.send(outgoing(make_image())).unavailable or "")


def test_a_rejection_is_told_by_its_reason() -> None:
    with Node(unique("NODE"), only_from="SOMEBODY") as strict:
        batch = Destination(strict).send(outgoing(make_image()))
    assert "does not know our AE title ROUTER" in (batch.unavailable or "")


def test_only_a_few_images_are_in_memory(node: Node) -> None:
    read: list[str] = []

    def reading(image: Outgoing) -> bytes:
        read.append(image.instance)
        return image.read()

    images = [Outgoing(one.instance, partial(reading, one), False) for one in outgoing(*make_series(10))]
    node.hold()
    sending = threading.Thread(target=Destination(node, timeout=20).send, args=(images,))
    sending.start()
    node.wait_for_requests(1)
    assert len(read) <= 2
    node.let_go()
    sending.join()
    assert len(read) == 10


def test_images_that_cannot_be_had_do_not_keep_the_others(node: Node) -> None:
    def broken() -> bytes:
        raise ImageRefused("it is broken")

    first, second = outgoing(*make_series(2))
    bad = Outgoing("bad", broken, False)
    text = Outgoing("text", lambda: b"no DICOM at all" * 100, False)
    batch = Destination(node).send([bad, first, text, second])
    assert list(batch.taken) == [first.instance, second.instance]
    assert batch.refused["bad"] == "it is broken"
    assert "cannot be read" in batch.refused["text"]


def test_orthanc_goes_away_in_the_middle(node: Node) -> None:
    def away() -> bytes:
        raise OrthancUnreachable("Orthanc is stopping")

    first, second = outgoing(*make_series(2))
    batch = Destination(node).send([first, Outgoing("x", away, False), second])
    assert list(batch.taken) == [first.instance]
    assert batch.unavailable == "Orthanc is stopping"


def test_it_stops_when_the_router_does(node: Node) -> None:
    stopping = threading.Event()
    stopping.set()
    batch = Batch({})
    Sending(Destination(node).node, Experience(), batch, stopping).send(outgoing(make_image()))
    assert "stopped" in (batch.unavailable or "")
    assert node.arrivals == []


def compressed(syntax: UID) -> FileDataset:
    image = make_image(size=64 * 64 * 2)
    pixels = bytes(range(256)) * 32
    image.PixelData = pixels
    encode(image, [syntax])
    assert image.file_meta.TransferSyntaxUID == syntax
    return image


class TestTransferSyntaxes:
    """Nodes that take uncompressed images only, and judge them with dcmtk."""

    @pytest.fixture
    def implicit_only(self, tmp_path: Path) -> Iterator[StoreScp]:
        with StoreScp(tmp_path, "NODE", "+xi", any_transfer_syntax=False) as receiver:
            yield receiver

    @pytest.mark.parametrize("syntax", [RLELossless, JPEG2000Lossless, JPEGLSLossless, HTJ2KLossless])
    def test_what_is_compressed_is_decompressed_and_that_is_said(
        self, implicit_only: StoreScp, syntax: UID
    ) -> None:
        image, plain = compressed(syntax), make_image()
        batch = Destination(implicit_only).send(outgoing(image, plain))
        assert batch.taken.keys() == set(uids([image, plain]))
        assert f"1 sent as Implicit VR Little Endian, as the node does not take {syntax.name}" in (
            batch.note or ""
        )
        arrived = implicit_only.read(image.SOPInstanceUID)
        assert arrived.file_meta.TransferSyntaxUID == ImplicitVRLittleEndian
        assert arrived.PixelData == bytes(range(256)) * 32
        assert arrived.PatientID == image.PatientID

    def test_deflated_images_are_inflated(self, implicit_only: StoreScp) -> None:
        image = make_image()
        image.file_meta.TransferSyntaxUID = DeflatedExplicitVRLittleEndian
        Destination(implicit_only).send(outgoing(image))
        assert implicit_only.read(image.SOPInstanceUID).PixelData == image.PixelData

    def test_what_the_node_takes_arrives_byte_for_byte(self, tmp_path: Path) -> None:
        """Compressed, deflated, and as no library would write it."""
        files = [
            file_bytes(compressed(RLELossless)),
            *(
                Path(str(pydicom.data.get_testdata_file(name))).read_bytes()
                for name in ("image_dfl.dcm", "CT_small.dcm", "SC_rgb_jpeg_dcmtk.dcm")
            ),
        ]
        images = [Outgoing(str(number), lambda file=file: file, False) for number, file in enumerate(files)]  # type: ignore[misc]
        with StoreScp(tmp_path, "NODE", "+B") as receiver:
            batch = Destination(receiver).send(images)
            assert batch.refused == {}
            for number, file in enumerate(files):
                arrived = receiver.files()[batch.taken[str(number)][1]].read_bytes()
                assert data_set(arrived) == data_set(file) + b"\0" * (len(data_set(file)) % 2)

    def test_an_alias_may_forbid_it(self, implicit_only: StoreScp) -> None:
        image = compressed(RLELossless)
        batch = Destination(implicit_only, transcodes=False).send(outgoing(image))
        assert "RLE Lossless" in batch.refused[uids([image])[0]]

    def test_what_cannot_be_decompressed_is_told(self, implicit_only: StoreScp) -> None:
        image = make_image(NumberOfFrames=1)
        image.PixelData = encapsulate([b"no video"])
        image["PixelData"].is_undefined_length = True
        image.file_meta.TransferSyntaxUID = MPEG2MPML
        batch = Destination(implicit_only).send(outgoing(image))
        assert "MPEG2" in batch.refused[uids([image])[0]]
        assert batch.unencoded == set(uids([image]))


def data_set(file: bytes) -> bytes:
    """What is behind the meta information."""
    return file[144 + int.from_bytes(file[140:144], "little") :]


class TestTls:
    """As Orthanc's configuration has it."""

    def test_a_node_is_called_by_tls(self, tmp_path: Path) -> None:
        files = TlsFiles(tmp_path)
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
        context.check_hostname = False
        context.load_verify_locations(files.authority)
        context.load_cert_chain(files.certificate, files.key)
        images = make_series(3, size=100_000)
        with StoreScp(tmp_path / "node", "NODE", *files.of_storescp) as receiver:
            batch = Destination(receiver, tls=context).send(outgoing(*images))
            assert list(batch.taken) == uids(images)
            plain = Destination(receiver).send(outgoing(*images))
            assert plain.unavailable
            stranger = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
            stranger.check_hostname = False
            stranger.load_verify_locations(cadata=trustme.CA().cert_pem.bytes().decode())
            unknown = Destination(receiver, tls=stranger).send(outgoing(*images))
            assert "its certificate is not among" in (unknown.unavailable or "")
