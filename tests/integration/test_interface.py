# SPDX-License-Identifier: GPL-3.0-or-later
"""What everybody sees who comes over HTTP: login, health, the description of the API, errors, the page."""

import re
from pathlib import Path
from urllib.parse import urljoin, urlsplit

import pytest
import requests

from samples import make_image, unique
from servers.broken import BrokenServer
from servers.orthanc import REPOSITORY, OrthancServer
from servers.router import RouterClient
from servers.sender import send
from servers.waiting import wait_until

needs_page = pytest.mark.skipif(
    not (REPOSITORY / "webapp/dist/index.html").exists(), reason="the page has not been built"
)


@pytest.mark.parametrize(
    "path", ["/health", "/policies", "/deliveries", "/openapi.json", "/app", "/app/policies"]
)
class TestLogin:
    def test_without_a_login_nothing_is_answered(self, orthanc: OrthancServer, path: str) -> None:
        assert requests.get(f"{orthanc.url}/router{path}", timeout=10).status_code == 401

    def test_nor_with_a_wrong_one(self, orthanc: OrthancServer, path: str) -> None:
        assert orthanc.client("tester", "wrong").request("GET", f"/router{path}").status_code == 401


class TestHealth:
    def test_it_is_ok(self, router: RouterClient) -> None:
        wait_until(lambda: router.health()["intake"].get("lag_changes") == 0, 15, router.health)
        health = router.health()
        assert health["status"] == "ok"
        assert health["problems"] == []
        assert health["store"]["ok"] is True
        assert health["user"]["name"] == "tester"

    def test_it_holds_no_password(self, router: RouterClient, orthanc: OrthancServer) -> None:
        uri = orthanc.configuration["Router"]["MongoUri"]
        if not uri:
            pytest.skip("this store has no password")
        password = uri.split("@")[0].rpartition(":")[2]
        assert password not in router.rest.text("/router/health")
        assert password not in orthanc.log()

    def test_it_tells_that_others_have_taken_all_slots_for_jobs(self, own_orthanc: OrthancServer) -> None:
        own_orthanc.configuration["ConcurrentJobs"] = 2
        with own_orthanc as server, BrokenServer(reset=False) as silent:
            server.rest.put(
                "/modalities/silent", {"AET": silent.aet, "Host": silent.host, "Port": silent.port}
            )
            send(server.dicom_port, [make_image()])
            job = {"Resources": server.instances(), "Synchronous": False}
            jobs = [server.rest.post("/modalities/silent/store", job)["ID"] for _ in range(2)]
            silent.wait_for_connections(2)
            router = RouterClient(server.rest)
            assert router.health()["problems"] == []
            jobs += [server.rest.post("/modalities/silent/store", job)["ID"] for _ in range(3)]
            wait_until(lambda: router.health()["status"] == "degraded")
            [problem] = router.health()["problems"]
            assert problem["code"] == "jobs"
            assert "All 2 job slots of Orthanc are taken, and 3 jobs wait" in problem["message"]
            for one in jobs:
                server.rest.request("POST", f"/jobs/{one}/cancel", data="")


class TestDescription:
    def test_every_route_is_described_and_every_described_route_answers(self, router: RouterClient) -> None:
        paths = router.get("/openapi.json")["paths"]
        described = {(method.upper(), path) for path, methods in paths.items() for method in methods}
        assert {
            ("GET", "/router/health"),
            ("GET", "/router/policies"),
            ("POST", "/router/policies"),
            ("GET", "/router/policies/{id}"),
            ("PUT", "/router/policies/{id}"),
            ("DELETE", "/router/policies/{id}"),
            ("POST", "/router/policies/{id}/enable"),
            ("POST", "/router/policies/{id}/disable"),
            ("GET", "/router/policies/{id}/revisions"),
            ("POST", "/router/policies/{id}/restore"),
            ("POST", "/router/evaluate"),
            ("GET", "/router/explain/{level}/{id}"),
            ("GET", "/router/destinations"),
            ("POST", "/router/destinations"),
            ("GET", "/router/destinations/{id}"),
            ("PUT", "/router/destinations/{id}"),
            ("DELETE", "/router/destinations/{id}"),
            ("POST", "/router/destinations/{id}/test"),
            ("GET", "/router/deliveries"),
            ("GET", "/router/deliveries/{id}"),
            ("POST", "/router/deliveries/{id}/retry"),
            ("POST", "/router/deliveries/{id}/cancel"),
            ("POST", "/router/deliveries/retry"),
            ("GET", "/router/tags"),
            ("GET", "/router/operators"),
            ("GET", "/router/openapi.json"),
            ("GET", "/router/app"),
        } <= described
        for method, path in sorted(described):
            concrete = re.sub(r"\{\w+\}", "none", path)
            response = router.rest.request(method, concrete, json={})
            assert response.status_code not in {405, 500, 501}, (method, path, response.text)
            if response.status_code == 404:
                assert "There is no route" not in response.text, (method, path)


