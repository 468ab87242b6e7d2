# SPDX-License-Identifier: GPL-3.0-or-later
"""Whatever goes wrong, the log tells it without passwords and without patients.

Orthanc's own messages are looked at as it logs them by default, the router's as with `--verbose`.
"""

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from pydicom import FileDataset
from pydicom.config import disable_value_validation

from integration.conftest import StoreSettings
from samples import SOP_CLASSES, make_image, make_series, unique
from servers.node import Node, abort, refuse_sop_class
from servers.orthanc import PASSWORD, OrthancServer
from servers.process import free_port
from servers.router import Json, RouterClient, patient
from servers.scripted_http import Answer, Asked, ScriptedHttp
from servers.secrecy import lines_with, passwords_in
from servers.sender import send
from servers.smtp import SmtpServer
from servers.sshd import make_key

SECRET = "geheim-4c1d"
NAME, IDENTIFIER, ACCESSION = "Geheimnis^Eva", "PATGEHEIM4711", "ACCGEHEIM0815"
QUICK = {"attempts": 1, "initial_seconds": 0.05, "max_seconds": 0.1}
#: What Orthanc warns of, and all that Python and the router say.
_TOLD = re.compile(r"^[WE]|Router: |Warning|Error|Traceback")


def refuses(asked: Asked) -> Answer:
    """As a server does that wants another password, and quotes what it was sent."""
    return Answer(401, str(asked.headers).encode(), {"Content-Type": "text/plain"})


@pytest.fixture
def server(store: StoreSettings, tmp_path: Path) -> Iterator[OrthancServer]:
    """An Orthanc that tells much."""
    orthanc = OrthancServer(
        tmp_path / "orthanc",
        mongo_uri=store.mongo_uri,
        mongo_database=unique("db").lower(),
        verbose=True,
    )
    yield orthanc
    orthanc.kill()


def told(server: OrthancServer) -> str:
    return "\n".join(line for line in server.log().splitlines() if _TOLD.search(line))


def destinations(peer: ScriptedHttp, smtp: SmtpServer, host_key: str, *nodes: Node) -> Iterator[Json]:
    """One of each kind that does not take what it gets, with every secret that there is."""
    login = {"username": "someone", "password": SECRET}
    closed = free_port()
    yield {"kind": "peer", "settings": {"url": peer.url, **login}}
    yield {"kind": "peer", "settings": {"url": f"http://127.0.0.1:{closed}", **login}}
    yield {"kind": "dicomweb", "settings": {"url": peer.url, **login}}
    yield {"kind": "http", "settings": {"url": peer.url, "secret_headers": {"X-Token": SECRET}, **login}}
    yield {"kind": "http", "settings": {"url": peer.url, "bearer_token": SECRET, "signing_secret": SECRET}}
    sftp = {"host": "127.0.0.1", "port": closed, "path": "{{ PatientName }}", "host_key": host_key}
    yield {"kind": "sftp", "settings": {**sftp, **login}}
    mail = {"host": "127.0.0.1", "port": smtp.port, "security": "none", "sender": "a@example.org"}
    yield {"kind": "email", "settings": {**mail, **login}}
    for node in nodes:
        yield {"kind": "dicom", "settings": {"aet": node.aet, "host": node.host, "port": node.port}}
    yield {"kind": "dicom", "settings": {"aet": "NOWHERE", "host": "127.0.0.1", "port": closed}}


def odd_images() -> list[FileDataset]:
    """Images with what a parser warns of, and with what no destination can take."""
    about: dict[str, Any] = {"PatientName": NAME, "PatientID": IDENTIFIER, "AccessionNumber": ACCESSION}
    with disable_value_validation():
        return [
            *make_series(1, **about),
            make_image(**{**about, "PatientName": f"{NAME}{'x' * 80}^{NAME}"}),
            make_image(
                **{**about, "PatientID": f"{IDENTIFIER}\u00e4", "SpecificCharacterSet": "no such set"}
            ),
            make_image(**about, PatientBirthDate=f"{IDENTIFIER}", PatientAge=ACCESSION),
            make_image(**{**about, "AccessionNumber": ACCESSION * 3}),
            make_image(**about, PhotometricInterpretation=NAME, Rows=0),
        ]


