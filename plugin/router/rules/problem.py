# SPDX-License-Identifier: GPL-3.0-or-later
"""What is wrong with a rule, and how much of a rule is accepted."""

from dataclasses import dataclass

#: Groups inside groups inside a rule.
DEEPEST_NESTING = 32
#: Conditions and groups of a rule together.
MOST_NODES = 1000
#: Values in the list of an `in`.
MOST_LISTED = 1000
#: Characters of a value to compare with, of a description, and of a written tag.
LONGEST_VALUE = 4096
#: Characters of a regular expression.
LONGEST_PATTERN = 1000
#: Sequences inside sequences in a written tag, and in given tags.
DEEPEST_PATH = 16
#: Values in given tags.
MOST_GIVEN_VALUES = 10_000
#: Problems told at once; a document with more is not read to its end.
MOST_PROBLEMS = 100

_QUOTED = 80


@dataclass(frozen=True, slots=True)
class Problem:
    """One thing that is wrong. `path` is relative to the rule: `all[0].not.tag`."""

    path: str
    message: str


class RuleError(Exception):
    """A rule, a written tag or given tags that cannot be used; `problems` holds all that is wrong."""

    def __init__(self, problems: list[Problem]) -> None:
        super().__init__("; ".join(f"{problem.path}: {problem.message}" for problem in problems))
        self.problems = problems


class Unfit(ValueError):  # noqa: N818 - it reads as what it says
    """A value, tag or operator that does not fit; the message says why. Becomes a Problem's message
    while a rule is compiled, and a condition's reason while it is evaluated."""


def quoted(text: object) -> str:
    """The text in double quotes, made short and printable, for messages."""
    shown = str(text)
    if len(shown) > _QUOTED:
        shown = f"{shown[:_QUOTED]}…"
    return (
        '"'
        + "".join(letter if letter.isprintable() else "\N{REPLACEMENT CHARACTER}" for letter in shown)
        + '"'
    )
