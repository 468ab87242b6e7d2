# SPDX-License-Identifier: GPL-3.0-or-later
"""Whatever a server answers to Orthanc, which knows it by an alias, ends in words for a person, and never in
an error that nobody foresaw."""

from collections.abc import Callable, Iterator
from typing import Final

import pytest

from integration.destinations.opening import changed, opened, stored
from router.destinations import DestinationUnavailable, InstancesRefused, Outgoing, Sender
from router.orthanc_api import OrthancApi
from samples import make_image
from servers.broken import SayingServer
from servers.odd_answers import ODD
from servers.orthanc import OrthancServer

Asking = Callable[[OrthancApi, Outgoing], object]


@pytest.fixture(scope="module")
def server(here: OrthancServer) -> Iterator[SayingServer]:
    """Known to Orthanc as the peer, and as the DICOMweb server, `odd`."""
    with SayingServer(b"", asked=True) as running:
        known = {"Url": f"http://127.0.0.1:{running.port}/", "Timeout": 2}
        here.rest.put("/peers/odd", known)
        here.rest.put("/dicom-web/servers/odd", known)
        yield running


@pytest.fixture(scope="module")
def image(here: OrthancServer, api: OrthancApi) -> Outgoing:
    """One that Orthanc stores."""
    return stored(here, api, make_image())[0]


def peer(api: OrthancApi) -> Sender:
    return opened(api, "peer", peer="odd")


def dicomweb(api: OrthancApi) -> Sender:
    return opened(api, "dicomweb", server="odd", timeout_seconds=2)


ASKING: Final[dict[str, Asking]] = {
    "peer": lambda api, image: peer(api).send([image]),
    "peer, changed": lambda api, _: peer(api).send(changed(make_image())),
    "peer, tested": lambda api, _: peer(api).test(),
    "dicomweb": lambda api, image: dicomweb(api).send([image]),
    "dicomweb, changed": lambda api, _: dicomweb(api).send(changed(make_image())),
    "dicomweb, tested": lambda api, _: dicomweb(api).test(),
}


#: Redirections and pauses mean nothing to Orthanc. It reads the answers itself, and is not to be asked to
#: read deeply nested JSON.
CASES: Final = [
    pytest.param(said, asking, id=f"{odd}-{name}")
    for odd, said in ODD.items()
    for name, asking in ASKING.items()
    if odd != "deep JSON" and not odd.startswith(("Location", "Retry-After"))
]


@pytest.mark.parametrize(("said", "asking"), CASES)
def test_answers(
    here: OrthancServer, api: OrthancApi, server: SayingServer, image: Outgoing, said: bytes, asking: Asking
) -> None:
    server.said = said
    failure: Exception | None = None
    try:
        asking(api, image)
    except (DestinationUnavailable, InstancesRefused) as error:
        failure = error
    assert "\n" not in str(failure)
    assert here.rest.get("/system")["Name"]
