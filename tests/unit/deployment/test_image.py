# SPDX-License-Identifier: GPL-3.0-or-later
"""orthanc/Dockerfile, the configuration in it, and what docker-compose.yml gives it, against each other."""

import json
import re
import shlex
from pathlib import Path, PurePosixPath

import pytest

from router.version import VERSION
from unit.deployment.container_files import (
    FILLED,
    HOME,
    compose,
    configuration,
    container_environment,
    image_environment,
    instructions,
    last_stage,
    variables,
)

ORTHANC_JSON = HOME / "orthanc/orthanc.json"
EXPLORER_JSON = HOME / "orthanc/image/explorer2.json"
COPIES = [shlex.split(rest) for word, rest in instructions() if word == "COPY"]
RUNS = " ".join(rest for word, rest in last_stage() if word == "RUN")


def copied() -> dict[str, str]:
    """Where in the image the files and folders of the checkout and of other stages are, by that place."""
    places = {}
    for word, rest in last_stage():
        if word == "COPY":
            *sources, target = [part for part in shlex.split(rest) if not part.startswith("--")]
            for source in sources:
                places[target + PurePosixPath(source).name if target.endswith("/") else target] = source
    return places


def test_what_it_copies_from_the_checkout_is_there_and_let_in() -> None:
    let_in = re.findall(r"^!(.+)$", (HOME / ".dockerignore").read_text("utf-8"), re.MULTILINE)
    sources = [source for copy in COPIES if not copy[0].startswith("--from") for source in copy[:-1]]
    assert sources
    for source in sources:
        assert (HOME / source).exists(), source
        assert any(PurePosixPath(source).is_relative_to(entry) for entry in let_in), source


def test_passwords_and_data_are_not_let_in() -> None:
    lines = (HOME / ".dockerignore").read_text("utf-8").splitlines()
    assert next(line for line in lines if line and not line.startswith("#")) == "*"
    assert not {"!.env", "!data", "!.", "!*"} & set(lines)


def test_tags_and_digests_are_those_of_the_settings() -> None:
    arguments = dict(rest.split("=") for word, rest in instructions() if word == "ARG")
    built_with = compose()["services"]["orthanc"]["build"]["args"]
    assert built_with == {name: FILLED[name] for name in ("ORTHANC_TAG", "ORTHANC_DIGEST", "NODE_DIGEST")}
    assert built_with.items() <= arguments.items()


def test_all_images_are_named_with_their_digests() -> None:
    services = {name: service["image"] for name, service in compose()["services"].items()}
    ours = services.pop("orthanc")
    assert ours.startswith("orthanc-router:")
    assert len(services) >= 4
    with_digest = re.compile(r"[a-z0-9/._-]+:[a-z0-9._-]+@sha256:[0-9a-f]{64}")
    assert [image for image in services.values() if not with_digest.fullmatch(image)] == []
    arguments = dict(rest.split("=") for word, rest in instructions() if word == "ARG")
    bases = [rest.split()[0] for word, rest in instructions() if word == "FROM"]
    for name, value in arguments.items():
        bases = [base.replace(f"${{{name}}}", value) for base in bases]
    assert [base for base in bases if not with_digest.fullmatch(base)] == []


def test_it_says_what_it_is() -> None:
    labels = dict(
        word.split("=", 1) for name, rest in last_stage() if name == "LABEL" for word in shlex.split(rest)
    )
    assert labels["org.opencontainers.image.version"] == VERSION
    assert labels["org.opencontainers.image.licenses"] == "GPL-3.0-or-later"
    assert labels["org.opencontainers.image.title"] == "Orthanc Router"


def test_no_variable_means_something_else_to_the_entry_point() -> None:
    # ORTHANC_PASSWORD makes one more user, "orthanc"; NAME, HTTP_..., DICOM_... are old names of settings,
    # with which the image does not start since 26.7.0.
    taken = re.compile(
        r"ORTHANC_PASSWORD|ORTHANC_JSON|.*_SECRET|NAME|PLUGINS|LOCALE|(HTTP|DICOM|PG|DW|WVB|AC|STORAGE)_.*"
    )
    assert [name for name in container_environment() if taken.fullmatch(name)] == []


def test_the_host_id_is_written_where_the_container_may_write() -> None:
    (place,) = re.findall(r"ln -sf (\S+) /etc/hostid", RUNS)
    memory = dict(entry.split(":") for entry in compose()["services"]["orthanc"]["tmpfs"])
    # Any user may write there: engines differ in whether a tmpfs has an owner, and runc gives it the
    # permissions of the folder in the image, which are these for /tmp only.
    assert str(PurePosixPath(place).parent) == "/tmp"
    assert "mode=1777" in memory["/tmp"]


