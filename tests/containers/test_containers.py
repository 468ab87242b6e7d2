# SPDX-License-Identifier: GPL-3.0-or-later
"""The containers as people use them: an upgrade, sending, restarts, kills, full volumes, a restore.

tests/containers/run prepares the engine and the images, and runs this.
"""

import json
import os
import re
import subprocess
import time
from collections.abc import Iterator
from functools import partial
from pathlib import Path

import pytest
import requests
from playwright.sync_api import expect

from browser.conftest import chromium, logged_in
from browser.forms import choose, choose_tag, fill_value
from launcher import dotenv
from samples import make_image, unique
from servers.orthanc import RestClient
from servers.router import Json, RouterClient, tag
from servers.waiting import wait_until

FOLDER = Path(os.environ.get("CONTAINERS_FOLDER", "/nowhere"))
CHECKOUT = FOLDER / "checkout"
SERVICES = ["orthanc", "mongodb", "mongo-express", "sftp", "mail"]
VOLUMES = {"orthanc": 400, "mongodb": 500}
IMAGES = FOLDER / "to-send"
#: Nobody waits longer on a busy machine.
PATIENCE = 180

pytestmark = pytest.mark.skipif(not CHECKOUT.exists(), reason="tests/containers/run makes what this needs")


def run(*command: object, check: bool = True) -> str:
    """What a command prints. Raises AssertionError with it where the command fails."""
    done = subprocess.run(
        [str(word) for word in command],
        cwd=CHECKOUT,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        timeout=600,
        check=False,
    )
    assert done.returncode == 0 or not check, done.stdout
    return done.stdout


def podman(*arguments: object, check: bool = True) -> str:
    return run("podman", *arguments, check=check)


def compose(*arguments: object, check: bool = True) -> str:
    """Docker Compose with the files as they are, and what tests/containers/run puts over them."""
    files = ["--file", "docker-compose.yml", "--file", FOLDER / "override.yml"]
    if (CHECKOUT / "secrets").exists():
        files += ["--file", "docker-compose.secrets.yml"]
    return run(FOLDER / "docker-compose", *files, "--profile", "try", *arguments, check=check)


def container(service: str) -> str:
    return f"orthanc-router-{service}-1"


def state(service: str) -> Json:
    """What the engine says of the container."""
    (found,) = json.loads(podman("inspect", container(service)))
    document: Json = found["State"]
    return document


def is_healthy(service: str) -> bool:
    now = state(service)
    health: Json = now.get("Healthcheck") or now.get("Health") or {}
    return bool(now["Running"]) and health.get("Status") == "healthy"


def wait_until_healthy(*services: str) -> None:
    for service in services:
        wait_until(partial(is_healthy, service), PATIENCE, partial(logs, service))


def logs(service: str) -> str:
    return podman("logs", "--tail", 60, container(service), check=False)


class Volume:
    """A volume of the compose file: a file system in memory, so that it can be full."""

    def __init__(self, name: str) -> None:
        self.folder = FOLDER / f"images/volumes/orthanc-router_{name}/_data"

    def fill(self) -> None:
        """Leave not a single block."""
        run("dd", "if=/dev/zero", f"of={self.folder / 'ballast'}", "bs=4k", check=False)

    def free(self) -> None:
        """Undo `fill`."""
        (self.folder / "ballast").unlink()


def send(ct: str) -> bool:
    """Send a new CT of this patient from a container of its own; whether it was accepted."""
    IMAGES.mkdir(exist_ok=True)
    file = IMAGES / f"{ct}.dcm"
    make_image("CT", PatientID=ct).save_as(file)
    command = f"storescu -xs -aet CT -aec ORTHANC orthanc 4242 /images/{file.name}"
    options = ["--rm", "--network", "orthanc-router_edge", "--volume", f"{IMAGES}:/images:ro"]
    told = podman(
        "run", *options, "localhost/dcmtk", "sh", "-c", f"{command} 2>&1 && echo accepted", check=False
    )
    return "accepted" in told and "Status" not in told


