# SPDX-License-Identifier: GPL-3.0-or-later
"""The form of each kind of destination: it is filled in, tried, saved, and keeps its secrets to itself."""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Locator, Page, expect

from browser.forms import choose
from browser.screenshots import screenshot
from samples import make_series, unique
from servers.http_service import HttpService
from servers.orthanc import PASSWORD, USERNAME, OrthancServer
from servers.process import free_port
from servers.router import Json, RouterClient
from servers.sender import send
from servers.sshd import Sshd
from servers.storescp import StoreScp

SECRET = "geheim-4711"


@pytest.fixture(scope="module")
def there(tmp_path_factory: pytest.TempPathFactory) -> Iterator[OrthancServer]:
    """Another Orthanc, which knows nothing of routers."""
    with OrthancServer(tmp_path_factory.mktemp("there"), plugin=False, aet="THERE") as server:
        yield server


def begin(page: Page, kind: str) -> str:
    """A new destination of this kind; its name."""
    name = unique("Destination ")
    page.goto("destinations/new")
    page.get_by_role("textbox", name="Name", exact=True).fill(name)
    choose(page, page.get_by_role("combobox", name="Kind"), kind)
    return name


def field(page: Page, label: str) -> Locator:
    """The first field with this label; that of a setting which must be given has a star."""
    return page.get_by_label(re.compile(rf"^{re.escape(label)}( \*)?$")).first


def fill(page: Page, settings: dict[str, str]) -> None:
    for label, value in settings.items():
        field(page, label).fill(value)


def show_more(page: Page) -> None:
    """Unfold the settings that few people need."""
    page.get_by_role("button", name="More settings").click()


def try_it(page: Page) -> None:
    page.get_by_role("button", name="Test", exact=True).click()


def save(page: Page, router: RouterClient, name: str) -> Json:
    """Save, and open the page of what was saved; what the server has."""
    page.get_by_role("button", name="Save").click()
    expect(page.get_by_text(f"Destination “{name}” saved")).to_be_visible()
    page.get_by_role("link", name=name, exact=True).click()
    expect(page.get_by_role("heading", level=1)).to_have_text(name)
    (saved,) = [one for one in router.get("/destinations")["items"] if one["name"] == name]
    return dict(saved)


def answered(page: Page) -> None:
    """That the test has succeeded, and how long it took."""
    expect(page.get_by_text(re.compile(r"Answered in [\d,]+ ms"))).to_be_visible()


def test_dicom(page: Page, router: RouterClient, storescp: StoreScp) -> None:
    name = begin(page, "DICOM node")
    fill(page, {"AE title": storescp.aet, "Host": storescp.host, "Port": "99999"})
    page.get_by_role("button", name="Save").click()
    port = field(page, "Port")
    expect(port).to_have_attribute("aria-invalid", "true")
    port.fill(str(storescp.port))
    try_it(page)
    answered(page)
    page.get_by_role("button", name="Send a test image").click()
    expect(page.get_by_text(re.compile(r"Sent in [\d,]+ ms"))).to_be_visible()
    assert len(storescp.arrivals()) == 1
    saved = save(page, router, name)
    assert (saved["settings"]["aet"], saved["settings"]["port"]) == (storescp.aet, storescp.port)


