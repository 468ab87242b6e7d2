# SPDX-License-Identifier: GPL-3.0-or-later
"""Settings: where they come from, which are refused, and how they get into Orthanc's configuration."""

import json
import re
from pathlib import Path

import pytest

from launcher import dotenv
from launcher.failure import Failure
from launcher.settings import HOME, Settings

GIVEN = {**dotenv.read(HOME / ".env.example"), "ORTHANC_PASSWORD": "secret"}


def test_the_environment_goes_before_the_file_and_the_file_before_the_example(tmp_path: Path) -> None:
    (tmp_path / ".env.example").write_text((HOME / ".env.example").read_text())
    (tmp_path / ".env").write_text("ORTHANC_PASSWORD=of-the-file\nORTHANC_PORT=1\nORTHANC_AET=FILE\n")
    settings = Settings.read({"ORTHANC_PORT": "2"}, tmp_path)
    assert (settings.port, settings.aet, settings.password) == (2, "FILE", "of-the-file")
    assert settings.dicom_port == 4242


def test_the_example_alone_lacks_nothing_but_the_password() -> None:
    with pytest.raises(Failure, match="ORTHANC_PASSWORD is not set"):
        Settings.of({**GIVEN, "ORTHANC_PASSWORD": ""})
    settings = Settings.of(GIVEN)
    assert settings.page == "http://localhost:8042/router/app"
    assert settings.data_folder == HOME / "data"
    assert (settings.mongo_uri, settings.remote_access) == ("", False)


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("ORTHANC_PORT", "eighty"),
        ("ORTHANC_PORT", "0"),
        ("ORTHANC_DICOM_PORT", "65536"),
        ("ORTHANC_DICOM_PORT", ""),
        ("ORTHANC_DICOM_PORT", GIVEN["ORTHANC_PORT"]),
        ("ORTHANC_AET", "LONGER THAN SIXTEEN"),
        ("ORTHANC_AET", "A\\B"),
        ("ORTHANC_URL", "pacs.example.org"),
        ("ORTHANC_REMOTE_ACCESS", "yes"),
        ("ORTHANC_USERNAME", "a:b"),
        ("ORTHANC_NAME", "two\nlines"),
        ("DATA_DIR", ""),
        ("MONGO_URI", "localhost:27017"),
    ],
)
def test_what_cannot_be_used_is_refused_by_its_name(name: str, value: str) -> None:
    with pytest.raises(Failure, match=name):
        Settings.of({**GIVEN, name: value})


def test_a_public_address_leads_to_the_page() -> None:
    settings = Settings.of({**GIVEN, "ORTHANC_URL": "https://pacs.example.org/orthanc/"})
    assert settings.page == "https://pacs.example.org/orthanc/router/app"


def test_the_demonstration_has_data_and_a_store_of_its_own() -> None:
    settings = Settings.of({**GIVEN, "MONGO_URI": "mongodb://somewhere/"}).for_demonstration()
    assert settings.data_folder == HOME / "data-demo"
    assert settings.mongo_uri == ""


def test_every_variable_of_the_configuration_is_given_and_used() -> None:
    text = (HOME / "orthanc" / "orthanc.json").read_text()
    used = set(re.findall(r"\$\{(\w+)\}", text)) - {"NAMES"}  # the word in the comment at its head
    assert used == set(Settings.of(GIVEN).orthanc_environment())


@pytest.mark.parametrize("password", ['quo"te', "back\\slash", "${HOME}", "ümläut", "a b"])
def test_a_value_stays_what_it_is_inside_the_configuration(password: str) -> None:
    variables = Settings.of({**GIVEN, "ORTHANC_PASSWORD": password}).orthanc_environment()
    assert json.loads(f'"{variables["ORTHANC_LOGIN_PASSWORD"]}"') == password
    assert "$" not in variables["ORTHANC_LOGIN_PASSWORD"]
    assert (variables["ORTHANC_PORT"], variables["ORTHANC_REMOTE_ACCESS"]) == ("8042", "false")
