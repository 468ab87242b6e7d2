# SPDX-License-Identifier: GPL-3.0-or-later
"""The kind `peer`, on a second Orthanc and on broken lines."""

import ssl
import subprocess
from pathlib import Path
from typing import Any

import pytest

from integration.destinations.opening import LOGIN, changed, gone, opened, stored
from router.destinations import (
    DestinationUnavailable,
    InstancesRefused,
    LoginRefused,
    Outgoing,
)
from router.orthanc_api import OrthancApi
from samples import make_image, uids
from servers.orthanc import PASSWORD, USERNAME, OrthancServer
from servers.process import free_port
from servers.scripted_http import Answer, ScriptedHttp
from servers.tcp_proxy import TcpProxy


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
        with pytest.raises(DestinationUnavailable, match="does not answer as an Orthanc does"):
            sender.test()
        with pytest.raises(DestinationUnavailable, match="does not answer as an Orthanc does"):
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
    @pytest.mark.parametrize("page", [b"<html>Welcome</html>", b"{}", b"[]"])
    def test_a_page_for_logging_in_takes_no_images(
        self, here: OrthancServer, api: OrthancApi, is_stored: bool, page: bytes
    ) -> None:
        images = stored(here, api, make_image()) if is_stored else changed(make_image())
        with ScriptedHttp(lambda _: Answer(200, page)) as server:
            here.rest.request("PUT", "/peers/page", json={"Url": f"{server.url}/", "Timeout": 5})
            sender = opened(api, "peer", peer="page")
            with pytest.raises(DestinationUnavailable, match="does not answer as an Orthanc does"):
                sender.send(images)
            with pytest.raises(DestinationUnavailable, match="does not answer as an Orthanc does"):
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
