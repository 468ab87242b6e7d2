# SPDX-License-Identifier: GPL-3.0-or-later
"""orthanc/start and orthanc/stop, from their settings to the end of every process."""

import os
import re
import select
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from pathlib import Path

import pytest

from launcher.data_folder import DataFolder
from launcher.router_api import RouterApi
from launcher.settings import HOME, Settings
from samples import make_series
from servers.node import Node
from servers.orthanc import RestClient
from servers.process import free_port, port_is_open
from servers.router import Json, RouterClient, patient
from servers.sender import send

UNTIL_STARTED = 40.0
UNTIL_STOPPED = 10.0


class Installation:
    """The launcher on a data folder and ports of its own."""

    def __init__(self, folder: Path, **variables: str) -> None:
        self.environment = {
            **os.environ,
            "PYTHONPATH": str(HOME / "orthanc"),
            "DATA_DIR": str(folder),
            "ORTHANC_PORT": str(free_port()),
            "ORTHANC_DICOM_PORT": str(free_port()),
            "ORTHANC_PASSWORD": 'a "secret" of ${HOME}',
            "ORTHANC_URL": "",
            "MONGO_URI": "",
            **variables,
        }
        self.settings = Settings.read(self.environment)
        self.folder = DataFolder(folder)

    def run(self, program: str, *options: str) -> subprocess.Popen[str]:
        """Begin `start` or `stop`."""
        return subprocess.Popen(
            [sys.executable, "-m", f"launcher.{program}", *options],
            env=self.environment,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )

    def finish(self, program: str, *options: str) -> tuple[int, str, str]:
        """Run it to its end; its exit code and what it printed."""
        process = self.run(program, *options)
        printed, errors = process.communicate(timeout=UNTIL_STARTED)
        return process.returncode, printed, errors

    def nothing_is_left(self) -> bool:
        """Whether nobody uses the data folder, and nobody listens."""
        ports = (self.settings.port, self.settings.dicom_port)
        return self.folder.in_use_by() is None and not any(map(port_is_open, ports))

    def health(self) -> str:
        """What the router says of itself."""
        return str(RouterApi(self.settings).health()["status"])


@pytest.fixture
def installation(tmp_path: Path) -> Iterator[Installation]:
    one = Installation(tmp_path / "data")
    yield one
    one.finish("stop")
    one.finish("stop", "--demo")


def printed_until(process: subprocess.Popen[str], text: str) -> str:
    """What it prints up to this text. Fails where it ends or takes too long."""
    assert process.stdout is not None
    printed = ""
    deadline = time.monotonic() + UNTIL_STARTED
    while text not in printed:
        readable, _, _ = select.select([process.stdout], [], [], deadline - time.monotonic())
        assert readable, f"{text!r} was not printed in time, but: {printed}"
        piece = os.read(process.stdout.fileno(), 4096)
        assert piece, f"ended with {process.wait()} after printing: {printed}"
        printed += piece.decode()
    return printed


def ended(process: subprocess.Popen[str]) -> float:
    """Wait until it has ended; the seconds that took."""
    begin = time.monotonic()
    process.communicate(timeout=UNTIL_STOPPED)
    return time.monotonic() - begin


def ended_by_itself(installation: Installation) -> bool:
    """Whether Orthanc has come to its own end, and every database was closed."""
    log = (installation.folder.logs / "orthanc.log").read_text("utf-8", "replace")
    left = [path.name for path in installation.folder.path.rglob("*-wal")]
    return "Orthanc has stopped" in log[-1000:] and left == []


def destinations_of(deliveries: Sequence[Json], state: str) -> set[str]:
    """Where deliveries in this state go to."""
    return {delivery["destination"]["id"] for delivery in deliveries if delivery["state"] == state}


