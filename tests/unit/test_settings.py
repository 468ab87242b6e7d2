# SPDX-License-Identifier: GPL-3.0-or-later
"""What the router takes from Orthanc's configuration, and how it tells what it cannot use."""

import json

import pytest

from router.settings import Settings, SettingsError


@pytest.mark.parametrize(
    ("value", "overwrites"),
    [(False, False), (True, True), ("Never", False), ("Always", True), ("IfChanged", False)],
)
def test_overwriting_is_a_boolean_or_a_word(value: object, overwrites: bool) -> None:
    """As in Debian's configuration of Orthanc 1.13."""
    settings = Settings.of_configuration(json.dumps({"OverwriteInstances": value}))
    assert settings.overwrite_instances is overwrites


def test_what_is_missing_has_orthancs_own_default() -> None:
    settings = Settings.of_configuration("{}")
    assert (settings.http_port, settings.dicom_port, settings.stable_age) == (8042, 4242, 60)
    assert not settings.authentication
    assert Settings.of_configuration('{"RemoteAccessAllowed": true}').authentication


@pytest.mark.parametrize(
    ("configuration", "told"),
    [
        ({"OverwriteInstances": "Sometimes"}, 'OverwriteInstances: must be true, false, "Never", "Always"'),
        ({"OverwriteInstances": 1}, "OverwriteInstances: must be"),
        ({"StableAge": "soon"}, "StableAge: "),
        ({"HttpPort": None}, "HttpPort: "),
        ({"RegisteredUsers": ["admin"]}, "RegisteredUsers: "),
        ({"Router": []}, "Router: must be a section"),
        ({"Router": {"Foo": 1}}, "Router.Foo: "),
        ({"Router": {"Roles": {"Editors": "admin"}}}, "Router.Roles.Editors: "),
        ({"Router": {"FolderRoots": ["/"]}}, "Router.FolderRoots: / is not the absolute path of a folder"),
        ({"PostgreSQL": True}, "PostgreSQL: must be a section"),
        ({"PostgreSQL": {"EnableIndex": True, "ConnectionUri": "postgresql://h:port/d"}}, "ConnectionUri: "),
        ({"Authorization": {"TokenHttpHeaders": "token"}}, "Authorization.TokenHttpHeaders: must be a list"),
    ],
)
def test_what_cannot_be_used_is_told_in_one_line(configuration: dict[str, object], told: str) -> None:
    with pytest.raises(SettingsError) as error:
        Settings.of_configuration(json.dumps(configuration))
    assert told in str(error.value)
    assert "\n" not in str(error.value)


@pytest.mark.parametrize(
    ("bound", "address"),
    [
        ([], "127.0.0.1"),
        (["127.0.0.1"], "127.0.0.1"),
        (["192.0.2.7", "127.0.0.1"], "127.0.0.1"),
        (["0.0.0.0"], "127.0.0.1"),
        (["::1", "192.0.2.7"], "::1"),
        (["192.0.2.7", "192.0.2.8"], "192.0.2.7"),
    ],
)
def test_orthanc_is_reached_where_its_web_server_listens(bound: list[str], address: str) -> None:
    settings = Settings.of_configuration(json.dumps({"HttpBindAddresses": bound}))
    assert settings.http_address == address
