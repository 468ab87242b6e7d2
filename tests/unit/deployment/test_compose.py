# SPDX-License-Identifier: GPL-3.0-or-later
"""docker-compose.yml: valid, complete, and closed where it must be."""

import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from ruamel.yaml import YAML

from launcher.settings import Settings
from unit.deployment.container_files import (
    COMPOSE_TEXT,
    EXAMPLE_TEXT,
    FILLED,
    HOME,
    SECRETS_TEXT,
    NotStarted,
    compose,
    instructions,
    interpolated,
    variables,
)

SERVICES: dict[str, Any] = compose()["services"]
SECRETS: dict[str, Any] = YAML(typ="safe").load(re.sub("!reset ", "", SECRETS_TEXT))
PASSWORDS = sorted(name for name in FILLED if name.endswith("_PASSWORD"))
of_each_service = pytest.mark.parametrize("service", SERVICES.values(), ids=SERVICES)


def published() -> list[tuple[str, str, str]]:
    """All published ports: service, address (empty: the network), port inside the container."""
    found = []
    for name, service in SERVICES.items():
        for port in service.get("ports", []):
            *outside, inside = port.split(":")
            found.append((name, outside[0] if len(outside) == 2 else "", inside))
    return found


def test_it_is_what_the_compose_specification_says() -> None:
    command = ["-m", "check_jsonschema", "--builtin-schema", "vendor.compose-spec"]
    checked = subprocess.run(
        [sys.executable, *command, HOME / "docker-compose.yml"], capture_output=True, text=True, timeout=60
    )
    assert checked.returncode == 0, checked.stdout


class TestVariables:
    def test_each_is_told_of_once_in_the_example(self) -> None:
        named = re.findall(r"^(\w+)=", EXAMPLE_TEXT, re.MULTILINE)
        assert sorted(named) == sorted(set(named))
        assert variables(COMPOSE_TEXT) <= set(named)

    def test_none_is_told_of_that_nothing_uses(self) -> None:
        of_start = set(re.findall(r'values, "(\w+)"', Path(Settings.of.__code__.co_filename).read_text()))
        assert of_start
        assert set(FILLED) - variables(COMPOSE_TEXT) <= of_start
        only_compose = EXAMPLE_TEXT.partition("# --- Used by docker compose only ---")[2]
        assert not of_start & set(re.findall(r"^(\w+)=", only_compose, re.MULTILINE))

    def test_an_address_and_a_database_are_made_where_none_are_given(self) -> None:
        environment = SERVICES["orthanc"]["environment"]
        assert environment["ORTHANC_URL"] == "http://localhost:8042"
        assert environment["MONGO_URI"] == (
            "mongodb://router:secret@mongodb:27017/?authSource=orthanc_router"
        )
        own = compose(FILLED | {"MONGO_URI": "mongodb://elsewhere/", "ORTHANC_URL": "https://pacs"})
        assert own["services"]["orthanc"]["environment"]["MONGO_URI"] == "mongodb://elsewhere/"
        assert own["services"]["orthanc"]["environment"]["ORTHANC_URL"] == "https://pacs"


class TestPasswords:
    @pytest.mark.parametrize("name", PASSWORDS)
    def test_without_one_it_does_not_start(self, name: str) -> None:
        with pytest.raises(NotStarted, match=f"{name}: needs a value"):
            compose({**FILLED, name: ""})

    def test_no_place_can_do_without(self) -> None:
        lax = re.findall(r"\$\{\w+_PASSWORD(?!:\?)[^}]*\}", COMPOSE_TEXT)
        assert lax == []

    def test_there_are_none_in_the_repository(self) -> None:
        assert PASSWORDS
        assert re.findall(r"^\w+_(?:PASSWORD|KEY)=.+$", EXAMPLE_TEXT, re.MULTILINE) == []


class TestNetworks:
    def test_mongodb_is_on_the_inner_one_only_and_publishes_nothing(self) -> None:
        assert compose()["networks"]["internal"] == {"internal": True}
        assert SERVICES["mongodb"]["networks"] == ["internal"]
        assert "ports" not in SERVICES["mongodb"]

    def test_only_what_talks_to_mongodb_is_with_it(self) -> None:
        inside = {name for name, service in SERVICES.items() if "internal" in service["networks"]}
        assert inside == {"mongodb", "orthanc", "mongo-express"}

    def test_only_dicom_is_open_to_the_network_unless_the_settings_say_otherwise(self) -> None:
        assert [port for port in published() if port[1] != "127.0.0.1"] == [("orthanc", "", "4242")]

    def test_no_two_want_the_same_port_of_the_machine(self) -> None:
        ports = [port.split(":")[-2] for service in SERVICES.values() for port in service.get("ports", [])]
        assert sorted(ports) == sorted(set(ports))

    def test_every_network_is_declared_and_used(self) -> None:
        used = {network for service in SERVICES.values() for network in service["networks"]}
        assert used == set(compose()["networks"])