class TestErrors:
    @pytest.mark.parametrize("path", ["/nothing", "/policies/a/b/c", "/deliveries/x/y"])
    def test_what_there_is_not(self, router: RouterClient, path: str) -> None:
        response = router.rest.request("GET", f"/router/{path.lstrip('/')}")
        assert response.status_code == 404
        assert response.json()["error"]["code"] == "not_found"

    def test_a_body_that_is_far_too_large(self, router: RouterClient) -> None:
        response = router.rest.request("POST", "/router/policies", data=b" " * (5 * 1024 * 1024))
        assert response.status_code == 413

    def test_strange_letters_in_paths_and_parameters(self, router: RouterClient) -> None:
        assert router.rest.request("GET", "/router/policies/%C3%A4%2F%00%F0%9F%99%82").status_code == 404
        assert router.get("/deliveries", search="Ä%&=+#?") == {"items": [], "total": 0}

    def test_parameters_arrive_as_they_were_meant(self, router: RouterClient) -> None:
        """Up to Orthanc 1.12.7 they come as they were sent, from 1.13 on decoded."""
        settings = {"aet": "ARCHIVE", "host": "127.0.0.1", "port": 104}
        name = unique("7 + 8 %2B %41 Ä ")
        router.post("/destinations", {"name": name, "kind": "dicom", "settings": settings})
        found = router.get("/destinations", search=name)["items"]
        assert [destination["name"] for destination in found] == [name]
        assert router.get("/deliveries", since="2026-01-01T00:00:00+00:00")["total"] == 0


@needs_page
class TestPage:
    @pytest.mark.parametrize(
        "path", ["/app", "/app/", "/app/policies", "/app/policies/0123/edit", "/app/deliveries?state=failed"]
    )
    def test_every_place_in_it_is_the_page(self, router: RouterClient, path: str) -> None:
        response = router.rest.request("GET", f"/router{path}")
        assert response.status_code == 200
        assert response.headers["Content-Type"].startswith("text/html")
        assert '<div id="root">' in response.text
        assert '<base href="/router/app/">' in response.text

    def test_what_it_refers_to_is_there_with_the_right_type(self, router: RouterClient) -> None:
        page = router.rest.text("/router/app")
        files = re.findall(r'(?:src|href)="(?:\./)?(assets/[^"]+|/router/app/assets/[^"]+)"', page)
        types = {".js": "text/javascript", ".css": "text/css", ".svg": "image/svg+xml"}
        assert any(file.endswith(".js") for file in files), page
        for file in files:
            response = router.rest.request("GET", f"/router/app/{file.removeprefix('/router/app/')}")
            assert response.status_code == 200
            assert response.headers["Content-Type"].startswith(types[Path(file).suffix])
            assert "immutable" in response.headers["Cache-Control"]

    def test_nothing_is_asked_from_anywhere_else(self, router: RouterClient) -> None:
        response = router.rest.request("GET", "/router/app")
        assert "default-src 'self'" in response.headers["Content-Security-Policy"]
        assert re.findall(r'(?:src|href)="(?:https?:)?//', response.text) == []

    def test_what_the_browser_has_is_not_sent_again(self, router: RouterClient) -> None:
        first = router.rest.request("GET", "/router/app")
        tag = first.headers["ETag"]
        again = router.rest.request("GET", "/router/app", headers={"If-None-Match": tag})
        assert (again.status_code, again.content) == (304, b"")
        other = router.rest.request("GET", "/router/app", headers={"If-None-Match": '"other"'})
        assert (other.status_code, other.headers["ETag"]) == (200, tag)

    @pytest.mark.parametrize(
        "path",
        [
            "../../plugin/main.py",
            "..%2f..%2fplugin%2fmain.py",
            "%2e%2e/%2e%2e/plugin/main.py",
            "assets/../../../plugin/main.py",
            "assets/..%2f..%2f..%2fplugin%2fmain.py",
            "....//....//plugin/main.py",
            "..\\..\\plugin\\main.py",
            "/etc/hostname.txt",
            "assets/none.js",
            "none.png",
        ],
    )
    def test_only_its_own_files_are_served(self, router: RouterClient, path: str) -> None:
        request = requests.Request("GET", f"{router.rest.url}/router/app/x", auth=("tester", "x")).prepare()
        request.url = f"{router.rest.url}/router/app/{path}"
        with requests.Session() as session:
            request.prepare_auth(("tester", "correct horse battery staple"))
            response = session.send(request, timeout=10)
        assert response.status_code in {400, 404}, response.text[:200]
        assert "run_inside_orthanc" not in response.text

    def test_a_path_from_the_root_is_a_place_in_the_page(self, router: RouterClient) -> None:
        response = router.rest.request("GET", "/router/app/%2fetc%2fpasswd")
        assert '<div id="root">' in response.text or response.status_code == 404
        assert "root:x:0" not in response.text

    def test_orthanc_leads_to_it(self, router: RouterClient) -> None:
        plugin = router.rest.get("/plugins/python")
        # "Open" among the plugins is a link in the page /app/explorer.html.
        link = urljoin(f"{router.rest.url}/app/explorer.html", plugin["RootUri"])
        assert link == f"{router.rest.url}/router/app"
        assert '<div id="root">' in router.rest.text(urlsplit(link).path)
        assert plugin["Description"].startswith("Orthanc Router")
        assert "router/app" in router.rest.text("/plugins/explorer.js")
