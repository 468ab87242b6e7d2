# SPDX-License-Identifier: GPL-3.0-or-later
"""Whatever a server answers, it ends in words for a person, and never in an error that nobody foresaw."""

from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path
from typing import Final

import pytest

from router.administration.destination_drafts import DestinationDrafts
from router.destinations import (
    Declined,
    DestinationUnavailable,
    InstancesRefused,
    Notice,
    Outgoing,
    Parcel,
)
from router.destinations.dicom.association import NoAssociation, _connected
from router.destinations.dicom.node import Node
from router.destinations.email import EmailSender, EmailSettings
from router.destinations.host_key import fetch_host_key
from router.destinations.http import HttpSettings, HttpTarget
from router.documents.invalid import Invalid
from router.secrets import Vault
from samples import make_image
from servers.broken import SayingServer
from servers.odd_answers import ODD, answer
from unit.destinations.outgoing_samples import Open, outgoing

#: What every failure of a destination is.
IN_WORDS: Final = (DestinationUnavailable, InstancesRefused, Declined)

#: Opens a kind at a port, and asks it for something.
Asking = Callable[[Open, int], object]


def _sent(kind: str, opened: Open, port: int) -> None:
    opened(kind, url=f"http://127.0.0.1:{port}/", timeout_seconds=2).send(outgoing(make_image()))


def _tested(kind: str, opened: Open, port: int) -> None:
    opened(kind, url=f"http://127.0.0.1:{port}/", timeout_seconds=2).test()


def _service(port: int) -> HttpTarget:
    return HttpTarget(HttpSettings(url=f"http://127.0.0.1:{port}/", timeout_seconds=2))


def _notified(_opened: Open, port: int) -> None:
    _service(port).notify(Notice(key="k1", event={"id": "k1"}))


def _processed(_opened: Open, port: int) -> None:
    parcel = Parcel("k1", [Outgoing("1", partial(bytes, b"DICM"))], "multipart", {})
    with _service(port).process(parcel) as answer:
        list(answer.results())


ASKING: Final[dict[str, Asking]] = {
    "peer": partial(_sent, "peer"),
    "peer, tested": partial(_tested, "peer"),
    "dicomweb": partial(_sent, "dicomweb"),
    "dicomweb, tested": partial(_tested, "dicomweb"),
    "http, notified": _notified,
    "http, processed": _processed,
    "http, tested": lambda _opened, port: _service(port).test(),
}


@pytest.fixture(scope="module")
def server() -> Iterator[SayingServer]:
    with SayingServer(b"", asked=True) as running:
        yield running


@pytest.mark.parametrize("asking", ASKING.values(), ids=ASKING)
@pytest.mark.parametrize("said", ODD.values(), ids=ODD)
def test_answers_of_web_servers(server: SayingServer, opened: Open, asking: Asking, said: bytes) -> None:
    server.said = said
    failure: Exception | None = None
    try:
        asking(opened, server.port)
    except IN_WORDS as error:
        failure = error
    assert "\n" not in str(failure)
    assert 0 <= getattr(failure, "retry_after", 0) <= 86_400


GREETINGS: Final[dict[str, bytes]] = {
    "nothing": b"",
    "zeros": bytes(300),
    "HTTP": answer(400),
    "a line without end": b"x" * 100_000,
    "no code": b"hello\r\n",
    "a code above all": b"999 hello\r\n",
    "a refusal in bytes": b"554 \xff\xfe\r\n",
    "one that goes on": b"220-hello\r\n220-more\r\n",
    "SSH and no more": b"SSH-2.0-x\r\n",
    "an SSH of nobody's": b"SSH-9.9-x\r\n",
    "SSH with nonsense": b"SSH-2.0-x\r\n" + bytes(range(256)) * 20,
    "SSH with an endless packet": b"SSH-2.0-x\r\n\xff\xff\xff\xff" + b"x" * 5000,
    "an SSH that is no text": b"SSH-2.0-\xff\xfe\r\n",
}
HOST_KEY: Final = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIOMqqnkVzrm0SdG6UOoqKLsabgH5C9okWi0dh2l9GKJl"


