# SPDX-License-Identifier: GPL-3.0-or-later
"""Requests that nobody sends in earnest: each is refused in words, changes nothing, and the router goes on.

The requests follow from the table of routes and from the lists here, so that their number is bounded; a test
prints it. They are harmless: what is tried is the router's own guard.
"""

import json
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from samples import unique
from servers.mongodb import MongoServer
from servers.orthanc import USERNAME, OrthancServer, RestClient
from servers.router import RouterClient

READER, STRANGER = ("reader", "a password of a reader"), ("stranger", "a password of a stranger")

#: In the place of an identifier in a path.
IDENTIFIERS = [
    "x" * 3000,
    "..%2f..%2fsecret.key",
    "%00",
    "' OR 1=1 --",
    "{{7*7}}",
    "$ne",
    "%F0%9F%92%A9",
    "-1",
]
#: As a body.
BODIES = [
    b"",
    b"null",
    b"[]",
    b"{",
    b'"text"',
    b"[" * 5000,
    b'{"a":' * 2000 + b"1" + b"}" * 2000,
    b'{"$where": "1", "name": {"$gt": ""}}',
    b'{"name": "\\ud800", "kind": 1e999}',
    b'{"revision": 99999999999999999999999}',
    b"\xff\xfe\x00",
    json.dumps({"name": "x" * 100_000}).encode(),
]
#: Values of each query parameter.
VALUES = ["-1", "99999999999999999999", "NaN", "x" * 2000, "%", "$gt", "2024-13-45", "\N{PILE OF POO}"]

counted: Counter[str] = Counter()


@pytest.fixture(scope="module", params=["sqlite", "mongodb"])
def orthanc(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[OrthancServer]:
    users = {USERNAME: "", **dict([READER, STRANGER])}
    roles = {"Editors": [USERNAME], "Readers": [READER[0]]}
    folder = tmp_path_factory.mktemp("orthanc")
    mongodb: MongoServer | None = None
    if request.param == "mongodb":
        mongodb = MongoServer(tmp_path_factory.mktemp("mongodb"))
        mongodb.start()
    server = OrthancServer(
        folder,
        router={"Roles": roles},
        mongo_uri=mongodb.uri if mongodb else "",
        mongo_database=unique("db").lower(),
    )
    server.configuration["RegisteredUsers"] = users | server.configuration["RegisteredUsers"]
    with server:
        yield server
    if mongodb is not None:
        mongodb.stop()
    assert "Traceback" not in server.log(), server.log()[-5000:]


@pytest.fixture(scope="module")
def routes(orthanc: OrthancServer) -> list[tuple[str, str, dict[str, Any]]]:
    """Method, path and description of each that needs a role."""
    described = orthanc.rest.get("/router/openapi.json")
    return [
        (method.upper(), path, operation)
        for path, operations in described["paths"].items()
        for method, operation in operations.items()
        if operation["x-role"] != "none"
    ]


def told(rest: RestClient, method: str, path: str, **options: Any) -> int:
    """The status of the answer, which is in words where it is an error."""
    answer = rest.request(method, path, **options)
    counted[rest.url] += 1
    assert answer.status_code < 500 or answer.status_code in {502, 503}, (method, path, answer.text[:500])
    return answer.status_code


def test_whoever_has_no_role_is_refused_everywhere(
    orthanc: OrthancServer, routes: list[tuple[str, str, dict[str, Any]]]
) -> None:
    for method, path, operation in routes:
        asked = path.replace("{level}", "studies").replace("{id}", "1")
        assert told(orthanc.client(*STRANGER), method, asked) == 403, (method, path)
        if operation["x-role"] != "read":
            assert told(orthanc.client(*READER), method, asked) == 403, (method, path)


def test_what_changes_something_is_not_done_for_other_sites(
    orthanc: OrthancServer, routes: list[tuple[str, str, dict[str, Any]]]
) -> None:
    for method, path, _ in routes:
        if method == "GET":
            continue
        asked = path.replace("{id}", "1")
        cross = {"Origin": "https://evil.example.org", "Content-Type": "application/json"}
        assert told(orthanc.rest, method, asked, data=b"{}", headers=cross) == 403
        form = {"Content-Type": "text/plain", "X-Requested-With": ""}
        assert told(orthanc.rest, method, asked, data=b"{}", headers=form) == 415
        # Orthanc takes these for the method that they name.
        overriding = {"X-HTTP-Method-Override": method, "X-Requested-With": ""}
        assert told(orthanc.rest, "GET", asked, headers=overriding) in {400, 403, 404, 415}
        assert told(orthanc.rest, "GET", f"{asked}?_method={method}", headers={"X-Requested-With": ""}) in {
            400,
            403,
            404,
            415,
        }


def test_identifiers_bodies_and_parameters(
    orthanc: OrthancServer, routes: list[tuple[str, str, dict[str, Any]]]
) -> None:
    router = RouterClient(orthanc.rest)
    before = router.get("/policies"), router.get("/destinations")
    for method, path, operation in routes:
        if "{id}" in path:
            for identifier in IDENTIFIERS:
                asked = path.replace("{level}", "studies").replace("{id}", identifier)
                told(orthanc.rest, method, asked, json={} if method in {"POST", "PUT"} else None)
        asked = path.replace("{level}", "studies").replace("{id}", "1")
        if method in {"POST", "PUT"}:
            for body in BODIES:
                told(orthanc.rest, method, asked, data=body, headers={"Content-Type": "application/json"})
        for parameter in operation.get("parameters", []):
            if parameter["in"] == "query":
                for value in VALUES:
                    told(orthanc.rest, method, asked, params={parameter["name"]: value})
    assert (router.get("/policies"), router.get("/destinations")) == before
    assert router.health()["status"] == "ok"


def test_how_many_they_were(orthanc: OrthancServer) -> None:
    print(f"{counted[orthanc.url]} requests")
    assert counted[orthanc.url] > 500


def test_files_beside_the_page_are_not_served(orthanc: OrthancServer) -> None:
    for path in (".complete", "..%2fpackage.json", "%2e%2e/%2e%2e/plugin/main.py", "assets/..%2f..%2f.npmrc"):
        assert told(orthanc.rest, "GET", f"/router/app/{path}") == 404
    assert Path(orthanc.folder).exists()
