# SPDX-License-Identifier: GPL-3.0-or-later
"""The kind `dicom`, on DICOM nodes that refuse, hang or lie."""

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from pydantic import ValidationError
from pydicom import Dataset
from pydicom.uid import ImplicitVRLittleEndian, JPEG2000Lossless, RLELossless

from integration.destinations.opening import changed, gone, opened, stored
from router.destinations import (
    KINDS,
    DestinationUnavailable,
    DicomTls,
    Installation,
    InstancesRefused,
    Outgoing,
    Sender,
    Unconfirmed,
)
from router.orthanc_api import OrthancApi
from samples import file_bytes, make_image, make_series, uids, unique
from servers.node import CANNOT_UNDERSTAND, OUT_OF_RESOURCES, Node, refuse_instances
from servers.orthanc import OrthancServer
from servers.process import free_port
from servers.sender import send
from servers.storescp import StoreScp
from servers.tcp_proxy import TcpProxy
from servers.tls_files import TlsFiles
from servers.waiting import wait_until


class TestDicom:
    """Another DICOM node."""

    @pytest.fixture
    def settings(self, node: Node) -> dict[str, Any]:
        return {"aet": node.aet, "host": node.host, "port": node.port, "timeout_seconds": 5}

    def test_changed_images_go_without_being_stored(
        self, here: OrthancServer, api: OrthancApi, node: Node, settings: dict[str, Any]
    ) -> None:
        before = here.instances()
        images = [make_image(), make_image("MR")]
        opened(api, "dicom", **settings, local_aet="OTHER").send(changed(*images))
        assert node.accepted() == uids(images)
        assert {arrival.calling_aet for arrival in node.arrivals} == {"OTHER"}
        assert here.instances() == before

    def test_changed_images_to_an_alias_have_this_destinations_own_title(
        self, here: OrthancServer, api: OrthancApi, node: Node
    ) -> None:
        alias = unique("alias")
        here.rest.request(
            "PUT", f"/modalities/{alias}", json={"AET": node.aet, "Host": node.host, "Port": node.port}
        )
        opened(api, "dicom", modality=alias, local_aet="OTHER").send(changed(make_image()))
        assert [arrival.calling_aet for arrival in node.arrivals] == ["OTHER"]

    def test_an_alias_says_how_a_node_is_called(
        self, here: OrthancServer, api: OrthancApi, tmp_path: Path
    ) -> None:
        """By TLS, with the files of Orthanc's configuration, and under which title."""
        files, alias = TlsFiles(tmp_path), unique("alias")
        known = DicomTls(str(files.certificate), str(files.key), str(files.authority))
        settings = KINDS["dicom"].settings.model_validate({"modality": alias})
        image = make_image()
        with StoreScp(tmp_path / "node", "NODE", *files.of_storescp, log=("-d",)) as node:
            entry = {"AET": node.aet, "Host": node.host, "Port": node.port, "UseDicomTls": True}
            here.rest.request("PUT", f"/modalities/{alias}", json={**entry, "LocalAet": "OTHER"})
            sender = KINDS["dicom"].open("router-1", settings, Installation(api, dicom_tls=known))
            assert isinstance(sender, Sender)
            sender.send(changed(image))
            assert "answered" in sender.test()
            node.wait_for(uids([image]))
            assert "Calling Application Name:    OTHER" in node.process.log_text()
        unknown = KINDS["dicom"].open("router-2", settings, Installation(api))
        with pytest.raises(DestinationUnavailable, match="DicomTlsTrustedCertificates"):
            unknown.test()

    def test_an_alias_that_orthanc_does_not_know(self, here: OrthancServer, api: OrthancApi) -> None:
        sender = opened(api, "dicom", modality="nobody")
        for images in (stored(here, api, *make_series(2)), changed(make_image())):
            with pytest.raises(DestinationUnavailable, match="knows no modality 'nobody'"):
                sender.send(images)
        with pytest.raises(DestinationUnavailable, match="knows no modality 'nobody'"):
            sender.test()

    def test_a_changed_image_that_is_refused_does_not_keep_the_others(
        self, api: OrthancApi, node: Node, settings: dict[str, Any]
    ) -> None:
        images = [make_image() for _ in range(3)]
        node.behaviour = refuse_instances(set(uids(images[1:2])), CANNOT_UNDERSTAND)
        with pytest.raises(InstancesRefused) as refused:
            opened(api, "dicom", **settings).send(changed(*images))
        assert list(refused.value.reasons) == uids(images[1:2])
        assert "cannot understand" in refused.value.reasons[uids(images)[1]]

    @pytest.mark.parametrize("is_stored", [True, False])
    def test_a_sop_class_that_is_not_taken_is_named(
        self, here: OrthancServer, api: OrthancApi, is_stored: bool
    ) -> None:
        image = make_image("MR")
        with Node(unique("NODE"), refused_contexts={image.SOPClassUID}) as node:
            sender = opened(api, "dicom", aet=node.aet, host=node.host, port=node.port)
            with pytest.raises(InstancesRefused) as refused:
                sender.send(stored(here, api, image) if is_stored else changed(image))
        said = " ".join((str(refused.value), *refused.value.reasons.values()))
        assert "MR Image Storage" in said
        assert image.SOPClassUID in said

    @pytest.mark.parametrize("is_stored", [True, False])
    def test_a_node_without_room_is_not_the_images_fault(
        self, here: OrthancServer, api: OrthancApi, node: Node, settings: dict[str, Any], is_stored: bool
    ) -> None:
        node.behaviour = lambda _event, _request: OUT_OF_RESOURCES
        sender = opened(api, "dicom", **settings)
        image = make_image()
        with pytest.raises(DestinationUnavailable, match="out of resources"):
            sender.send(stored(here, api, image) if is_stored else changed(image))

    @pytest.mark.parametrize("is_stored", [True, False])
    def test_what_had_arrived_before_the_node_went_away(
        self, here: OrthancServer, api: OrthancApi, node: Node, settings: dict[str, Any], is_stored: bool
    ) -> None:
        images = make_series(12)
        node.behaviour = refuse_instances(set(uids(images[1:])), OUT_OF_RESOURCES)
        sent = stored(here, api, *images) if is_stored else changed(*images)
        with pytest.raises(DestinationUnavailable) as unavailable:
            opened(api, "dicom", **settings).send(sent)
        assert unavailable.value.arrived == [sent[0].instance]

    @pytest.mark.parametrize("status", [OUT_OF_RESOURCES, CANNOT_UNDERSTAND])
    def test_an_image_that_is_refused_holds_up_no_other(
        self, here: OrthancServer, api: OrthancApi, node: Node, settings: dict[str, Any], status: int
    ) -> None:
        images = stored(here, api, *(originals := make_series(8)))
        node.behaviour = refuse_instances(set(uids(originals[1:2])), status)
        sender = opened(api, "dicom", **settings)
        with pytest.raises(InstancesRefused) as refused:
            sender.send(images)
        assert list(refused.value.reasons) == [images[1].instance]
        assert set(node.accepted()) == set(uids(originals)) - set(uids(originals[1:2]))
        with pytest.raises(InstancesRefused):
            sender.send(images[1:2])

    def test_a_sop_class_that_is_refused_holds_up_no_other(
        self, here: OrthancServer, api: OrthancApi
    ) -> None:
        odd, good = make_series(12, "SR"), make_series(12)
        images = stored(here, api, *odd, *good)
        with Node(unique("NODE"), refused_contexts={odd[0].SOPClassUID}) as node:
            sender = opened(api, "dicom", aet=node.aet, host=node.host, port=node.port)
            with pytest.raises(InstancesRefused) as refused:
                sender.send(images)
            assert set(node.accepted()) == set(uids(good))
            assert len(refused.value.reasons) == 12
            assert len(set(refused.value.reasons.values())) == 1

    def test_what_was_deleted_is_told_apart(
        self, here: OrthancServer, api: OrthancApi, node: Node, settings: dict[str, Any]
    ) -> None:
        [image] = stored(here, api, make_image())
        missing = gone(api)
        with pytest.raises(InstancesRefused) as refused:
            opened(api, "dicom", **settings).send([missing, image])
        assert refused.value.gone == {missing.instance}
        assert refused.value.reasons == {missing.instance: "not in Orthanc any more"}
        assert len(node.accepted()) == 1

    def test_an_instance_that_the_node_has_already(
        self, here: OrthancServer, api: OrthancApi, node: Node, settings: dict[str, Any]
    ) -> None:
        node.behaviour = lambda _event, _request: 0x0111
        [image] = stored(here, api, make_image())
        with pytest.raises(InstancesRefused, match="1 of 1") as refused:
            opened(api, "dicom", **settings).send([image])
        assert "another image" in refused.value.reasons[image.instance]
        again = Outgoing(image.instance, image.read, may_be_there=True)
        assert "had 1 already" in (opened(api, "dicom", **settings).send([again]) or "")

    @pytest.mark.parametrize("warning", [0xB000, 0xB123, 0x0001, 0x0107, 0x0116])
    def test_a_node_that_warns_of_an_image_that_goes_alone_and_then_has_it(
        self, here: OrthancServer, api: OrthancApi, node: Node, settings: dict[str, Any], warning: int
    ) -> None:
        """Orthanc takes most warnings for failures. What it sends in one association is of one transfer
        syntax, and here it is one image."""
        images = [make_image(size=8192) for _ in range(3)]
        images[0].compress(RLELossless, generate_instance_uid=False)
        node.behaviour = lambda _event, request: (
            0x0111 if str(request.AffectedSOPInstanceUID) in {one.uid for one in node.arrivals} else warning
        )
        sender = opened(api, "dicom", **settings)
        sender.send(stored(here, api, *images))
        assert {arrival.uid for arrival in node.arrivals} == set(uids(images))

    def test_stored_images_in_a_syntax_that_the_node_does_not_take(
        self, here: OrthancServer, api: OrthancApi, tmp_path: Path
    ) -> None:
        """Orthanc by itself knows neither JPEG 2000 nor RLE."""
        images = [make_image(size=8192) for _ in range(3)]
        for image, syntax in zip(images, (JPEG2000Lossless, RLELossless), strict=False):
            image.compress(syntax, generate_instance_uid=False)
        with StoreScp(tmp_path, "NODE", "+xi", any_transfer_syntax=False) as node:
            sender = opened(api, "dicom", aet=node.aet, host=node.host, port=node.port)
            sent = sender.send(stored(here, api, *images))
            assert {node.read(uid).file_meta.TransferSyntaxUID for uid in uids(images)} == {
                ImplicitVRLittleEndian
            }
        assert "the node does not take JPEG 2000" in (sent or "")

    @pytest.mark.parametrize(
        ("different", "said"),
        [
            ({"port": free_port()}, "nobody listens"),
            ({"host": "no-such-host.invalid"}, "host name is not known"),
        ],
    )
    def test_one_that_cannot_be_had(
        self,
        here: OrthancServer,
        api: OrthancApi,
        settings: dict[str, Any],
        different: dict[str, object],
        said: str,
    ) -> None:
        sender = opened(api, "dicom", **{**settings, **different})
        for images in (stored(here, api, make_image()), changed(make_image())):
            with pytest.raises(DestinationUnavailable, match=said):
                sender.send(images)
        with pytest.raises(DestinationUnavailable, match=said):
            sender.test()

    @pytest.mark.parametrize("is_stored", [True, False])
    def test_one_that_takes_the_association_and_says_nothing(
        self, here: OrthancServer, api: OrthancApi, node: Node, settings: dict[str, Any], is_stored: bool
    ) -> None:
        node.hold()
        sender = opened(api, "dicom", **{**settings, "timeout_seconds": 1})
        image = make_image()
        with pytest.raises(DestinationUnavailable, match="answer"):
            sender.send(stored(here, api, image) if is_stored else changed(image))
        node.let_go()

    @pytest.mark.parametrize("is_stored", [True, False])
    def test_a_line_that_is_cut_loses_nothing(
        self, here: OrthancServer, api: OrthancApi, node: Node, settings: dict[str, Any], is_stored: bool
    ) -> None:
        first, second = make_image(), make_image(size=2_000_000)
        images = stored(here, api, first, second) if is_stored else changed(first, second)
        with TcpProxy(node.port, cut_after=500_000) as proxy:
            sender = opened(api, "dicom", **{**settings, "port": proxy.port})
            with pytest.raises((DestinationUnavailable, InstancesRefused)) as cut:
                sender.send(images)
            told = getattr(cut.value, "reasons", {}).values() or [str(cut.value)]
            assert all("broken off" in text for text in told)
            proxy.cut_after = None
            sender.send(images)
        assert set(node.accepted()) == set(uids([first, second]))

    def test_titles_that_the_node_does_not_know(self, api: OrthancApi) -> None:
        """What a login is to other kinds."""
        with Node(unique("NODE"), only_from="SOMEBODY") as node:
            address = {"host": node.host, "port": node.port}
            for titles, said in (
                ({"aet": node.aet}, "does not know our AE title HERE"),
                ({"aet": "OTHER", "local_aet": "SOMEBODY"}, "not called by the AE title OTHER"),
            ):
                sender = opened(api, "dicom", **address, **titles)
                with pytest.raises(
                    DestinationUnavailable,
                    match=said,
                ):
                    sender.send(changed(make_image()))
                with pytest.raises(
                    DestinationUnavailable,
                    match=said,
                ):
                    sender.test()
            opened(api, "dicom", **address, aet=node.aet, local_aet="SOMEBODY").send(changed(make_image()))