def test_sftp_with_its_host_key_fetched_and_pinned(
    page: Page, orthanc: OrthancServer, router: RouterClient, tmp_path: Path
) -> None:
    patient = unique("PAT")
    send(orthanc.dicom_port, make_series(1, PatientID=patient, PatientName=patient, StudyDate="20260131"))
    with Sshd(tmp_path / "sshd") as sshd:
        name = begin(page, "SFTP server")
        key = page.get_by_role("button", name="Fetch the host key")
        expect(key).to_be_disabled()
        fill(page, {"Host": sshd.host, "Port": str(sshd.port), "User": sshd.username})
        fill(page, {"Private key": sshd.authorize(), "Folder": "{{ StudyDate }}/{{ PatientID }}"})
        page.get_by_role("button", name="Save").click()
        expect(field(page, "Host key")).to_have_attribute("aria-invalid", "true")
        key.click()
        expect(page.get_by_text(re.compile("^SHA256:"))).to_be_visible()
        screenshot(page, "destination-sftp-host-key")
        page.get_by_role("button", name="Use this key").click()
        expect(field(page, "Host key")).to_have_value(sshd.host_key)
        try_it(page)
        answered(page)
        sample = page.get_by_role("combobox", name="Show where a file of this study would go")
        sample.fill(patient)
        page.get_by_role("option", name=re.compile(patient)).click()
        expect(page.get_by_text(f"20260131/{patient}/")).to_be_visible()
        screenshot(page, "destination-sftp")
        saved = save(page, router, name)
        assert saved["secrets_set"] == ["private_key"]
        assert "OPENSSH PRIVATE KEY" not in page.content()
        expect(field(page, "Private key")).to_have_value("")
        # With the stored key, which nobody has to know.
        try_it(page)
        answered(page)
        sshd.stop()
        try_it(page)
        expect(page.get_by_text("Did not work")).to_be_visible()


def test_folder(page: Page, orthanc: OrthancServer, router: RouterClient) -> None:
    root = orthanc.folder / "export"
    root.mkdir(exist_ok=True)
    name = begin(page, "Folder")
    folder = field(page, "Folder")
    folder.fill("/etc/{{ PatientID }}")
    page.get_by_role("button", name="Save").click()
    expect(folder).to_have_attribute("aria-invalid", "true")
    folder.fill("{{ NoSuchTag }}")
    page.get_by_role("button", name="Save").click()
    expect(page.get_by_text(re.compile("NoSuchTag.*dictionary")).first).to_be_visible()
    screenshot(page, "destination-folder-refused")
    folder.fill(f"{root}/{{{{ PatientID }}}}")
    try_it(page)
    answered(page)
    saved = save(page, router, name)
    assert saved["settings"]["path"] == f"{root}/{{{{ PatientID }}}}"


def test_http(page: Page, router: RouterClient) -> None:
    with HttpService() as service:
        name = begin(page, "HTTP service")
        show_more(page)
        fill(page, {"URL": service.url, "User": "router", "Password": SECRET, "Signing secret": SECRET})
        try_it(page)
        answered(page)
        saved = save(page, router, name)
        assert sorted(saved["secrets_set"]) == ["password", "signing_secret"]
        assert SECRET not in page.content()
        expect(field(page, "Password")).to_have_value("")
        page.get_by_role("button", name="Remove: Signing secret").click()
        page.get_by_role("button", name="Save").click()
        expect(page.get_by_role("button", name=": Signing secret")).to_have_count(0)
        assert router.get(f"/destinations/{saved['id']}")["secrets_set"] == ["password"]


@pytest.mark.parametrize(
    ("kind", "settings"),
    [
        ("Orthanc peer", {"URL": "{there}", "User": USERNAME, "Password": PASSWORD}),
        ("DICOMweb server", {"URL": "{there}/dicom-web", "User": USERNAME, "Password": PASSWORD}),
    ],
    ids=["peer", "dicomweb"],
)
def test_another_orthanc(
    page: Page, there: OrthancServer, router: RouterClient, kind: str, settings: dict[str, str]
) -> None:
    name = begin(page, kind)
    fill(page, {label: value.format(there=there.url) for label, value in settings.items()})
    try_it(page)
    answered(page)
    saved = save(page, router, name)
    assert saved["secrets_set"] == ["password"]
    assert PASSWORD not in page.content()


def test_email(page: Page, router: RouterClient) -> None:
    name = begin(page, "Mail")
    fill(page, {"Host": "127.0.0.1", "Port": str(free_port()), "User": "router", "Password": SECRET})
    field(page, "Sender").fill("nobody")
    page.get_by_role("button", name="Save").click()
    expect(field(page, "Sender")).to_have_attribute("aria-invalid", "true")
    field(page, "Sender").fill("router@example.org")
    try_it(page)
    expect(page.get_by_text("Did not work")).to_be_visible()
    saved = save(page, router, name)
    assert (saved["settings"]["sender"], saved["secrets_set"]) == ("router@example.org", ["password"])
    assert SECRET not in page.content()
