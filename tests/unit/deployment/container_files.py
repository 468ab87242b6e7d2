# SPDX-License-Identifier: GPL-3.0-or-later
"""docker-compose.yml, .env.example and orthanc/Dockerfile as docker reads them, as far as the tests ask."""

import json
import re
import shlex
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from ruamel.yaml import YAML

from launcher import dotenv

HOME = Path(__file__).parents[3]
COMPOSE_TEXT = (HOME / "docker-compose.yml").read_text("utf-8")
SECRETS_TEXT = (HOME / "docker-compose.secrets.yml").read_text("utf-8")
EXAMPLE_TEXT = (HOME / ".env.example").read_text("utf-8")

#: `.env.example` with a value for every password.
FILLED = {
    name: "secret" if name.endswith("_PASSWORD") else value
    for name, value in dotenv.read(HOME / ".env.example").items()
}

_OPENING = re.compile(r"\$\{(\w+)(:-|:\?|\})")
_JSON_COMMENT = re.compile(r'(?P<string>"(?:\\.|[^"\\])*")|//[^\n]*')


class NotStarted(Exception):  # noqa: N818 - it reads as what it says
    """docker compose would refuse to start; the message names the variable."""


def interpolated(text: str, values: Mapping[str, str]) -> str:
    """The text with its variables put in: `${A}`, `${A:-otherwise}`, `${A:?message}`, one in another."""
    result = ""
    while found := _OPENING.search(text):
        result += text[: found.start()].replace("$$", "$")
        name, form = found[1], found[2]
        rest, text = ("", text[found.end() :]) if form == "}" else _until_closing(text[found.end() :])
        if values.get(name):
            result += values[name]
        elif form == ":-":
            result += interpolated(rest, values)
        elif form == ":?":
            raise NotStarted(f"{name}: {rest}")
    return result + text.replace("$$", "$")


def _until_closing(text: str) -> tuple[str, str]:
    depth = 1
    for position, letter in enumerate(text):
        depth += (text[position : position + 2] == "${") - (letter == "}")
        if depth == 0:
            return text[:position], text[position + 1 :]
    raise ValueError(f"a brace is not closed: {text}")


def variables(text: str) -> set[str]:
    """The names of all variables in the text, comments left out."""
    lines = [line for line in text.splitlines() if not line.lstrip().startswith("#")]
    return set(re.findall(r"(?<!\$)\$\{(\w+)", "\n".join(lines)))


def compose(values: Mapping[str, str] = FILLED) -> dict[str, Any]:
    """docker-compose.yml with these values, anchors resolved. Raises NotStarted."""
    document: dict[str, Any] = YAML(typ="safe").load(COMPOSE_TEXT)
    return {key: _filled(value, values) for key, value in document.items()}


def _filled(node: Any, values: Mapping[str, str]) -> Any:
    match node:
        case str():
            return interpolated(node, values)
        case dict():
            return {key: _filled(value, values) for key, value in node.items()}
        case list():
            return [_filled(value, values) for value in node]
        case _:
            return node


def instructions() -> Iterator[tuple[str, str]]:
    """The Dockerfile's instructions: the word, and what follows it."""
    lines = (HOME / "orthanc/Dockerfile").read_text("utf-8").splitlines()
    text = "\n".join(line for line in lines if not line.lstrip().startswith("#"))
    for line in text.replace("\\\n", " ").splitlines():
        if line.strip():
            word, _, rest = line.strip().partition(" ")
            yield word, rest.strip()


def last_stage() -> list[tuple[str, str]]:
    """The instructions of the stage that becomes the image."""
    stage: list[tuple[str, str]] = []
    for word, rest in instructions():
        if word == "FROM":
            stage.clear()
        stage.append((word, rest))
    return stage


def image_environment() -> dict[str, str]:
    """What the image sets in its environment."""
    words = [word for name, rest in last_stage() if name == "ENV" for word in shlex.split(rest)]
    return dict(word.split("=", 1) for word in words)


def container_environment() -> dict[str, str]:
    """The environment of the container of Orthanc."""
    given: dict[str, str] = compose()["services"]["orthanc"]["environment"]
    return image_environment() | given


def configuration(file: Path) -> dict[str, Any]:
    """One of Orthanc's configuration files as the container sees it."""
    text = interpolated(file.read_text("utf-8"), container_environment())
    document: dict[str, Any] = json.loads(_JSON_COMMENT.sub(lambda found: found["string"] or "", text))
    return document