def arrived() -> str:
    """The names of the files that the third container has."""
    return podman("exec", "research", "ls", "/tmp/received")


def sends_and_delivers(router: RouterClient) -> None:
    """A CT that is sent now is at the destination soon."""
    ct = unique("CT")
    assert send(ct)
    wait_until_delivered(router, ct)


def wait_until_delivered(router: RouterClient, ct: str) -> None:
    def delivered() -> bool:
        try:
            found = router.deliveries(search=ct)
        except requests.RequestException:
            return False
        return [one["state"] for one in found] == ["succeeded"]

    wait_until(delivered, PATIENCE, lambda: f"{ct} was not delivered: {router.deliveries(search=ct)}")


@pytest.fixture(scope="module")
def settings() -> dict[str, str]:
    return dotenv.read(CHECKOUT / ".env")


@pytest.fixture(scope="module")
def router(settings: dict[str, str]) -> RouterClient:
    url = f"http://127.0.0.1:{settings['ORTHANC_PORT']}"
    return RouterClient(RestClient(url, settings["ORTHANC_USERNAME"], settings["ORTHANC_PASSWORD"]))


@pytest.fixture(scope="module", autouse=True)
def containers() -> Iterator[None]:
    """All containers made, none started but the third party; volumes that can be full."""
    compose("create")
    volumes = [(Volume(name).folder, megabytes) for name, megabytes in VOLUMES.items()]
    for folder, megabytes in volumes:
        run("mount", "-t", "tmpfs", "-o", f"size={megabytes}m", "tmpfs", folder)
    command = "mkdir /tmp/received && exec storescp --fork -aet RESEARCH -od /tmp/received 11112"
    options = ["--detach", "--name", "research", "--network", "orthanc-router_edge"]
    podman("run", *options, "localhost/dcmtk", "sh", "-c", command)
    try:
        yield
    finally:
        for service in SERVICES:
            (FOLDER / f"{service}.log").write_text(logs(service), "utf-8")
        podman("rm", "--force", "--time", 2, "research")
        compose("stop", "--timeout", 20)
        compose("down", "--timeout", 5)
        for folder, _ in volumes:
            run("umount", folder, check=False)


def test_an_upgrade_goes_on_with_the_volumes_of_an_earlier_image(
    settings: dict[str, str], router: RouterClient
) -> None:
    # The earlier router answers as its own version describes it.
    login = settings["ORTHANC_USERNAME"], settings["ORTHANC_PASSWORD"]
    before = RouterClient(RestClient(router.rest.url, *login, is_described=False))
    compose("up", "--detach", "--wait", "mongodb")
    (made,) = json.loads(podman("inspect", container("orthanc")))
    variables = [*made["Config"]["Env"], f"ORTHANC_PASSWORD={settings['ORTHANC_PASSWORD']}"]
    podman(
        "run",
        "--detach",
        "--name=earlier",
        "--hostname=orthanc",
        "--network=orthanc-router_edge:alias=orthanc",
        "--network=orthanc-router_internal",
        "--volume=orthanc-router_orthanc:/var/lib/orthanc",
        f"--publish=127.0.0.1:{settings['ORTHANC_PORT']}:8042",
        *(f"--env={variable}" for variable in variables),
        "docker.io/library/orthanc-router:earlier",
    )
    try:
        wait_until(lambda: answers(before), PATIENCE, lambda: podman("logs", "--tail", 60, "earlier"))
        receiver = {"aet": "RESEARCH", "host": "research", "port": 11112}
        destination = before.post(
            "/destinations", {"name": "Research", "kind": "dicom", "settings": receiver}
        )
        before.policy("CT to research", {"all": [tag("Modality", "equals", "CT")]}, destination)
        sends_and_delivers(before)
        podman("stop", "--time", 30, "earlier")
    finally:
        podman("rm", "--force", "earlier")
    compose("up", "--detach", "--wait")
    assert [policy["name"] for policy in router.get("/policies")["items"]] == ["CT to research"]
    assert sum(delivery["instances"] for delivery in router.deliveries()) == 1


