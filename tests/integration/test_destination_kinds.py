"""The kinds that send over the network, on real servers: a second Orthanc, DICOM nodes, broken lines.

The Orthanc that sends is a plain one; the kinds are opened here as the router opens them.
"""

import base64
import json
import ssl
import subprocess
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from pydicom import Dataset

from router.destinations import (
    KINDS,
    DestinationUnavailable,
    Installation,
    InstancesRefused,
    LoginRefused,
    Outgoing,
    Sender,
)
from router.orthanc_api import OrthancApi
from samples import file_bytes, make_image, uids, unique
from servers.orthanc import PASSWORD, USERNAME, OrthancServer
from servers.process import free_port
from servers.scripted_http import Answer, Asked, ScriptedHttp
from servers.storescp import (
    CANNOT_UNDERSTAND,
    OUT_OF_RESOURCES,
    Node,
    refuse_instances,
)
from servers.tcp_proxy import TcpProxy
from servers.waiting import wait_until

LOGIN = {"username": USERNAME, "password": PASSWORD}


@pytest.fixture(scope="module")
def here(tmp_path_factory: pytest.TempPathFactory) -> Iterator[OrthancServer]:
    """The Orthanc that sends."""
    with OrthancServer(tmp_path_factory.mktemp("here"), plugin=False, aet="HERE") as server:
        yield server


@pytest.fixture(scope="module")
def there(tmp_path_factory: pytest.TempPathFactory) -> Iterator[OrthancServer]:
    """The Orthanc that receives."""
    with OrthancServer(tmp_path_factory.mktemp("there"), plugin=False, aet="THERE") as server:
        yield server


@pytest.fixture(scope="module")
def api(here: OrthancServer) -> Iterator[OrthancApi]:
    token = base64.b64encode(f"{USERNAME}:{PASSWORD}".encode()).decode()
    api = OrthancApi(here.http_port, f"Basic {token}")
    yield api
    api.close()


def opened(api: OrthancApi, kind: str, **settings: object) -> Sender:
    """A destination of this kind, opened."""
    checked = KINDS[kind].settings.model_validate(settings)
    sender = KINDS[kind].open(unique("d").lower(), checked, Installation(api))
    assert isinstance(sender, Sender)
    return sender


def stored(here: OrthancServer, api: OrthancApi, *images: Dataset) -> list[Outgoing]:
    """Images that the sending Orthanc stores."""
    instances = [here.rest.upload(file_bytes(image)) for image in images]
    return [Outgoing(instance, partial(api.file, instance)) for instance in instances]


def changed(*images: Dataset) -> list[Outgoing]:
    """Images that no Orthanc stores, as a transform makes them."""
    return [
        Outgoing(str(image.SOPInstanceUID), partial(bytes, file_bytes(image)), is_stored=False)
        for image in images
    ]


def gone(api: OrthancApi) -> Outgoing:
    """An image that was deleted before it could be sent."""
    instance = "-".join(["00000000"] * 5)
    return Outgoing(instance, partial(api.file, instance))


