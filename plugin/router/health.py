# SPDX-License-Identifier: GPL-3.0-or-later
"""The health of parts. `/health` collects it without knowing the parts."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Protocol


@dataclass(frozen=True, slots=True)
class Problem:
    """Something a person should look at."""

    code: str
    message: str

    @classmethod
    def of_store(cls, error: Exception) -> "Problem":
        """The store does not answer, for this reason."""
        return cls("store", f"The store is not available: {error}")


@dataclass(frozen=True, slots=True)
class Health:
    """How one part is, or several together."""

    problems: Sequence[Problem] = ()
    #: Conditions that are worth knowing, but need no help from a person.
    warnings: Sequence[Problem] = ()
    #: What the answer of `/health` says of it, by name. Objects of the same name are made one.
    answer: Mapping[str, Any] = field(default_factory=dict)


class HasHealth(Protocol):
    """A part that can be in trouble."""

    def health(self, *, store_answers: bool) -> Health:
        """How it is, from what it knows already: nothing is written, and Orthanc is asked nothing.

        Where not `store_answers`, the store is not to be asked either: the caller would wait for it in vain.
        """
        ...


def together(parts: Iterable[HasHealth], *, store_answers: bool) -> Health:
    """The health of all parts, in their order. What several say in the same words is said once."""
    problems: list[Problem] = []
    warnings: list[Problem] = []
    answer: dict[str, Any] = {}
    for part in parts:
        health = part.health(store_answers=store_answers)
        problems += health.problems
        warnings += health.warnings
        for name, said in health.answer.items():
            answer[name] = {**answer[name], **said} if name in answer else said
    return Health(list(dict.fromkeys(problems)), warnings, answer)
