# SPDX-License-Identifier: GPL-3.0-or-later
"""A condition: a tag, an operator and the values to compare with."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from router.rules.comparison import Comparison
from router.rules.moment import Moment
from router.rules.operators import Operator
from router.rules.reading import Reading
from router.rules.tag_path import TagPath


class Answers:
    """The verdicts of conditions on one reading at one moment. Each condition is evaluated once."""

    def __init__(self, reading: Reading, moment: Moment) -> None:
        self.reading = reading
        self.moment = moment
        #: Verdicts by the condition's key.
        self.known: dict[str, bool | None] = {}


@dataclass(frozen=True, slots=True)
class Condition:
    """A compiled condition. `operator` is positive; where `denied`, its opposite is meant.

    Conditions with the same `key` always have the same verdict. `comparison` is None where the condition
    only asks for the presence of a value.
    """

    document: Mapping[str, Any]
    path: TagPath
    operator: Operator
    denied: bool
    comparison: Comparison | None
    key: str

    def verdict(self, answers: Answers) -> bool | None:
        """Whether the condition is fulfilled; None where the tag has not been read."""
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
