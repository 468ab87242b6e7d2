# SPDX-License-Identifier: GPL-3.0-or-later
"""The problems of a rule, and the limits of a rule's size."""

from dataclasses import dataclass

#: The deepest nesting of groups in a rule.
DEEPEST_NESTING = 32
#: The most conditions and groups of a rule together.
MOST_NODES = 1000
#: The most values in a list.
MOST_LISTED = 1000
#: The most characters of a value to compare with, of a description, and of a written tag.
LONGEST_VALUE = 4096
#: The most characters of a regular expression.
LONGEST_PATTERN = 1000
#: The deepest nesting of sequences in a written tag, and in given tags.
DEEPEST_PATH = 16
#: The most values in given tags.
MOST_GIVEN_VALUES = 10_000
#: The most problems reported at once; the rest of such a document is not read.
MOST_PROBLEMS = 100

_QUOTED = 80


@dataclass(frozen=True, slots=True)
class Problem:
    """One problem. `path` is relative to the rule: `all[0].not.tag`."""

    path: str
    message: str


class RuleError(Exception):
    """A rule, a written tag or given tags are not usable; `problems` lists all problems."""

    def __init__(self, problems: list[Problem]) -> None:
        super().__init__("; ".join(f"{problem.path}: {problem.message}" for problem in problems))
        self.problems = problems


class Unfit(ValueError):  # noqa: N818 - it reads as what it says
    """A value, tag or operator does not fit; the message says why. It becomes the message of a Problem
    while a rule is compiled, and the reason of a condition while it is evaluated."""


def quoted(text: object) -> str:
    """The text in double quotes for messages, shortened and printable."""
    shown = str(text)
    if len(shown) > _QUOTED:
        shown = f"{shown[:_QUOTED]}…"
    return (
        '"'
        + "".join(letter if letter.isprintable() else "\N{REPLACEMENT CHARACTER}" for letter in shown)
        + '"'
    )
