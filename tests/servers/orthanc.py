# SPDX-License-Identifier: GPL-3.0-or-later
"""A real Orthanc, with the router in it or without."""

import json
import os
import re
import signal
import subprocess
import tempfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import requests

from servers.described_api import check_answer
from servers.network import OwnNetwork
from servers.process import ServerProcess, free_port
from servers.waiting import wait_until

REPOSITORY = Path(__file__).parents[2]
PROGRAM = Path(os.environ.get("ORTHANC_PROGRAM", "/usr/sbin/Orthanc"))
PLUGINS = Path(os.environ.get("ORTHANC_PLUGINS", "/usr/share/orthanc/plugins"))
USERNAME, PASSWORD = "tester", "correct horse battery staple"

#: Comments of a configuration file, or a string (in which nothing is a comment).
_COMMENT = re.compile(r'(?P<string>"(?:\\.|[^"\\])*")|//[^\n]*|/\*.*?\*/', re.DOTALL)


def plugin_packages() -> Path:
    """Where the plugin's virtual environment keeps its packages."""
    environment = REPOSITORY / ".venv" / "plugin"
    return next(environment.glob("lib/python3*/site-packages"))


def version_of_orthanc() -> list[int]:
    """Such as [1, 12, 7]."""
    printed = subprocess.run([PROGRAM, "--version"], capture_output=True, text=True, check=True).stdout
    return [int(number) for number in printed.split()[1].split("+")[0].split(".")]


class RestError(Exception):
    """An answer other than success."""

    def __init__(self, response: requests.Response) -> None:
        super().__init__(
            f"{response.request.method} {response.url}: {response.status_code} {response.text[:2000]}"
        )
        self.response = response
        self.status = response.status_code


class RestClient:
    """Orthanc's REST API (the router's routes too) for one user."""

    def __init__(
        self, url: str, username: str = USERNAME, password: str = PASSWORD, is_described: bool = True
    ) -> None:
        """`is_described`: whether the router answers as this checkout describes it."""
        self.url = url
        self._login = (username, password)
        self._is_described = is_described

    def at(self, url: str) -> "RestClient":
        """The same user at another address."""
        return RestClient(url, *self._login, self._is_described)

    def request(self, method: str, path: str, timeout: float = 30, **options: Any) -> requests.Response:
        """Any call; the answer whatever its status. `options` are those of `requests`."""
        # Orthanc closes kept connections after a second, which may be just when the next call begins.
        with requests.Session() as session:
            session.trust_env = False
            session.auth = self._login
            session.headers["X-Requested-With"] = "tests"
            response = session.request(method, self.url + path, timeout=timeout, **options)
        if self._is_described and path.startswith("/router/"):
            check_answer(response, path)
        return response

    def call(self, method: str, path: str, **options: Any) -> Any:
        """Any call; the answer's JSON (None where there is none). Raises RestError unless it succeeded."""
        response = self.request(method, path, **options)
        if not response.ok:
            raise RestError(response)
        return response.json() if response.content else None

    def get(self, path: str, **parameters: Any) -> Any:
        """The JSON at `path`."""
        return self.call("GET", path, params=parameters)

    def post(self, path: str, document: object = None) -> Any:
        """The JSON that answers a POST of `document`."""
        return self.call("POST", path, json={} if document is None else document)

    def put(self, path: str, document: object) -> Any:
        """The JSON that answers a PUT of `document`."""
        return self.call("PUT", path, json=document)

    def delete(self, path: str) -> Any:
        """The JSON that answers a DELETE."""
        return self.call("DELETE", path)

    def text(self, path: str) -> str:
        """What is at `path`, as text."""
        response = self.request("GET", path)
        if not response.ok:
            raise RestError(response)
        return response.text

    def upload(self, dicom: bytes) -> str:
        """Store an instance over REST; its Orthanc identifier."""
        return str(self.call("POST", "/instances", data=dicom)["ID"])


