# SPDX-License-Identifier: GPL-3.0-or-later
"""The problems of a document that a person or program wrote."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, TypeVar

from pydantic import BaseModel, ValidationError

Model = TypeVar("Model", bound=BaseModel)


class Invalid(Exception):  # noqa: N818 - it reads as what it says
    """A document is not acceptable; `problems` lists all its wrong fields (path, message)."""

    def __init__(self, problems: Iterable[tuple[str, str]]) -> None:
        self.problems: Sequence[tuple[str, str]] = list(problems)
        super().__init__(
            "; ".join(f"{path}: {message}" if path else message for path, message in self.problems)
        )


def validated(model: type[Model], data: object, path: str = "") -> Model:
    """Return `data` as a document. Raises Invalid, with paths below `path`."""
    try:
        return model.model_validate(data)
    except ValidationError as error:
        raise Invalid(
            (_path(problem["loc"], data, path), problem["msg"].removeprefix("Value error, "))
            for problem in error.errors()
        ) from None


def _path(location: Iterable[str | int], data: Any, path: str) -> str:
    """A path such as `actions[0].destination`, in terms of the written document.

    Pydantic adds to a location what the document does not have: the tag of a union's member
    (`actions, 0, forward, destination`). Such parts are left out, except for the last part, which
    may name a missing field.
    """
    parts = list(location)
    for index, part in enumerate(parts):
        last = index == len(parts) - 1
        if isinstance(part, int):
            path += f"[{part}]"
            data = data[part] if isinstance(data, list) and part < len(data) else None
        elif last or (isinstance(data, Mapping) and part in data):
            path += f".{part}" if path else part
            data = data.get(part) if isinstance(data, Mapping) else None
    return path
