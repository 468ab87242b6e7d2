# SPDX-License-Identifier: GPL-3.0-or-later
"""One condition: a tag, an operator and what to compare with."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from router.rules.comparison import Comparison
from router.rules.moment import Moment
from router.rules.operators import Operator
from router.rules.reading import Reading
from router.rules.tag_path import TagPath


class Answers:
    """One reading at one moment, of which each condition is asked once."""

    def __init__(self, reading: Reading, moment: Moment) -> None:
        self.reading = reading
        self.moment = moment
        #: Verdicts by the condition's key.
        self.known: dict[str, bool | None] = {}


@dataclass(frozen=True, slots=True)
class Condition:
    """A compiled condition: the positive `operator`, the opposite of which is meant where `denied`.

    Conditions with the same `key` always have the same verdict; `comparison` is None where only the
    presence of a value is asked.
    """

    document: Mapping[str, Any]
    path: TagPath
    operator: Operator
    denied: bool
    comparison: Comparison | None
    key: str

    def verdict(self, answers: Answers) -> bool | None:
        """Whether the condition is satisfied; None where the tag has not been read."""
        known = answers.known
        if self.key in known:
            return known[self.key]
        verdict = known[self.key] = self._evaluate(answers.reading, answers.moment)
        return verdict

    def _evaluate(self, reading: Reading, moment: Moment) -> bool | None:
        if self.comparison is None:
            found = reading.found(self.path)
            return None if found is None else bool(found.values) is not self.denied
        values = reading.comparable(self.comparison.operand)
        if values is None:
            return None
        test = self.comparison.test
        for value in values:
            if test(value, moment):
                return not self.denied
        return self.denied
