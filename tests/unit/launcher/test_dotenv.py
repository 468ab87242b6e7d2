# SPDX-License-Identifier: GPL-3.0-or-later
"""The file `.env`: read as docker compose reads it, and made with passwords of its own."""

import stat
from pathlib import Path

import pytest

from launcher import dotenv
from launcher.failure import Failure


@pytest.mark.parametrize(
    ("line", "value"),
    [
        ("NAME=value", "value"),
        ("  export NAME = value  ", "value"),
        ("NAME=", ""),
        ("NAME=   # nothing but a comment", ""),
        ("NAME=two words", "two words"),
        ("NAME=value # a comment", "value"),
        ("NAME=a#b", "a#b"),
        ('NAME="two # words"', "two # words"),
        ("NAME='it is \"quoted\"'", 'it is "quoted"'),
        ("NAME=mongodb://u:p@h:27017/?authSource=db", "mongodb://u:p@h:27017/?authSource=db"),
        ("NAME='$HOME'", "$HOME"),
    ],
)
def test_a_line_gives_its_value(tmp_path: Path, line: str, value: str) -> None:
    file = tmp_path / ".env"
    file.write_text(f"# a comment\n\n{line}\n")
    assert dotenv.read(file) == {"NAME": value}


@pytest.mark.parametrize("line", ["NAME", "NAME value", '"NAME"=value', 'NAME="not closed', "1NAME=value"])
def test_a_line_that_is_none_is_refused_with_its_number(tmp_path: Path, line: str) -> None:
    file = tmp_path / ".env"
    file.write_text(f"# a comment\n{line}\n")
    with pytest.raises(Failure, match="line 2 is not NAME=value"):
        dotenv.read(file)


def test_a_missing_file_is_made_with_new_passwords_for_its_owner_only(tmp_path: Path) -> None:
    (tmp_path / ".env.example").write_text("A_PASSWORD=\nB_PASSWORD=\nC_PASSWORD=given\nD=\n")
    assert dotenv.write_if_missing(tmp_path)
    values = dotenv.read(tmp_path / ".env")
    assert len(values["A_PASSWORD"]) >= 20
    assert len({values["A_PASSWORD"], values["B_PASSWORD"]}) == 2
    assert (values["C_PASSWORD"], values["D"]) == ("given", "")
    assert stat.S_IMODE((tmp_path / ".env").stat().st_mode) == 0o600
    assert sorted(path.name for path in tmp_path.iterdir()) == [".env", ".env.example"]


def test_a_file_that_is_there_is_left_alone(tmp_path: Path) -> None:
    (tmp_path / ".env.example").write_text("A_PASSWORD=\n")
    (tmp_path / ".env").write_text("A_PASSWORD=mine\n")
    assert not dotenv.write_if_missing(tmp_path)
    assert dotenv.read(tmp_path / ".env") == {"A_PASSWORD": "mine"}