def actions(made: list[Json]) -> Iterator[Json]:
    """What there is to do with them."""
    changed = {
        "anonymize": True,
        "replace": {"PatientName": "{{ PatientName }}", "StudyDate": "{{ PatientID }}"},
    }
    redacted = {"redact": [{"rectangles": [[0, 0, 9, 9]]}]}
    text = {"subject": "{{ PatientName }}", "body": "{{ PatientID }}"}
    for one in made:
        target = {"destination": one["id"]}
        if one["kind"] == "email":
            yield {"type": "notify", "to": ["b@example.org"], **text, **target}
        elif one["kind"] == "http":
            yield {"type": "notify", **target}
            yield {"type": "process", **target}
        else:
            yield {"type": "forward", **target}
            yield {"type": "forward", "transform": changed, **target}
    yield {"type": "modify", "transform": {**changed, **redacted}}
    yield {"type": "delete"}


def test_the_log_tells_of_no_patient_and_no_password(server: OrthancServer, tmp_path: Path) -> None:
    with (
        server,
        ScriptedHttp(refuses) as peer,
        SmtpServer(login=("someone", "another")) as smtp,
        Node(unique("NODE"), behaviour=abort) as aborting,
        Node(unique("NODE"), behaviour=refuse_sop_class(SOP_CLASSES["CT"])) as refusing,
    ):
        router = RouterClient(server.rest)
        make_key(tmp_path / "host")
        host_key = (tmp_path / "host.pub").read_text()
        made = []
        for number, one in enumerate(destinations(peer, smtp, host_key, aborting, refusing)):
            made.append(router.post("/destinations", {"name": f"D{number}", "retry": QUICK, **one}))
            router.post(f"/destinations/{made[-1]['id']}/test")
        case = {"name": "one", "tags": {"PatientName": NAME, "PatientID": IDENTIFIER}, "matches": True}
        wanted = list(actions(made))
        policies = [
            router.post(
                "/policies", {"name": f"P{n}", "rule": patient(IDENTIFIER), "cases": [case], "actions": [one]}
            )
            for n, one in enumerate(wanted)
        ]
        send(server.dicom_port, odd_images())
        router.wait_for_deliveries(
            lambda found: (
                len({one["policy"]["id"] for one in found}) >= len(policies) - 1
                and all(one["state"] in {"failed", "succeeded", "held"} for one in found)
            ),
            60,
        )
        # People look, and do it wrong.
        router.get("/deliveries", search=NAME)
        router.get("/audit/export", format="json", search=IDENTIFIER)
        wrong = {
            "name": SECRET,
            "kind": "peer",
            "settings": {"url": f"http://u:{SECRET}@h/", "password": [SECRET]},
        }
        for path, document in {
            "/destinations": wrong,
            "/policies": {"name": NAME, "rule": {"tag": NAME, "value": IDENTIFIER}},
            "/evaluate": {"rule": patient(IDENTIFIER), "tags": {"PatientName": [[NAME]]}},
            "/import": {"document": {"policies": [{"name": NAME}]}},
        }.items():
            server.rest.request("POST", f"/router{path}", json=document)
            server.rest.request("POST", f"/router{path}", data=f"{SECRET} is no JSON {NAME}")
        stranger = server.client("stranger", f"{SECRET}{SECRET}")
        assert stranger.request("GET", "/router/policies").status_code == 401
        study = server.rest.get("/studies")[0]
        server.rest.request("GET", f"/router/explain/studies/{study}")
        server.restart(kill=True)
    log = told(server)
    assert len(log.splitlines()) > 10
    # Python's own warnings quote what they warn of.
    assert "UserWarning" not in log
    sought = {SECRET, NAME, IDENTIFIER, ACCESSION, PASSWORD, *passwords_in(server.configuration)}
    assert lines_with(log, sought) == []