@pytest.mark.parametrize("asked_by", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_it_runs_tells_how_to_reach_it_and_ends_when_asked(
    installation: Installation, asked_by: signal.Signals
) -> None:
    settings = installation.settings
    process = installation.run("start")
    printed = printed_until(process, "Ctrl-C ends it.")
    for told in (settings.page, settings.username, settings.password, settings.aet, str(settings.dicom_port)):
        assert told in printed
    assert installation.health() == "ok"
    process.send_signal(asked_by)
    assert ended(process) < UNTIL_STOPPED
    assert process.returncode == 0
    assert installation.nothing_is_left()
    assert ended_by_itself(installation)


def test_in_the_background_it_goes_on_until_it_is_stopped(installation: Installation) -> None:
    code, printed, _ = installation.finish("start", "--detach")
    assert (code, "orthanc/stop ends it." in printed) == (0, True)
    assert installation.health() == "ok"
    begin = time.monotonic()
    assert installation.finish("stop")[:2] == (0, "Orthanc has stopped.\n")
    assert time.monotonic() - begin < UNTIL_STOPPED
    assert installation.nothing_is_left()
    assert ended_by_itself(installation)
    assert "Nothing runs on" in installation.finish("stop")[1]


def test_it_ends_by_itself_while_fifteen_of_twenty_destinations_do_not_answer(
    installation: Installation, node: Node
) -> None:
    settings = installation.settings
    installation.finish("start", "--detach")
    url = f"http://127.0.0.1:{settings.port}"
    router = RouterClient(RestClient(url, settings.username, settings.password))
    # Connections are made, and nothing is ever said on them.
    with socket.create_server(("127.0.0.1", 0), backlog=128) as silent:
        ports = [silent.getsockname()[1]] * 15 + [node.port] * 5
        destinations = [
            router.destination(f"Node {number}", node, settings={"port": port})
            for number, port in enumerate(ports)
        ]
        router.policy("To all", patient("SOMEONE"), *destinations)
        images = make_series(2, PatientID="SOMEONE")
        send(settings.dicom_port, images)
        router.wait_for_deliveries(
            lambda found: (
                [len(destinations_of(found, state)) for state in ("running", "succeeded")] == [15, 5]
            ),
            timeout=60,
        )
        assert installation.finish("stop")[:2] == (0, "Orthanc has stopped.\n")
    assert installation.nothing_is_left()
    assert ended_by_itself(installation)


def test_what_a_killed_launcher_leaves_behind_is_stopped(installation: Installation) -> None:
    installation.finish("start", "--detach")
    running = installation.folder.in_use_by()
    assert running is not None
    os.kill(running.launcher, signal.SIGKILL)
    assert installation.finish("stop")[1] == "Orthanc has stopped.\n"
    assert installation.nothing_is_left()
    assert ended_by_itself(installation)


def test_a_service_manager_that_asks_all_processes_at_once_kills_nothing(installation: Installation) -> None:
    installation.finish("start", "--detach")
    running = installation.folder.in_use_by()
    assert running is not None
    assert running.orthanc is not None
    launcher = os.pidfd_open(running.launcher)
    os.kill(running.orthanc, signal.SIGTERM)
    os.kill(running.launcher, signal.SIGTERM)
    readable, _, _ = select.select([launcher], [], [], UNTIL_STOPPED)
    os.close(launcher)
    assert readable
    assert installation.nothing_is_left()
    assert ended_by_itself(installation)


def test_two_run_side_by_side_but_not_on_the_same_data(installation: Installation, tmp_path: Path) -> None:
    installation.finish("start", "--detach")
    other = Installation(tmp_path / "other")
    try:
        assert other.finish("start", "--detach")[0] == 0
        assert (installation.health(), other.health()) == ("ok", "ok")
    finally:
        other.finish("stop")
    same = Installation(installation.folder.path)
    code, _, errors = same.finish("start")
    assert (code, errors.count("\n")) == (1, 1)
    assert "It runs already on" in errors
    assert installation.health() == "ok"


@pytest.mark.parametrize("setting", ["ORTHANC_PORT", "ORTHANC_DICOM_PORT"])
def test_a_taken_port_is_told_in_one_line(installation: Installation, setting: str) -> None:
    with socket.create_server(("", int(installation.environment[setting]))):
        code, _, errors = installation.finish("start")
    assert (code, errors.count("\n")) == (1, 1)
    assert re.search(rf"Port \d+ \({setting}\) is taken", errors)
    assert installation.nothing_is_left()


def test_a_store_that_does_not_come_up_is_told_in_one_line_and_nothing_is_left(tmp_path: Path) -> None:
    one = Installation(tmp_path / "data", MONGO_URI=f"mongodb://user:hidden@127.0.0.1:{free_port()}/")
    code, _, errors = one.finish("start")
    assert (code, errors.count("\n")) == (1, 1)
    assert "The store is not available" in errors
    assert "hidden" not in errors
    assert one.nothing_is_left()


def test_an_orthanc_that_ends_by_itself_is_told(installation: Installation) -> None:
    process = installation.run("start")
    printed_until(process, "Ctrl-C ends it.")
    running = installation.folder.in_use_by()
    assert running is not None
    assert running.orthanc is not None
    os.kill(running.orthanc, signal.SIGKILL)
    _, errors = process.communicate(timeout=UNTIL_STOPPED)
    assert process.returncode == 1
    assert "Orthanc has ended" in errors
    assert installation.nothing_is_left()


def test_the_demonstration_routes_a_dozen_images_every_time(installation: Installation) -> None:
    for _ in range(2):
        process = installation.run("start", "--demo")
        printed = printed_until(process, "Ctrl-C ends it.")
        process.send_signal(signal.SIGINT)
        ended(process)
        arrived = [line for line in printed.splitlines() if re.search(r"RESEARCH|TEACHING|ARCHIVE", line)]
        assert len(arrived) == 12, printed
        assert any(re.search(r"CT_small.*CT to research.*RESEARCH +Modality is CT", line) for line in arrived)
    assert not installation.folder.path.exists()