class TestTitlesOfTheSender:
    """The node is called as the sender of each image called Orthanc, or by the sender's own title."""

    @pytest.fixture
    def received(self, here: OrthancServer, api: OrthancApi) -> dict[str, list[Outgoing]]:
        """Images by the title of their sender, in the order of arrival mixed; empty: not by DICOM."""
        found: dict[str, list[Outgoing]] = {"CT1": [], "MR2": [], "": []}
        for _ in range(2):
            for sender, outgoing in found.items():
                image = make_image()
                if sender:
                    send(here.dicom_port, [image], sender, f"TO_{sender}")
                else:
                    here.rest.upload(file_bytes(image))
                [instance] = here.rest.call(
                    "POST",
                    "/tools/find",
                    json={"Level": "Instance", "Query": {"SOPInstanceUID": str(image.SOPInstanceUID)}},
                )
                outgoing.append(Outgoing(instance, partial(api.file, instance)))
        return found

    @staticmethod
    def mixed(received: dict[str, list[Outgoing]]) -> list[Outgoing]:
        return [image for images in zip(*received.values(), strict=True) for image in images]

    def test_each_sender_has_an_association_of_its_own(
        self, api: OrthancApi, node: Node, received: dict[str, list[Outgoing]]
    ) -> None:
        address = {"aet": node.aet, "host": node.host, "port": node.port}
        images = self.mixed(received)
        opened(api, "dicom", **address, calling="sender", called="as_sender").send(images)
        seen = {(one.association, one.calling_aet, one.called_aet) for one in node.arrivals}
        titles = {("CT1", "TO_CT1"), ("MR2", "TO_MR2"), ("HERE", node.aet)}
        assert len(seen) == 3
        assert {(calling, called) for _, calling, called in seen} == titles
        assert len(node.accepted()) == len(images)

    def test_changed_images_have_the_titles_of_those_they_were_made_from(
        self, api: OrthancApi, node: Node, received: dict[str, list[Outgoing]]
    ) -> None:
        [image] = changed(make_image())
        made = replace(image, instance=received["CT1"][0].instance)
        address = {"aet": node.aet, "host": node.host, "port": node.port}
        opened(api, "dicom", **address, calling="sender", local_aet="LOCAL").send([made])
        assert [(one.calling_aet, one.called_aet) for one in node.arrivals] == [("CT1", node.aet)]
        opened(api, "dicom", **address, calling="sender", local_aet="LOCAL").send([received[""][0]])
        assert node.arrivals[-1].calling_aet == "LOCAL"

    def test_a_sender_that_the_node_does_not_know_holds_up_no_other(
        self, api: OrthancApi, received: dict[str, list[Outgoing]]
    ) -> None:
        with Node(unique("NODE"), only_from="MR2") as node:
            address = {"aet": node.aet, "host": node.host, "port": node.port}
            sender = opened(api, "dicom", **address, calling="sender")
            with pytest.raises(InstancesRefused) as refused:
                sender.send(self.mixed(received))
            assert len(node.accepted()) == 2
            others = {one.instance for one in (*received["CT1"], *received[""])}
            assert refused.value.reasons.keys() == others
            assert "does not know our AE title CT1" in refused.value.reasons[received["CT1"][0].instance]
            # Where none gets through, it is the destination that cannot be used.
            with pytest.raises(DestinationUnavailable, match="does not know our AE title CT1"):
                sender.send([*received["CT1"], *received[""]])

    def test_a_node_that_is_away_is_called_once(
        self, api: OrthancApi, received: dict[str, list[Outgoing]]
    ) -> None:
        address = {"aet": "AWAY", "host": "127.0.0.1", "port": free_port()}
        with pytest.raises(DestinationUnavailable, match="nobody listens"):
            opened(api, "dicom", **address, calling="sender").send(self.mixed(received))

    def test_commitments_are_asked_for_under_one_title(self) -> None:
        settings = {"modality": "pacs", "storage_commitment": True, "calling": "sender"}
        with pytest.raises(ValidationError, match="leave calling and called at own"):
            KINDS["dicom"].settings.model_validate(settings)