class TestPeer:
    """Another Orthanc by its REST API, given by its URL."""

    @pytest.fixture
    def settings(self, there: OrthancServer) -> dict[str, Any]:
        return {"url": f"{there.url}/", **LOGIN, "timeout_seconds": 5}

    def test_stored_and_changed_images_arrive(
        self, here: OrthancServer, there: OrthancServer, api: OrthancApi, settings: dict[str, Any]
    ) -> None:
        images, others = [make_image(), make_image("MR")], [make_image(PatientID="CHANGED")]
        sender = opened(api, "peer", **settings)
        sender.send([*stored(here, api, *images), *changed(*others)])
        assert there.sop_instance_uids() >= set(uids([*images, *others]))
        assert "1." in sender.test()
        sender.close()

    def test_its_password_is_not_written_into_orthancs_database(
        self, here: OrthancServer, api: OrthancApi, settings: dict[str, Any]
    ) -> None:
        opened(api, "peer", **settings).send(changed(make_image()))
        assert here.rest.get("/peers") == []

    def test_what_the_peer_does_not_take_is_named(
        self, here: OrthancServer, there: OrthancServer, api: OrthancApi, settings: dict[str, Any]
    ) -> None:
        image = make_image()
        bad = Outgoing("bad", lambda: b"garbage", is_stored=False)
        with pytest.raises(InstancesRefused) as refused:
            opened(api, "peer", **settings).send([bad, gone(api), *stored(here, api, image)])
        assert refused.value.reasons.keys() == {"bad", gone(api).instance}
        assert "invalid DICOM" in refused.value.reasons["bad"]
        assert "not in Orthanc" in refused.value.reasons[gone(api).instance]
        assert uids([image])[0] in there.sop_instance_uids()

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
        sender = opened(api, "peer", **{**settings, **different})
        with pytest.raises(DestinationUnavailable, match=said) as unavailable:
            sender.send(changed(make_image()))
        with pytest.raises(DestinationUnavailable, match=said):
            sender.test()
        assert "wrong" not in str(unavailable.value)

    def test_a_url_that_is_no_orthanc(self, api: OrthancApi, settings: dict[str, Any]) -> None:
        sender = opened(api, "peer", **{**settings, "url": f"{settings['url']}nothing"})
        with pytest.raises(DestinationUnavailable, match="is no Orthanc"):
            sender.test()
        with pytest.raises(DestinationUnavailable, match="is no Orthanc"):
            sender.send(changed(make_image()))

    @pytest.mark.parametrize(
        ("answer", "said"),
        [
            (Answer(507), "no room left"),
            (Answer(503), "cannot take anything now"),
            (Answer(301, headers={"Location": "https://elsewhere/"}), "has moved to https://elsewhere/"),
        ],
    )
    def test_a_peer_that_is_not_well(self, api: OrthancApi, answer: Answer, said: str) -> None:
        with (
            ScriptedHttp(lambda _: answer) as server,
            pytest.raises(DestinationUnavailable, match=said),
        ):
            opened(api, "peer", url=server.url).send(changed(make_image()))

    def test_a_line_that_is_cut_costs_only_what_had_not_arrived(
        self, there: OrthancServer, api: OrthancApi, settings: dict[str, Any]
    ) -> None:
        first, second = make_image(), make_image(size=2_000_000)
        with TcpProxy(there.http_port, cut_after=500_000) as proxy:
            sender = opened(api, "peer", **{**settings, "url": f"http://127.0.0.1:{proxy.port}"})
            with pytest.raises(DestinationUnavailable, match="broken off") as broken:
                sender.send(changed(first, second))
            assert broken.value.arrived == uids([first])
            proxy.cut_after = None
            sender.send(changed(second))
        assert there.sop_instance_uids() >= set(uids([first, second]))

    def test_one_that_does_not_answer(
        self, there: OrthancServer, api: OrthancApi, settings: dict[str, Any]
    ) -> None:
        with TcpProxy(there.http_port) as proxy:
            proxy.hold()
            url = f"http://127.0.0.1:{proxy.port}"
            sender = opened(api, "peer", **{**settings, "url": url, "timeout_seconds": 1})
            with pytest.raises(DestinationUnavailable, match="not answered within 1 s"):
                sender.send(changed(make_image()))

    def test_a_certificate_that_nobody_has_signed(self, api: OrthancApi, tmp_path: Path) -> None:
        files = ["-keyout", str(tmp_path / "key.pem"), "-out", str(tmp_path / "certificate.pem")]
        self_signed = [
            "openssl",
            "req",
            "-x509",
            "-newkey",
            "ed25519",
            "-nodes",
            "-subj",
            "/CN=localhost",
            *files,
        ]
        subprocess.run(self_signed, check=True, capture_output=True)
        tls = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        tls.load_cert_chain(tmp_path / "certificate.pem", tmp_path / "key.pem")
        with ScriptedHttp(lambda _: Answer(200, b"{}"), tls) as server:
            sender = opened(api, "peer", url=server.url)
            with pytest.raises(DestinationUnavailable, match="is not to be trusted"):
                sender.send(changed(make_image()))
        assert server.asked == []


@pytest.fixture(scope="module")
def peers(here: OrthancServer, there: OrthancServer) -> None:
    """Peers that the sending Orthanc knows."""
    login = {"Username": USERNAME, "Password": PASSWORD}
    here.rest.request("PUT", "/peers/there", json={"Url": f"{there.url}/", **login, "Timeout": 5})
    wrong = {"Url": f"{there.url}/", "Username": USERNAME, "Password": "wrong", "Timeout": 5}
    here.rest.request("PUT", "/peers/wrong", json=wrong)
    down = {"Url": f"http://127.0.0.1:{free_port()}/", "Timeout": 5}
    here.rest.request("PUT", "/peers/down", json=down)