def answers(router: RouterClient) -> bool:
    try:
        return router.health()["store"]["ok"] is True
    except (requests.RequestException, KeyError):
        return False


def test_all_are_well_with_few_rights(router: RouterClient) -> None:
    wait_until_healthy(*SERVICES)
    for service in SERVICES:
        (made,) = json.loads(podman("inspect", container(service)))
        assert made["HostConfig"]["ReadonlyRootfs"] is (service != "sftp")
        assert made["HostConfig"]["Memory"] > 0
    assert podman("exec", container("orthanc"), "id", "--user").strip() == "999"
    assert "CapEff:\t0000000000000000" in podman("exec", container("orthanc"), "cat", "/proc/1/status")
    assert router.health()["status"] == "ok"


def test_nobody_but_the_given_user_gets_in(settings: dict[str, str], router: RouterClient) -> None:
    url, password = router.rest.url, settings["ORTHANC_PASSWORD"]
    assert (
        RestClient(url, settings["ORTHANC_USERNAME"], password).request("GET", "/system").status_code == 200
    )
    assert RestClient(url, "orthanc", password).request("GET", "/system").status_code == 401
    assert router.rest.request("GET", "/router/app").status_code == 200


def test_the_inner_network_leads_nowhere_else() -> None:
    reach = "exec 3<>/dev/tcp/research/11112"
    assert "research" in podman("exec", container("mongodb"), "bash", "-c", reach, check=False)


def test_a_ct_goes_from_one_container_to_another(router: RouterClient) -> None:
    before = arrived()
    sends_and_delivers(router)
    assert len(arrived().split()) == len(before.split()) + 1


def test_a_first_policy_is_made_in_the_page_by_hand(settings: dict[str, str]) -> None:
    """A person logs in, makes a destination and a policy, and sees a CT arrive."""
    ct = unique("PAGE")
    url, login = f"http://127.0.0.1:{settings['ORTHANC_PORT']}", settings["ORTHANC_USERNAME"]
    with chromium() as browser, logged_in(browser, url, login, settings["ORTHANC_PASSWORD"]) as page:
        page.goto("destinations")
        page.get_by_role("link", name=re.compile("Add destination")).first.click()
        page.get_by_role("textbox", name="Name", exact=True).fill("By hand")
        page.get_by_label("AE title", exact=True).fill("RESEARCH")
        page.get_by_label("Host", exact=True).fill("research")
        page.get_by_label("Port", exact=True).fill("11112")
        page.get_by_role("button", name="Test", exact=True).click()
        expect(page.get_by_text(re.compile("Answered in"))).to_be_visible()
        page.get_by_role("button", name="Save").click()
        expect(page.get_by_text("Destination “By hand” saved")).to_be_visible()
        page.get_by_role("link", name="Policies").first.click()
        page.get_by_role("link", name=re.compile("Add policy")).first.click()
        page.get_by_role("textbox", name="Name", exact=True).fill("One patient")
        condition = page.get_by_role("group", name="Condition").first
        choose_tag(condition, "patient id", "PatientID")
        fill_value(condition, ct)
        choose(page, page.get_by_role("group", name="Send on").locator("input").first, "By hand")
        page.get_by_role("button", name="Save").click()
        expect(page.get_by_text("Policy “One patient” is in effect")).to_be_visible()
        assert send(ct)
        page.get_by_role("link", name="Deliveries").first.click()
        row = page.get_by_role("row").filter(has_text=ct).filter(has_text="By hand")
        expect(row).to_contain_text("Delivered")


def test_mongo_express_shows_the_documents(settings: dict[str, str]) -> None:
    url = f"http://127.0.0.1:{settings['MONGO_EXPRESS_PORT']}/db/{settings['MONGO_INITDB_DATABASE']}/"
    login = (settings["ME_CONFIG_BASICAUTH_USERNAME"], settings["ME_CONFIG_BASICAUTH_PASSWORD"])
    answer = requests.get(url, auth=login, timeout=30)
    assert answer.status_code == 200
    assert "policies" in answer.text
    assert requests.get(url, timeout=30).status_code == 401