class OrthancServer:
    """An Orthanc on free ports with its storage, index and log below one folder.

    `plugin=False` gives a plain Orthanc: the other node of a test, or the reference of a measurement.
    `router` and `options` go over the section `Router` and over the whole configuration, `environment` over
    that of this process. It runs in this machine's network, or in one of its own.
    """

    def __init__(
        self,
        folder: Path | None = None,
        *,
        plugin: bool = True,
        aet: str = "ORTHANC",
        mongo_uri: str = "",
        mongo_database: str = "orthanc_router",
        router: Mapping[str, object] | None = None,
        options: Mapping[str, object] | None = None,
        verbose: bool = False,
        environment: Mapping[str, str] | None = None,
        network: OwnNetwork | None = None,
        repository: Path = REPOSITORY,
    ) -> None:
        """`repository`: the checkout whose router it runs, with the packages of this one."""
        self.folder = folder or Path(tempfile.mkdtemp(prefix="orthanc-"))
        self.folder.mkdir(parents=True, exist_ok=True)
        self._repository = repository
        self.plugin = plugin
        self.aet = aet
        self.http_port = free_port()
        self.dicom_port = free_port()
        self.storage = self.folder / "orthanc"
        self.router_directory = self.folder / "router"
        self.host = network.address if network else "127.0.0.1"
        self.url = f"http://{self.host}:{self.http_port}"
        self.rest = RestClient(self.url, is_described=repository == REPOSITORY)
        self.configuration = self._as_installed(mongo_uri, mongo_database)
        if plugin:
            self.configuration["Router"].update(router or {})
        else:
            for setting in ("Router", "PythonScript", "Python"):
                del self.configuration[setting]
        self.configuration.update(options or {})
        command: list[str | int | Path] = [
            PROGRAM,
            *(["--verbose"] if verbose else []),
            self.folder / "orthanc.json",
        ]
        self.process = ServerProcess(
            network.command(command) if network else command,
            self.folder / "orthanc.log",
            {**({"PYTHONPATH": str(plugin_packages())} if plugin else {}), **(environment or {})},
        )

    def _as_installed(self, mongo_uri: str, mongo_database: str) -> dict[str, Any]:
        """The configuration that orthanc/start would use, with this server's folders and ports."""
        values = {
            "ROUTER_HOME": self._repository,
            "DATA_DIR": self.folder,
            "MONGO_URI": mongo_uri,
            "MONGO_INITDB_DATABASE": mongo_database,
            "ORTHANC_NAME": f"Test {self.aet}",
            "ORTHANC_AET": self.aet,
            "ORTHANC_PORT": self.http_port,
            "ORTHANC_DICOM_PORT": self.dicom_port,
            "ORTHANC_URL": self.url,
            "ORTHANC_REMOTE_ACCESS": "true",
            "ORTHANC_USERNAME": USERNAME,
            "ORTHANC_LOGIN_PASSWORD": PASSWORD,
            # Its name in earlier revisions, which benchmarks run beside this one.
            "ORTHANC_PASSWORD": PASSWORD,
        }
        text = (self._repository / "orthanc" / "orthanc.json").read_text("utf-8")
        text = _COMMENT.sub(lambda found: found["string"] or "", text)
        text = re.sub(r"\$\{(\w+)\}", lambda found: str(values[found[1]]), text)
        configuration: dict[str, Any] = json.loads(text)
        configuration["Plugins"] = [
            str(PLUGINS / Path(path).name)
            for path in configuration["Plugins"]
            if self.plugin or "Python" not in path
        ]
        return configuration

    def start(self, *, wait_for_health: bool = True) -> "OrthancServer":
        """Start it and wait until it answers; with the plugin also until the router works.

        `wait_for_health=False` only waits for the router to answer, whatever it says of its health.
        """
        for folder in (self.storage, self.router_directory):
            folder.mkdir(exist_ok=True)
        (self.folder / "orthanc.json").write_text(json.dumps(self.configuration, indent=1))
        self.process.start()
        try:
            self.wait_until_ready(wait_for_health=wait_for_health)
        except BaseException:
            self.kill()
            raise
        return self

    def wait_until_ready(self, *, wait_for_health: bool = True) -> None:
        """Wait until Orthanc answers, and the router in it."""
        wait_until(lambda: self._answers(wait_for_health), 30, self._why_not_ready)

    def _answers(self, wait_for_health: bool) -> bool:
        assert self.process.running, f"Orthanc has ended:\n{self.log()[-3000:]}"
        try:
            if not self.plugin:
                return self.rest.request("GET", "/system").ok
            health = self.rest.request("GET", "/router/health")
            # Registered already, but started only once Orthanc has told it so.
            if not wait_for_health:
                return health.ok or health.status_code == 503
            # "warning" is said of destinations, say, that do not answer: the router works.
            return health.ok and health.json()["status"] in {"ok", "warning"}
        except requests.ConnectionError:
            return False

    def _why_not_ready(self) -> str:
        return f"Orthanc is not ready; its log ends:\n{self.log()[-3000:]}"

    def stop(self, timeout: float = 10) -> float:
        """SIGTERM; how many seconds the end took. Raises AssertionError if it takes longer than `timeout`, or
        ends otherwise than by itself (a crash of Python's interpreter, say)."""
        if not self.process.running:
            return 0
        seconds = self.process.stop(timeout)
        status = self.process.exit_status
        assert status == 0, f"Orthanc has ended with {status}; its log ends:\n{self.log()[-3000:]}"
        return seconds

    def kill(self) -> None:
        """SIGKILL: nothing is flushed, nothing is told."""
        self.process.kill()

    def restart(self, *, kill: bool = False, wait_for_health: bool = True) -> None:
        """Stop (or kill) it, and start it on the same folders and ports."""
        if kill:
            self.kill()
        else:
            self.stop()
        self.start(wait_for_health=wait_for_health)

    def pause(self) -> None:
        """Freeze it (SIGSTOP)."""
        self.process.signal(signal.SIGSTOP)

    def resume(self) -> None:
        """Let it go on after `pause`."""
        self.process.signal(signal.SIGCONT)

    def log(self) -> str:
        """All it has logged since it was made."""
        return self.process.log_text()

    def instances(self) -> list[str]:
        """Orthanc's identifiers of all that it stores."""
        return list(self.rest.get("/instances"))

    def sop_instance_uids(self) -> set[str]:
        """The SOP Instance UIDs of all that it stores."""
        found = self.rest.post("/tools/find", {"Level": "Instance", "Query": {}, "Expand": True})
        return {instance["MainDicomTags"]["SOPInstanceUID"] for instance in found}

    def dicom(self, instance: str) -> bytes:
        """The stored file of an instance."""
        response = self.rest.request("GET", f"/instances/{instance}/file")
        if not response.ok:
            raise RestError(response)
        return response.content

    def client(self, username: str, password: str) -> RestClient:
        """The REST API for another user."""
        return RestClient(self.url, username, password)

    def __enter__(self) -> "OrthancServer":
        return self if self.process.running else self.start()

    def __exit__(self, *_: object) -> None:
        self.stop()