class TestStorageCommitment:
    """Images have arrived only once the node has committed to keep them (PS3.4, annex J)."""

    @pytest.fixture
    def settings(self, here: OrthancServer, there: OrthancServer) -> dict[str, Any]:
        # The node must know whom to report to.
        node = {"AET": "HERE", "Host": "127.0.0.1", "Port": here.dicom_port}
        there.rest.request("PUT", "/modalities/here", json=node)
        address = {"aet": "THERE", "host": "127.0.0.1", "port": there.dicom_port}
        return {**address, "storage_commitment": True, "commitment_seconds": 5}

    def test_a_second_orthanc_commits_to_stored_and_changed_images(
        self, here: OrthancServer, there: OrthancServer, api: OrthancApi, settings: dict[str, Any]
    ) -> None:
        images, others = [make_image(), make_image("MR")], [make_image(PatientID="CHANGED")]
        sender = opened(api, "dicom", **settings)
        sender.send([*stored(here, api, *images), *changed(*others)])
        assert there.sop_instance_uids() >= set(uids([*images, *others]))

    def test_what_the_node_has_lost_again_is_not_taken_for_arrived(
        self, here: OrthancServer, api: OrthancApi
    ) -> None:
        kept, lost = make_image(), make_image()
        with Node(unique("NODE")) as node:
            address = {"aet": node.aet, "host": node.host, "port": node.port}
            sender = opened(api, "dicom", **address, storage_commitment=True, commitment_seconds=20)
            with ThreadPoolExecutor() as threads:
                sending = threads.submit(sender.send, changed(kept, lost))
                [request] = wait_until(lambda: node.commitments)
                committed, failed = split(request, lost)
                node.report_commitment(here.dicom_port, "HERE", request.TransactionUID, committed, failed)
                refused = sending.exception(20)
        assert isinstance(refused, InstancesRefused)
        assert list(refused.reasons) == uids([lost])
        assert "not commit" in refused.reasons[uids([lost])[0]]
        assert refused.arrived == uids([kept])

    def test_what_was_taken_is_asked_for_again_and_not_sent_again(
        self, here: OrthancServer, api: OrthancApi, node: Node
    ) -> None:
        address = {"aet": node.aet, "host": node.host, "port": node.port}
        sender = opened(api, "dicom", **address, storage_commitment=True)
        images = changed(make_image(), make_image())
        receipts = unconfirmed(sender, images).receipts
        assert receipts.keys() == {image.instance for image in images}
        again = [replace(image, receipt=receipts[image.instance]) for image in images]
        # Orthanc keeps only the last part of what a node reports.
        [request] = node.commitments
        first, second = request.ReferencedSOPSequence
        node.report_commitment(here.dicom_port, "HERE", request.TransactionUID, [first], [])
        assert unconfirmed(sender, again).arrived == [again[0].instance]
        node.report_commitment(here.dicom_port, "HERE", request.TransactionUID, [second], [])
        assert sender.send(again[1:]) is None
        assert len(node.accepted()) == 2
        assert len(node.commitments) == 1

    @pytest.mark.parametrize("overdue", ["ask", "send", "accept"])
    def test_a_node_that_does_not_commit_in_time(self, api: OrthancApi, node: Node, overdue: str) -> None:
        address = {"aet": node.aet, "host": node.host, "port": node.port}
        settings = {"storage_commitment": True, "commitment_seconds": 5, "commitment_overdue": overdue}
        sender = opened(api, "dicom", **address, **settings)
        [image] = changed(make_image())
        receipt = unconfirmed(sender, [image]).receipts[image.instance]
        sop_class, uid, taken_at, asked_at, transaction = receipt.split()
        earlier = f"{sop_class} {uid} {int(taken_at) - 60} {int(asked_at) - 60} {transaction}"
        image = replace(image, receipt=earlier)
        if overdue == "accept":
            assert "has not committed" in str(sender.send([image]))
            return
        if overdue == "send":
            with pytest.raises(InstancesRefused) as refused:
                sender.send([image])
            assert "not committed within 5 s" in refused.value.reasons[image.instance]
            return
        overdue_now = unconfirmed(sender, [image])
        assert "not committed within 5 s" in overdue_now.reasons[image.instance]
        # The next attempt asks again.
        image = replace(image, receipt=overdue_now.receipts[image.instance])
        assert unconfirmed(sender, [image]).reasons == {}
        assert len(node.commitments) == 2
        assert len(node.accepted()) == 1

    def test_a_node_that_does_not_know_of_it(self, api: OrthancApi) -> None:
        with Node(unique("NODE"), commits=False) as node:
            address = {"aet": node.aet, "host": node.host, "port": node.port}
            sender = opened(api, "dicom", **address, storage_commitment=True, commitment_seconds=5)
            error = unconfirmed(sender, changed(make_image()))
            [reason] = error.reasons.values()
            assert "takes no request for a commitment" in reason
            assert error.receipts.keys() == error.reasons.keys()


def unconfirmed(sender: Sender, images: list[Outgoing]) -> Unconfirmed:
    """What is said of images that the node has taken and not committed to."""
    with pytest.raises(Unconfirmed) as caught:
        sender.send(images)
    return caught.value


def split(request: Dataset, lost: Dataset) -> tuple[list[Dataset], list[Dataset]]:
    """What a node reports of a request: all but one image is kept."""
    items = list(request.ReferencedSOPSequence)
    failed = [item for item in items if item.ReferencedSOPInstanceUID == lost.SOPInstanceUID]
    for item in failed:
        item.FailureReason = 0x0112
    return [item for item in items if item not in failed], failed