def test_the_sftp_server_and_the_mail_catcher_can_be_tried(
    settings: dict[str, str], router: RouterClient
) -> None:
    key = router.post("/destinations/host-key", {"host": "sftp", "port": 22})["host_key"]
    login = {"username": settings["FTP_USERNAME"], "password": settings["FTP_PASSWORD"]}
    place = {"host": "sftp", "port": 22, "host_key": key, "path": "upload"} | login
    sftp = router.post("/destinations", {"name": "SFTP", "kind": "sftp", "settings": place})
    catcher = {"host": "mail", "port": 1025, "security": "none", "sender": "router@example.org"}
    mail = router.post("/destinations", {"name": "Mail", "kind": "email", "settings": catcher})
    notice = {
        "type": "notify",
        "destination": mail["id"],
        "to": ["a@example.org"],
        "subject": "One",
        "body": "x",
    }
    actions = [{"type": "forward", "destination": sftp["id"]}, notice]
    ct = unique("TRY")
    rule = {"all": [tag("PatientID", "equals", ct)]}
    router.post("/policies", {"name": "Try", "rule": rule, "actions": actions})
    assert send(ct)
    router.wait_until_delivered(3, PATIENCE, search=ct)
    home = f"/home/{settings['FTP_USERNAME']}/upload"
    assert ".dcm" in podman("exec", container("sftp"), "find", home, "-type", "f")
    mails = requests.get(f"http://127.0.0.1:{settings['MAIL_PORT']}/api/v1/messages", timeout=30).json()
    assert [one["Subject"] for one in mails["messages"]] == ["One"]


@pytest.mark.parametrize("service", SERVICES)
def test_each_comes_back_after_a_restart(service: str, router: RouterClient) -> None:
    compose("restart", service)
    wait_until_healthy(service, "orthanc")
    sends_and_delivers(router)


@pytest.mark.parametrize("service", SERVICES)
def test_each_comes_back_after_it_was_killed(service: str, router: RouterClient) -> None:
    before: int = state(service)["Pid"]
    os.kill(before, 9)
    wait_until(lambda: state(service)["Pid"] not in (0, before), PATIENCE, lambda: logs(service))
    wait_until_healthy(service, "orthanc")
    sends_and_delivers(router)


def test_orthanc_ends_by_itself_within_the_grace_period(router: RouterClient) -> None:
    begin = time.monotonic()
    compose("stop", "orthanc")
    assert time.monotonic() - begin < 30
    assert state("orthanc")["ExitCode"] == 0
    assert "Orthanc has stopped" in logs("orthanc")
    compose("start", "orthanc")
    wait_until_healthy("orthanc")
    sends_and_delivers(router)


def test_a_full_volume_of_orthanc_refuses_images_and_takes_them_later(router: RouterClient) -> None:
    volume = Volume("orthanc")
    volume.fill()
    try:
        assert not send(unique("FULL"))
        assert state("orthanc")["Running"]
    finally:
        volume.free()
    sends_and_delivers(router)
    wait_until_healthy("orthanc")


def test_what_came_while_the_volume_of_mongodb_was_full_is_delivered_later(router: RouterClient) -> None:
    volume = Volume("mongodb")
    ct = unique("FULL")
    volume.fill()
    try:
        assert send(ct)
    finally:
        volume.free()
    wait_until_delivered(router, ct)
    wait_until_healthy("mongodb", "orthanc")