@pytest.mark.usefixtures("peers")
class TestPeerByAlias:
    """Another Orthanc, named by Orthanc's configuration."""

    def test_stored_and_changed_images_arrive(
        self, here: OrthancServer, there: OrthancServer, api: OrthancApi
    ) -> None:
        images, others = [make_image(), make_image("MR")], [make_image(PatientID="CHANGED")]
        sender = opened(api, "peer", peer="there")
        sender.send(stored(here, api, *images))
        sender.send(changed(*others))
        assert there.sop_instance_uids() >= set(uids([*images, *others]))
        assert "Test THERE" in sender.test()

    @pytest.mark.parametrize(
        ("alias", "said"),
        [("wrong", "the password"), ("down", "connect to server"), ("none", "no peer 'none'")],
    )
    def test_one_that_cannot_be_had(
        self, here: OrthancServer, api: OrthancApi, alias: str, said: str
    ) -> None:
        sender = opened(api, "peer", peer=alias)
        with pytest.raises(DestinationUnavailable, match=said):
            sender.send(stored(here, api, make_image()))
        with pytest.raises(DestinationUnavailable, match=said):
            sender.send(changed(make_image()))
        with pytest.raises(DestinationUnavailable, match=said):
            sender.test()

    @pytest.mark.parametrize("is_stored", [True, False])
    def test_a_login_that_is_refused_is_told_from_other_absences(
        self, here: OrthancServer, there: OrthancServer, api: OrthancApi, is_stored: bool
    ) -> None:
        images = stored(here, api, make_image()) if is_stored else changed(make_image())
        by_url = {"url": there.url, **LOGIN, "password": "wrong"}
        for settings in ({"peer": "wrong"}, by_url):
            with pytest.raises(LoginRefused):
                opened(api, "peer", **settings).send(images)
        with pytest.raises(LoginRefused):
            opened(api, "dicomweb", **{**by_url, "url": f"{there.url}/dicom-web"}).send(images)

    def test_what_is_gone_is_refused_so_that_it_can_be_found(
        self, here: OrthancServer, api: OrthancApi
    ) -> None:
        with pytest.raises(InstancesRefused):
            opened(api, "peer", peer="there").send([*stored(here, api, make_image()), gone(api)])

    def test_what_is_no_dicom_is_refused(self, api: OrthancApi) -> None:
        with pytest.raises(InstancesRefused) as refused:
            opened(api, "peer", peer="there").send([Outgoing("bad", lambda: b"garbage", is_stored=False)])
        assert list(refused.value.reasons) == ["bad"]


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
        with ScriptedHttp(lambda _: Answer(200, b"{}")) as server:
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
        assert "SOP class is not supported" in refused.value.reasons[str(worse.SOPInstanceUID)]

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
            return (
                Answer(400, b"no") if str(bad.SOPInstanceUID).encode() in asked.body else Answer(200, b"{}")
            )

        with ScriptedHttp(answer) as server, pytest.raises(InstancesRefused) as refused:
            opened(api, "dicomweb", url=server.url).send(changed(good, bad))
        assert list(refused.value.reasons) == uids([bad])

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
        with ScriptedHttp(lambda _: Answer(200, b"{}")) as server:
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

    def test_what_had_arrived_before_the_node_went_away(
        self, api: OrthancApi, node: Node, settings: dict[str, Any]
    ) -> None:
        first, second = make_image(), make_image()
        node.behaviour = lambda _event, request: (
            OUT_OF_RESOURCES if request.AffectedSOPInstanceUID == second.SOPInstanceUID else 0
        )
        with pytest.raises(DestinationUnavailable) as unavailable:
            opened(api, "dicom", **settings).send(changed(first, second))
        assert unavailable.value.arrived == uids([first])

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
            for titles in ({"aet": node.aet}, {"aet": "OTHER", "local_aet": "SOMEBODY"}):
                sender = opened(api, "dicom", **address, **titles)
                with pytest.raises(DestinationUnavailable, match="check both AE titles"):
                    sender.send(changed(make_image()))
                with pytest.raises(DestinationUnavailable, match="check both AE titles"):
                    sender.test()
            opened(api, "dicom", **address, aet=node.aet, local_aet="SOMEBODY").send(changed(make_image()))


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

    def test_a_node_that_never_reports(self, api: OrthancApi, node: Node) -> None:
        address = {"aet": node.aet, "host": node.host, "port": node.port}
        sender = opened(api, "dicom", **address, storage_commitment=True, commitment_seconds=1)
        with pytest.raises(DestinationUnavailable, match="not committed within 1 s") as unavailable:
            sender.send(changed(make_image()))
        assert unavailable.value.arrived == []
        assert len(node.commitments) == 1

    def test_a_node_that_does_not_know_of_it(self, api: OrthancApi) -> None:
        with Node(unique("NODE"), commits=False) as node:
            address = {"aet": node.aet, "host": node.host, "port": node.port}
            sender = opened(api, "dicom", **address, storage_commitment=True, commitment_seconds=5)
            with pytest.raises(DestinationUnavailable, match="commitment"):
                sender.send(changed(make_image()))


def split(request: Dataset, lost: Dataset) -> tuple[list[Dataset], list[Dataset]]:
    """What a node reports of a request: all but one image is kept."""
    items = list(request.ReferencedSOPSequence)
    failed = [item for item in items if item.ReferencedSOPInstanceUID == lost.SOPInstanceUID]
    for item in failed:
        item.FailureReason = 0x0112
    return [item for item in items if item not in failed], failed
