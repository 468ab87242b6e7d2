# SPDX-License-Identifier: GPL-3.0-or-later
"""What senders write into images, and people into names, is text in the page, and never carried out."""

from collections.abc import Iterator
from typing import Any

import pytest
from playwright.sync_api import Dialog, HttpCredentials, sync_playwright

from samples import make_image
from servers.node import Node
from servers.orthanc import PASSWORD, USERNAME, OrthancServer
from servers.router import RouterClient
from servers.sender import send

#: Each would set `carriedOut` if it were taken for markup, a link or a template.
TEXTS = [
    "<img src=x onerror=carriedOut=1>",
    "<svg onload=carriedOut=1>",
    '"><script>carriedOut=1</script>',
    "javascript:carriedOut=1",
    "{{carriedOut=1}}${carriedOut=1}",
]


@pytest.fixture(scope="module")
def orthanc(tmp_path_factory: pytest.TempPathFactory) -> Iterator[OrthancServer]:
    with OrthancServer(tmp_path_factory.mktemp("orthanc")) as server:
        yield server


def test_nothing_stored_is_carried_out(orthanc: OrthancServer) -> None:
    router = RouterClient(orthanc.rest)
    with Node("<svg onload=x>") as node:
        for number, text in enumerate(TEXTS):
            destination = router.destination(f"{number} {text}", node)
            router.policy(f"{number} {text}", {"all": []}, destination, description=text)
        for text in TEXTS:
            tags: dict[str, Any] = {"PatientName": text, "PatientID": text[:60], "AccessionNumber": text[:16]}
            send(orthanc.dicom_port, [make_image(StudyDescription=text, **tags)])
        router.wait_for_deliveries(lambda found: len(found) >= len(TEXTS) ** 2)
    study = router.rest.get("/studies")[0]
    policy, destination = (router.get(f"/{kind}")["items"][0]["id"] for kind in ("policies", "destinations"))
    delivery = router.deliveries()[0]["id"]
    places = [
        "",
        "policies",
        f"policies/{policy}",
        f"policies/{policy}/history",
        "destinations",
        "audit",
        "nodes",
    ]
    places += [f"destinations/{destination}", "deliveries", f"deliveries/{delivery}", f"studies/{study}"]
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path="/usr/bin/chromium", args=["--no-sandbox"])
        login = HttpCredentials(username=USERNAME, password=PASSWORD)
        page = browser.new_context(http_credentials=login).new_page()
        dialogs: list[str] = []

        def opened(dialog: Dialog) -> None:
            dialogs.append(dialog.message)
            dialog.dismiss()

        page.on("dialog", opened)
        shown = 0
        for place in places:
            page.goto(f"{orthanc.url}/router/app/{place}", wait_until="networkidle")
            assert page.evaluate("() => typeof carriedOut") == "undefined", place
            shown += page.content().count("carriedOut")
        assert dialogs == []
        assert shown > len(TEXTS), "the texts themselves are shown"
        browser.close()
