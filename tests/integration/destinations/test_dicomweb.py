# SPDX-License-Identifier: GPL-3.0-or-later
"""The kind `dicomweb`, on a second Orthanc, scripted servers and broken lines."""

import json
from functools import partial
from typing import Any

import pytest
import requests

from integration.destinations.opening import LOGIN, changed, gone, opened, stored
from router.destinations import (
    DestinationUnavailable,
    InstancesRefused,
    Outgoing,
)
from router.destinations.stow import multipart, store_response
from router.orthanc_api import OrthancApi
from samples import file_bytes, make_image, uids
from servers.orthanc import PASSWORD, USERNAME, OrthancServer
from servers.process import free_port
from servers.scripted_http import Answer, Asked, ScriptedHttp
from servers.tcp_proxy import TcpProxy


def sequence(*uids: str, reason: int | None = None) -> dict[str, Any]:
    """A sequence of a STOW-RS answer."""
    more = {} if reason is None else {"00081197": {"vr": "US", "Value": [reason]}}
    return {"vr": "SQ", "Value": [{"00081155": {"vr": "UI", "Value": [uid]}, **more} for uid in uids]}


class TestDicomWeb:
    """A DICOMweb server given by its URL."""

    @pytest.fixture
    def settings(self, there: OrthancServer) -> dict[str, Any]:
        return {"url": f"{there.url}/dicom-web", **LOGIN, "timeout_seconds": 5}

    def test_stored_and_changed_images_arrive(
        self, here: OrthancServer, there: OrthancServer, api: OrthancApi, settings: dict[str, Any]
    ) -> None:
        images, others = [make_image(), make_image("MR")], [make_image(PatientID="CHANGED")]
        sender = opened(api, "dicomweb", **settings)
        sender.send([*stored(here, api, *images), *changed(*others)])
        assert there.sop_instance_uids() >= set(uids([*images, *others]))
        assert "QIDO" in sender.test()
        sender.close()

    def test_pixels_arrive_as_they_were(
        self, there: OrthancServer, api: OrthancApi, settings: dict[str, Any]
    ) -> None:
        image = make_image(size=50_000)
        opened(api, "dicomweb", **settings).send(changed(image))
        wanted = {"Level": "Instance", "Query": {"SOPInstanceUID": str(image.SOPInstanceUID)}}
        [instance] = there.rest.post("/tools/find", wanted)
        assert there.dicom(instance) == file_bytes(image)

    def test_many_images_go_in_requests_of_bounded_size(self, api: OrthancApi) -> None:
        images = [make_image(size=6_000_000) for _ in range(4)]
        with ScriptedHttp(lambda _: Answer(200)) as server:
            opened(api, "dicomweb", url=server.url).send(changed(*images))
        assert [len(asked.body) // 6_000_000 for asked in server.asked] == [2, 2]

    def test_what_the_server_cannot_read_is_named(
        self, there: OrthancServer, api: OrthancApi, settings: dict[str, Any]
    ) -> None:
        image = make_image()
        bad = Outgoing("bad", lambda: b"garbage", is_stored=False)
        with pytest.raises(InstancesRefused) as refused:
            opened(api, "dicomweb", **settings).send([bad, *changed(image), gone(api)])
        assert refused.value.reasons.keys() == {"bad", gone(api).instance}
        assert uids([image])[0] in there.sop_instance_uids()

    @pytest.mark.parametrize("status", [200, 202, 409])
    def test_a_partial_failure_is_understood_image_by_image(self, api: OrthancApi, status: int) -> None:
        good, bad, worse = images = [make_image() for _ in range(3)]
        answer = {
            "00081198": sequence(str(bad.SOPInstanceUID), reason=0xA700),
            "00081199": sequence(str(good.SOPInstanceUID)),
        }
        answer["00081198"]["Value"] += sequence(str(worse.SOPInstanceUID), reason=0x0122)["Value"]
        with (
            ScriptedHttp(lambda _: Answer(status, json.dumps(answer).encode())) as server,
            pytest.raises(InstancesRefused) as refused,
        ):
            opened(api, "dicomweb", url=server.url).send(changed(*images))
        assert refused.value.reasons.keys() == {bad.SOPInstanceUID, worse.SOPInstanceUID}
        assert "out of resources" in refused.value.reasons[str(bad.SOPInstanceUID)]
        assert "does not support this SOP class" in refused.value.reasons[str(worse.SOPInstanceUID)]

    def test_what_an_answer_leaves_out_has_not_arrived(self, api: OrthancApi) -> None:
        """As Orthanc's plugin answers when its disk is full: with success, and nothing in either sequence."""
        kept, lost = make_image(), make_image()
        for named in ([], [kept]):
            answer = {"00081198": {"vr": "SQ"}, "00081199": sequence(*uids(named))}
            with (
                ScriptedHttp(
                    partial(lambda told, _: Answer(200, told), json.dumps(answer).encode())
                ) as server,
                pytest.raises(InstancesRefused) as refused,
            ):
                opened(api, "dicomweb", url=server.url).send(changed(kept, lost))
            assert refused.value.reasons.keys() == {*uids([kept, lost])} - {*uids(named)}
            assert "disk" in refused.value.reasons[uids([lost])[0]]

    def test_a_refusal_of_the_whole_request_is_narrowed_down(self, api: OrthancApi) -> None:
        good, bad = make_image(), make_image()

        def answer(asked: Asked) -> Answer:
            return Answer(400, b"no") if str(bad.SOPInstanceUID).encode() in asked.body else Answer(200)

        with ScriptedHttp(answer) as server, pytest.raises(InstancesRefused) as refused:
            opened(api, "dicomweb", url=server.url).send(changed(good, bad))
        assert list(refused.value.reasons) == uids([bad])

    @pytest.mark.parametrize("form", ["json", "xml"])
    def test_what_a_real_server_says_is_read_in_both_forms(self, there: OrthancServer, form: str) -> None:
        image = make_image()
        body, content_type = multipart([file_bytes(image), b"garbage"])
        headers = {"Content-Type": content_type, "Accept": f"application/dicom+{form}"}
        answer = requests.post(
            f"{there.url}/dicom-web/studies", body, headers=headers, auth=(USERNAME, PASSWORD), timeout=10
        )
        assert answer.content.startswith(b"{" if form == "json" else b"<")
        told = store_response(answer.content)
        assert told is not None
        assert (set(told.stored), set(told.failed)) == (set(uids([image])), set())

    @pytest.mark.parametrize(
        ("different", "said"),
        [
            ({"password": "wrong"}, "refuses the user or the password"),
            ({"url": f"http://127.0.0.1:{free_port()}"}, "check that the server runs"),
            ({"url": "http://no-such-host.invalid"}, "not known"),
        ],
    )
    def test_one_that_cannot_be_had(
        self, api: OrthancApi, settings: dict[str, Any], different: dict[str, str], said: str
    ) -> None:
        sender = opened(api, "dicomweb", **{**settings, **different})
        with pytest.raises(DestinationUnavailable, match=said):
            sender.send(changed(make_image()))
        with pytest.raises(DestinationUnavailable, match=said):
            sender.test()

    @pytest.mark.parametrize("path", ["/nothing", ""])
    def test_a_url_that_is_no_dicomweb_server(self, there: OrthancServer, api: OrthancApi, path: str) -> None:
        sender = opened(api, "dicomweb", url=there.url + path, **LOGIN)
        with pytest.raises(DestinationUnavailable, match="correct the URL"):
            sender.test()
        with pytest.raises(DestinationUnavailable, match="correct the URL"):
            sender.send(changed(make_image()))

    def test_one_that_does_not_answer(
        self, there: OrthancServer, api: OrthancApi, settings: dict[str, Any]
    ) -> None:
        with TcpProxy(there.http_port) as proxy:
            proxy.hold()
            url = f"http://127.0.0.1:{proxy.port}/dicom-web"
            sender = opened(api, "dicomweb", **{**settings, "url": url, "timeout_seconds": 1})
            with pytest.raises(DestinationUnavailable, match="not answered within 1 s"):
                sender.send(changed(make_image()))

    def test_a_line_that_is_cut_loses_nothing(
        self, there: OrthancServer, api: OrthancApi, settings: dict[str, Any]
    ) -> None:
        image = make_image(size=2_000_000)
        with TcpProxy(there.http_port, cut_after=500_000) as proxy:
            sender = opened(
                api, "dicomweb", **{**settings, "url": f"http://127.0.0.1:{proxy.port}/dicom-web"}
            )
            with pytest.raises(DestinationUnavailable, match="broken off"):
                sender.send(changed(image))
            proxy.cut_after = None
            sender.send(changed(image))
        assert uids([image])[0] in there.sop_instance_uids()


@pytest.fixture(scope="module")
def dicomweb_servers(here: OrthancServer, there: OrthancServer) -> None:
    """Servers that the sending Orthanc's DICOMweb plugin knows."""
    url = f"{there.url}/dicom-web/"
    servers = {
        "there": {"Url": url, "Username": USERNAME, "Password": PASSWORD},
        "wrong": {"Url": url, "Username": USERNAME, "Password": "wrong"},
        "down": {"Url": f"http://127.0.0.1:{free_port()}/"},
    }
    for alias, server in servers.items():
        here.rest.request("PUT", f"/dicom-web/servers/{alias}", json=server)


@pytest.mark.usefixtures("dicomweb_servers")
class TestDicomWebByAlias:
    """A server that the DICOMweb plugin's configuration names."""

    def test_stored_images_arrive(self, here: OrthancServer, there: OrthancServer, api: OrthancApi) -> None:
        images = [make_image(), make_image("MR")]
        sender = opened(api, "dicomweb", server="there")
        sender.send(stored(here, api, *images))
        assert there.sop_instance_uids() >= set(uids(images))
        assert "QIDO" in sender.test()

    def test_changed_images_need_a_server_without_login(self, here: OrthancServer, api: OrthancApi) -> None:
        with pytest.raises(DestinationUnavailable, match="in the destination instead"):
            opened(api, "dicomweb", server="there").send(changed(make_image()))
        with ScriptedHttp(lambda _: Answer(200)) as server:
            here.rest.request("PUT", "/dicom-web/servers/open", json={"Url": f"{server.url}/"})
            opened(api, "dicomweb", server="open").send(changed(make_image()))
        assert [asked.path for asked in server.asked] == ["/studies"]

    @pytest.mark.parametrize(
        ("alias", "said"),
        [("wrong", "the password"), ("down", "cannot be reached"), ("none", "no server 'none'")],
    )
    def test_one_that_cannot_be_had(
        self, here: OrthancServer, api: OrthancApi, alias: str, said: str
    ) -> None:
        sender = opened(api, "dicomweb", server=alias)
        with pytest.raises(DestinationUnavailable, match=said):
            sender.send(stored(here, api, make_image()))
        with pytest.raises(DestinationUnavailable, match=said):
            sender.test()

    def test_what_is_gone_is_refused_so_that_it_can_be_found(
        self, here: OrthancServer, api: OrthancApi
    ) -> None:
        with pytest.raises(InstancesRefused):
            opened(api, "dicomweb", server="there").send([*stored(here, api, make_image()), gone(api)])