def test_it_does_not_run_as_root() -> None:
    assert [rest for word, rest in last_stage() if word == "USER"] == ["orthanc"]


class TestConfiguration:
    def test_the_container_knows_every_variable_of_it(self) -> None:
        text = ORTHANC_JSON.read_text("utf-8").partition("{\n")[2]  # what is before is a comment
        assert variables(text) <= set(container_environment())

    def test_nothing_is_said_twice(self) -> None:
        assert not set(configuration(ORTHANC_JSON)) & set(configuration(EXPLORER_JSON))

    def test_both_files_are_where_the_entry_point_looks(self) -> None:
        for file in (ORTHANC_JSON, EXPLORER_JSON):
            assert copied()[f"/etc/orthanc/{file.name}"] == str(file.relative_to(HOME))

    def test_its_ports_are_those_that_are_published(self) -> None:
        found = configuration(ORTHANC_JSON)
        inside = {int(port.split(":")[-1]) for port in compose()["services"]["orthanc"]["ports"]}
        exposed = {int(port) for word, rest in last_stage() if word == "EXPOSE" for port in rest.split()}
        assert {found["HttpPort"], found["DicomPort"]} == inside == exposed

    def test_people_from_outside_the_container_are_answered(self) -> None:
        assert configuration(ORTHANC_JSON)["RemoteAccessAllowed"] is True

    def test_the_plugin_and_its_page_are_where_it_says(self) -> None:
        found = configuration(ORTHANC_JSON)
        assert copied()[str(PurePosixPath(found["PythonScript"]).parent)] == "plugin"
        assert copied()[found["Router"]["PageDirectory"]] == "/webapp/dist"

    def test_what_is_written_is_in_the_volume_in_a_folder_that_is_made(self) -> None:
        found = configuration(ORTHANC_JSON)
        (volume,) = [rest for word, rest in last_stage() if word == "VOLUME"]
        assert f"orthanc:{volume}" in compose()["services"]["orthanc"]["volumes"]
        router = found["Router"]
        folders = [found["StorageDirectory"], found["IndexDirectory"], router["DataDirectory"]]
        for folder in [*folders, *router["FolderRoots"]]:
            assert PurePosixPath(folder).is_relative_to(volume)
            assert folder in RUNS.split()

    def test_the_plugins_it_needs_are_put_in_their_place(self) -> None:
        loaded = [PurePosixPath(path) for path in json.loads(image_environment()["ORTHANC__PLUGINS"])]
        (folder,) = {path.parent for path in loaded}
        linked = re.search(r"for plugin in ([\w ]+);", RUNS)
        assert linked
        assert f'"{folder}/lib$plugin.so"' in RUNS
        assert [path.stem.removeprefix("lib") for path in loaded] == linked[1].split()
        # So that the router can extend the page of Explorer 2.
        assert loaded[0].stem == "libOrthancPython"
        needed = {Path(path).stem.removeprefix("lib") for path in configuration(ORTHANC_JSON)["Plugins"]}
        # The entry point wants these two whatever is configured, and cannot put them in place itself.
        assert needed | {"OrthancExplorer2", "OrthancGdcm"} <= set(linked[1].split())

    def test_the_packages_are_where_python_looks(self) -> None:
        home = image_environment()["ROUTER_HOME"]
        assert image_environment()["PYTHONPATH"] == f"{home}/packages"
        assert copied()[home] == home
        made = " ".join(rest for word, rest in instructions() if word == "RUN")
        assert f"cd {home} && ln -s python/lib/python3*/site-packages packages" in made


class TestExplorer:
    buttons = configuration(EXPLORER_JSON)["OrthancExplorer2"]["UiOptions"]["CustomButtons"]

    @pytest.mark.parametrize("level", ["study", "series", "instance", "bulk-studies"])
    def test_a_button_leads_to_a_place_in_the_page(self, level: str) -> None:
        (button,) = self.buttons[level]
        assert button["HttpMethod"] == "GET"
        found = re.fullmatch(r"\.\./\.\./router/app/(\w+).*\{(?:UUID|CommaSeparatedUUIDs)\}", button["Url"])
        assert found
        assert f'path: "{found[1]}' in (HOME / "webapp/src/routes.tsx").read_text("utf-8")

    def test_no_two_have_the_same_name(self) -> None:
        names = [button["Id"] for buttons in self.buttons.values() for button in buttons]
        assert len(names) == len(set(names)) == 4
