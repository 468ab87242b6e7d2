# SPDX-License-Identifier: GPL-3.0-or-later
"""`python -m router check`: what a hospital's continuous integration sees of its documents."""

import json
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

import router
from router.command_line import main

DESTINATIONS = """
version: 1
destinations:
  - name: Research
    kind: sftp
    settings:
      host: sftp.example.org
      username: router
      private_key: {env: ROUTER_DESTINATION_KEY}
      passphrase: {env: ROUTER_DESTINATION_PASSPHRASE}
      host_key: ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIGkQbTpmYWUy8VhgcwhVy4y3JvzPYHyc0wkFZ8Hn2Qcd
      path: studies
"""
POLICIES = """
version: 1
policies:
  - name: Adult CT
    rule:
      all:
        - {tag: Modality, operator: equals, value: CT}
        - {not: {tag: PatientAge, operator: less_than, value: 18Y}}
    actions:
      - {type: forward, destination: research, window: {from: 22:00, to: 06:00}}
      - {type: label, label: seen}
    cases:
      - {name: an adult, tags: {Modality: CT, PatientAge: 060Y}, matches: true}
      - {name: a child, tags: {Modality: CT, PatientAge: 006Y}, matches: false}
"""

WriteFile = Callable[[str, str], str]


@pytest.fixture
def write(tmp_path: Path) -> WriteFile:
    """Writes a file; its path."""

    def written(name: str, text: str) -> str:
        (tmp_path / name).write_text(text, "utf-8")
        return str(tmp_path / name)

    return written


def checked(capsys: pytest.CaptureFixture[str], *arguments: str) -> tuple[int, Any]:
    """The exit code, and the result as JSON."""
    code = main(["check", "--json", *arguments])
    return code, json.loads(capsys.readouterr().out)


def test_all_is_well(write: WriteFile, capsys: pytest.CaptureFixture[str]) -> None:
    files = [write("destinations.yaml", DESTINATIONS), write("policies.yml", POLICIES)]
    code, result = checked(capsys, *files)
    assert (code, result["ok"], result["problems"], result["warnings"]) == (0, True, [], [])
    assert [(one["policy"], one["name"], one["ok"]) for one in result["cases"]] == [
        ("Adult CT", "an adult", True),
        ("Adult CT", "a child", True),
    ]
    assert main(["check", *files]) == 0
    assert capsys.readouterr().out.splitlines() == [
        "ok: Adult CT: an adult",
        "ok: Adult CT: a child",
        "All is well.",
    ]


def test_a_failing_case(write: WriteFile, capsys: pytest.CaptureFixture[str]) -> None:
    text = POLICIES.replace("value: CT", "value: MR").replace(
        "name: Adult CT", "name: Adult CT\n    enabled: false"
    )
    files = [write("destinations.yaml", DESTINATIONS), write("policies.yaml", text)]
    code, result = checked(capsys, *files)
    assert (code, result["ok"], result["problems"]) == (1, False, [])
    assert [one["ok"] for one in result["cases"]] == [False, True]
    assert main(["check", *files]) == 1
    assert capsys.readouterr().out.splitlines()[0] == (
        'failed: Adult CT: The case \'an adult\' should match, but does not: Modality: "CT" is not "MR".'
    )


def test_a_failing_case_of_a_policy_that_is_on(write: WriteFile, capsys: pytest.CaptureFixture[str]) -> None:
    file = write("policies.yaml", POLICIES.replace("value: CT", "value: MR"))
    code, result = checked(capsys, write("destinations.yaml", DESTINATIONS), file)
    assert code == 1
    assert [(one["file"], one["path"]) for one in result["problems"]] == [(file, "policies[0].cases[0]")]


def test_what_is_wrong_is_told_with_its_file(write: WriteFile, capsys: pytest.CaptureFixture[str]) -> None:
    first = write("a.yaml", DESTINATIONS)
    second = write(
        "b.json", json.dumps({"version": 1, "policies": [{"name": "x", "rule": {"tag": "Nothing"}}]})
    )
    third = write("c.yaml", POLICIES.replace("destination: research", "destination: elsewhere"))
    code, result = checked(capsys, first, second, third)
    assert code == 1
    assert [(one["file"], one["path"]) for one in result["problems"]] == [
        (second, "policies[0].rule.tag"),
        (second, "policies[0].rule.operator"),
        (third, "policies[0].actions[0].destination"),
    ]
    assert main(["check", first, second, third]) == 1
    assert f"error: {third}: policies[0].actions[0].destination: There is no" in capsys.readouterr().out


@pytest.mark.parametrize("text", ["version: [", "version: 2", "just text", "", "version: 1\nversion: 1"])
def test_what_is_no_document(write: WriteFile, capsys: pytest.CaptureFixture[str], text: str) -> None:
    file = write("a.yaml", text)
    code, result = checked(capsys, file)
    assert code == 1
    assert {one["file"] for one in result["problems"]} == {file}


def test_a_file_that_is_not_there(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    assert main(["check", str(tmp_path / "none.yaml")]) == 2
    assert "none.yaml" in capsys.readouterr().err


def test_a_warning_is_a_failure_if_asked_for(write: WriteFile, capsys: pytest.CaptureFixture[str]) -> None:
    off = write("destinations.yaml", DESTINATIONS.replace("kind: sftp", "kind: sftp\n    enabled: false"))
    file = write("policies.yaml", POLICIES)
    code, result = checked(capsys, off, file)
    assert code == 0
    [warning] = result["warnings"]
    assert (warning["code"], warning["file"], warning["path"]) == (
        "destination_off",
        file,
        "policies[0].actions[0].destination",
    )
    assert checked(capsys, "--strict", off, file)[0] == 1


def test_a_case_of_something_stored_is_not_run(write: WriteFile, capsys: pytest.CaptureFixture[str]) -> None:
    text = POLICIES.replace("tags: {Modality: CT, PatientAge: 060Y}", "resource: {level: study, id: abc}")
    code, result = checked(capsys, write("a.yaml", DESTINATIONS), write("b.yaml", text))
    assert code == 0
    assert result["cases"][0]["matches"] is None
    assert "not run" in result["cases"][0]["problem"]


def test_it_runs_outside_orthanc(write: WriteFile) -> None:
    """Where there is no module `orthanc`, and nothing of a router's data."""
    plugin = str(Path(router.__file__).parents[1])
    done = subprocess.run(
        [sys.executable, "-m", "router", "check", write("a.yaml", DESTINATIONS)],
        env={**os.environ, "PYTHONPATH": plugin},
        capture_output=True,
        text=True,
        check=False,
    )
    assert (done.returncode, done.stdout, done.stderr) == (0, "All is well.\n", "")