class TestVolumes:
    def test_every_volume_is_declared_and_used(self) -> None:
        named = {
            mount.split(":")[0]
            for service in SERVICES.values()
            for mount in service.get("volumes", [])
            if not mount.startswith((".", "/"))
        }
        assert named == set(compose()["volumes"]) == {"orthanc", "mongodb"}

    def test_files_of_the_checkout_are_there_and_cannot_be_written(self) -> None:
        mounts = [
            mount.split(":")
            for service in SERVICES.values()
            for mount in service.get("volumes", [])
            if mount.startswith(".")
        ]
        assert mounts
        for source, _, mode in mounts:
            assert (HOME / source).is_file()
            assert mode == "ro"

    def test_mongodb_makes_the_routers_user_from_what_the_container_has(self) -> None:
        (script,) = [mount for mount in SERVICES["mongodb"]["volumes"] if "initdb.d" in mount]
        text = (HOME / script.split(":")[0]).read_text("utf-8")
        asked = set(re.findall(r"process\.env\.(\w+)", text))
        of_secrets = {"MONGO_API_PASSWORD_FILE"}
        assert asked == {"MONGO_INITDB_DATABASE", "MONGO_API_USER", "MONGO_API_PASSWORD"} | of_secrets
        assert asked - of_secrets <= set(SERVICES["mongodb"]["environment"])
        assert of_secrets <= set(SECRETS["services"]["mongodb"]["environment"])
        assert re.findall(r'role: "(\w+)"', text) == ["readWrite"]


class TestEveryService:
    @of_each_service
    def test_comes_back_and_is_watched(self, service: dict[str, Any]) -> None:
        assert service["restart"] == "unless-stopped"
        watched_by_image = "build" in service and any(word == "HEALTHCHECK" for word, _ in instructions())
        assert watched_by_image or service["healthcheck"]["test"]

    @of_each_service
    def test_has_limits(self, service: dict[str, Any]) -> None:
        limits = service["deploy"]["resources"]["limits"]
        assert set(limits) == {"cpus", "memory", "pids"}
        assert service["logging"]["options"]["max-size"]

    @of_each_service
    def test_has_few_rights(self, service: dict[str, Any]) -> None:
        assert service["cap_drop"] == ["ALL"]
        assert service["security_opt"] == ["no-new-privileges:true"]
        root = "user" not in service and ("USER", "orthanc") not in instructions()
        assert not root

    @of_each_service
    def test_is_a_version_that_was_chosen(self, service: dict[str, Any]) -> None:
        assert re.search(r":v?[\w.-]*\d", service["image"])

    def test_writes_to_its_volumes_and_to_memory_only(self) -> None:
        assert [name for name, service in SERVICES.items() if not service["read_only"]] == ["sftp"]

    @of_each_service
    def test_memory_is_asked_for_in_words_that_all_engines_know(self, service: dict[str, Any]) -> None:
        # Podman refuses uid= and gid=.
        for _, _, options in (place.partition(":") for place in service.get("tmpfs", [])):
            assert {option.partition("=")[0] for option in options.split(",")} <= {"size", "mode"}

    @of_each_service
    def test_is_looked_at_with_what_any_busybox_has(self, service: dict[str, Any]) -> None:
        command = " ".join(service.get("healthcheck", {}).get("test", []))
        assert "nc -z" not in command

    @of_each_service
    def test_may_listen_at_its_port(self, service: dict[str, Any]) -> None:
        # Docker lets anybody listen at a port below 1024, Podman does not.
        low = [port for port in service.get("ports", []) if int(port.split(":")[-1]) < 1024]
        assert not low or "NET_BIND_SERVICE" in service["cap_add"]

    def test_waits_for_mongodb_where_it_needs_it(self) -> None:
        waiting = {name for name, service in SERVICES.items() if "mongodb" in service.get("depends_on", {})}
        assert waiting == {"orthanc", "mongo-express"}
        for name in waiting:
            assert SERVICES[name]["depends_on"]["mongodb"] == {"condition": "service_healthy"}

    def test_for_trying_out_is_not_started_unasked(self) -> None:
        tried = {name for name, service in SERVICES.items() if service.get("profiles") == ["try"]}
        assert tried == {"sftp", "mail"}


def test_the_reading_of_variables_is_that_of_compose() -> None:
    text = "$$HOME ${A} ${A:-b} ${N:-${A:?is missing}-${N:-c}} ${N}"
    assert interpolated(text, {"A": "a"}) == "$HOME a a a-c "
    with pytest.raises(NotStarted, match="A: is missing"):
        interpolated(text, {})
