# SPDX-License-Identifier: GPL-3.0-or-later
"""Every route answers as `/router/openapi.json` says, whatever it is asked (by schemathesis)."""

from collections.abc import Iterator
from typing import Any

import pytest
import schemathesis
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis.strategies import booleans, one_of
from schemathesis import GenerationMode
from schemathesis.checks import not_a_server_error
from schemathesis.core.result import Ok
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from samples import make_image
from servers.orthanc import PASSWORD, USERNAME, OrthancServer
from servers.router import Json, RouterClient, patient
from servers.sender import send

#: Of each route. The same each time: what is found here can be found again.
EXAMPLES = 20

CHECKS = [
    not_a_server_error,
    status_code_conformance,
    content_type_conformance,
    response_schema_conformance,
]


@pytest.fixture(scope="module")
def orthanc(tmp_path_factory: pytest.TempPathFactory) -> Iterator[OrthancServer]:
    """What is asked has nothing to do with the store."""
    with OrthancServer(tmp_path_factory.mktemp("orthanc")) as server:
        yield server
    assert "Traceback" not in server.log(), server.log()


@pytest.fixture(scope="module")
def existing(orthanc: OrthancServer) -> dict[str, str]:
    """Something that is there, by the beginning of the path that leads to it."""
    router = RouterClient(orthanc.rest)
    nowhere: Json = {"aet": "NOBODY", "host": "127.0.0.1", "port": 9}
    destination = router.post("/destinations", {"name": "Nobody", "kind": "dicom", "settings": nowhere})
    policy = router.policy("Everything of SOMEONE", patient("SOMEONE"), destination)
    send(orthanc.dicom_port, [make_image(PatientID="SOMEONE")])
    [delivery] = router.wait_for_deliveries(lambda found: found)
    [image] = orthanc.instances()
    return {
        "/router/policies/": policy["id"],
        "/router/destinations/": destination["id"],
        "/router/deliveries/": delivery["id"],
        "/router/explain/": image,
        "/router/lineage/": image,
    }


def test_every_route_answers_as_described(orthanc: OrthancServer, existing: dict[str, str]) -> None:
    described = schemathesis.openapi.from_dict(orthanc.rest.get("/router/openapi.json"))
    wrong = {}
    for each in described.get_all_operations():
        assert isinstance(each, Ok), each
        operation = each.ok()
        try:
            _ask(operation, orthanc, existing)
        except Exception as error:  # noqa: BLE001 - each route is to be told of
            wrong[operation.label] = str(error)
    assert not wrong, "\n\n".join(f"{label}: {error}" for label, error in wrong.items())


def _ask(
    operation: schemathesis.APIOperation[Any, Any, Any, Any], orthanc: OrthancServer, existing: dict[str, str]
) -> None:
    """Ask a route for all sorts of things, some as it is described and some not."""
    found = next((one for path, one in existing.items() if operation.path.startswith(path)), None)

    @settings(
        max_examples=EXAMPLES,
        derandomize=True,
        database=None,
        deadline=None,
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    @given(one_of(*(operation.as_strategy(mode) for mode in GenerationMode)), booleans())
    def ask(case: schemathesis.Case[Any], about_what_exists: bool) -> None:
        if about_what_exists and found and case.method != "DELETE" and "id" in case.path_parameters:
            case.path_parameters["id"] = found
        case.body = _kept_here(case.body)
        # Headers that are none are Orthanc's business.
        revision = {
            name: value
            for name, value in (case.headers or {}).items()
            if name == "If-Match" and value.isprintable()
        }
        case.headers.clear()
        case.headers.update(revision, **{"X-Requested-With": "tests"})
        login = (USERNAME, PASSWORD)
        case.call_and_validate(base_url=orthanc.url, auth=login, checks=CHECKS, timeout=30)

    ask()


def _kept_here(body: Any) -> Any:
    """The body, so that what it has the router connect to is this machine."""
    if isinstance(body, dict):
        own = {"host": "127.0.0.1", "url": "http://127.0.0.1:9/"}
        return {name: own.get(name, _kept_here(value)) for name, value in body.items()}
    return [_kept_here(one) for one in body] if isinstance(body, list) else body
