"""One condition: a tag, an operator and what to compare with."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from router.rules.comparison import Comparison
from router.rules.moment import Moment
from router.rules.operators import Operator
from router.rules.reading import Reading
from router.rules.tag_path import TagPath


@dataclass(frozen=True, slots=True)
class Condition:
    """A compiled condition. `holds` answers for its positive operator; `denied` turns that round.

    Conditions with the same `key` always have the same answer; `comparison` is None where only the
    presence of a value is asked.
    """

    document: Mapping[str, Any]
    path: TagPath
    operator: Operator
    denied: bool
    comparison: Comparison | None
    key: str

    def holds(self, reading: Reading, moment: Moment) -> bool | None:
        """Whether the positive operator is satisfied; None where the tag has not been read."""
        if self.comparison is None:
            found = reading.found(self.path)
            return None if found is None else bool(found.values)
        values = reading.comparable(self.comparison.operand)
        if values is None:
            return None
        test = self.comparison.test
        return any(test(value, moment) for value in values)