def _sftp(opened: Open, host: str, port: int) -> None:
    settings = {"host": host, "port": port, "username": "u", "password": "p", "path": "x"}
    opened("sftp", host_key=HOST_KEY, timeout_seconds=1, **settings).test()


def _host_key(_opened: Open, host: str, port: int) -> None:
    fetch_host_key(host, port)


def _email(security: str, _opened: Open, host: str, port: int) -> None:
    settings = {"host": host, "port": port, "security": security, "sender": "a@example.org"}
    EmailSender(EmailSettings.model_validate({**settings, "timeout_seconds": 1})).test()


def _dicom(_opened: Open, host: str, port: int) -> None:
    _connected(Node("ODD", host, port, "ORTHANC", 1))


def _web(kind: str, opened: Open, host: str, port: int) -> None:
    opened(kind, url=f"http://{host}:{port}/", timeout_seconds=2).test()


def _http(_opened: Open, host: str, port: int) -> None:
    HttpTarget(HttpSettings(url=f"http://{host}:{port}/", timeout_seconds=2)).test()


GREETED: Final = {
    "sftp": _sftp,
    "host key": _host_key,
    **{f"email, {security}": partial(_email, security) for security in ("none", "starttls", "ssl")},
}
BY_HOST: Final = {
    **GREETED,
    "dicom": _dicom,
    "peer": partial(_web, "peer"),
    "dicomweb": partial(_web, "dicomweb"),
    "http": _http,
}


@pytest.fixture(scope="module")
def greeter() -> Iterator[SayingServer]:
    with SayingServer(b"", asked=False) as running:
        yield running


@pytest.mark.parametrize("asking", GREETED.values(), ids=GREETED)
@pytest.mark.parametrize("said", GREETINGS.values(), ids=GREETINGS)
def test_greetings_of_other_servers(
    greeter: SayingServer, opened: Open, asking: Callable[[Open, str, int], None], said: bytes
) -> None:
    greeter.said = said
    with pytest.raises(IN_WORDS):
        asking(opened, "127.0.0.1", greeter.port)


@pytest.mark.parametrize("asking", BY_HOST.values(), ids=BY_HOST)
@pytest.mark.parametrize(
    "host",
    ["a" * 64 + ".example", "a..example", ".example", "x" * 300, "\u00e4" * 63 + ".example"],
    ids=lambda host: host[:12],
)
def test_names_of_hosts_that_cannot_be_asked_for(
    opened: Open, asking: Callable[[Open, str, int], None], host: str
) -> None:
    """They are refused when a destination is saved; one that was stored before is told of."""
    with pytest.raises((DestinationUnavailable, NoAssociation), match=r"correct it|check it"):
        asking(opened, host, 104)


@pytest.mark.parametrize(
    ("kind", "settings"),
    [
        ("dicom", {"aet": "A", "port": 104}),
        ("peer", {}),
        ("dicomweb", {}),
        ("http", {}),
        ("email", {"port": 25, "security": "none", "sender": "a@example.org"}),
        ("sftp", {"username": "u", "password": "p", "host_key": HOST_KEY, "path": "x"}),
    ],
)
def test_they_are_refused_when_a_destination_is_saved(
    tmp_path: Path, kind: str, settings: dict[str, object]
) -> None:
    drafts = DestinationDrafts(Vault(tmp_path / "secret.key"), None)
    host = "a" * 64 + ".example"
    where = {"url": f"http://{host}/"} if kind in {"peer", "dicomweb", "http"} else {"host": host}
    with pytest.raises(Invalid) as refused:
        drafts.checked({"name": "Odd", "kind": kind, "settings": {**settings, **where}}, [])
    [(path, message)] = refused.value.problems
    assert path == f"settings.{next(iter(where))}"
    assert "1 to 63 characters" in message