def test_a_backup_is_restored_as_the_manual_says(router: RouterClient) -> None:
    backups = FOLDER / "backup"
    backups.mkdir(exist_ok=True)
    os.chown(backups, 999, 999)
    command = [
        "run",
        "--rm",
        "--no-deps",
        "--workdir",
        "/opt/orthanc-router/plugin",
        "--entrypoint",
        "python3",
    ]
    command += ["--volume", f"{backups}:/backup", "orthanc", "-m", "router"]
    compose(*command, "backup", "/backup/router.zip")
    policies = router.get("/policies")
    for policy in policies["items"]:
        router.delete(f"/policies/{policy['id']}")
    compose("stop", "orthanc")
    compose(*command, "restore", "/backup/router.zip", "--replace")
    compose("start", "orthanc")
    wait_until_healthy("orthanc")
    assert router.get("/policies") == policies
    sends_and_delivers(router)


def test_passwords_may_be_docker_secrets(settings: dict[str, str]) -> None:
    """From the first start: MongoDB makes its users of them. None of them is in a container's variables."""
    compose("down", "--timeout", 20)
    run("umount", Volume("mongodb").folder)
    podman("volume", "rm", "orthanc-router_mongodb")
    command = f"{FOLDER / 'docker-compose'} --file docker-compose.yml --file {FOLDER / 'override.yml'}"
    run("env", f"COMPOSE={command}", "orthanc/use-secrets")
    compose("up", "--detach", "--wait", "orthanc", "mongo-express")
    router = RouterClient(
        RestClient(
            f"http://127.0.0.1:{settings['ORTHANC_PORT']}",
            settings["ORTHANC_USERNAME"],
            settings["ORTHANC_PASSWORD"],
        )
    )
    receiver = {"aet": "RESEARCH", "host": "research", "port": 11112}
    destination = router.post("/destinations", {"name": "Research", "kind": "dicom", "settings": receiver})
    router.policy("CT to research", {"all": [tag("Modality", "equals", "CT")]}, destination)
    sends_and_delivers(router)
    wait_until_healthy("orthanc", "mongodb", "mongo-express")
    told = "".join(podman("inspect", container(name)) for name in ("orthanc", "mongodb", "mongo-express"))
    moved = [name for name in settings if name.endswith("_PASSWORD") and not name.startswith("FTP")]
    assert moved
    assert [name for name in moved if settings[name] in told] == []
    url = f"http://127.0.0.1:{settings['MONGO_EXPRESS_PORT']}/db/{settings['MONGO_INITDB_DATABASE']}/"
    login = (settings["ME_CONFIG_BASICAUTH_USERNAME"], settings["ME_CONFIG_BASICAUTH_PASSWORD"])
    assert "policies" in requests.get(url, auth=login, timeout=30).text


def test_the_image_is_small_and_says_what_it_is() -> None:
    names = [
        f"docker.io/library/orthanc-router:{orthanc_tag()}",
        f"docker.io/orthancteam/orthanc:{orthanc_tag()}",
    ]
    image, base = (json.loads(podman("image", "inspect", name))[0] for name in names)
    print(f"image {image['Size'] / 1e6:.0f} MB, its base {base['Size'] / 1e6:.0f} MB")
    print(podman("history", "--format", "{{.Size}} {{.CreatedBy}}", names[0]))
    needed = "du -sm --apparent-size /opt/orthanc-router | cut -f1"
    ours = int(podman("run", "--rm", "--entrypoint", "sh", names[0], "-c", needed)) * 1.05e6
    assert image["Size"] <= 1.15 * (base["Size"] + ours)
    assert image["Config"]["Labels"]["org.opencontainers.image.licenses"]
    left = "command -v gcc cc npm; find /root/.cache /root/.npm /tmp -type f 2>/dev/null; true"
    assert podman("run", "--rm", "--user=root", "--entrypoint=sh", names[0], "-c", left) == ""
    settings = dotenv.read(CHECKOUT / ".env")
    told = podman("history", "--no-trunc", names[0]) + json.dumps(image)
    assert [name for name, value in settings.items() if name.endswith("_PASSWORD") and value in told] == []


def orthanc_tag() -> str:
    return dotenv.read(CHECKOUT / ".env")["ORTHANC_TAG"]
