# SPDX-License-Identifier: GPL-3.0-or-later
"""The operators: their names, the VRs that they apply to, and their opposites."""

import difflib
from dataclasses import dataclass
from typing import Literal

from router.rules.problem import Unfit, quoted

ValueForm = Literal["none", "one", "two", "list"]
#: What an operator needs of a value: its presence, equality, a place in an order, or text.
Demand = Literal["presence", "equality", "order", "text"]

TEXT_VRS = ("AE", "CS", "LO", "LT", "PN", "SH", "ST", "UC", "UI", "UR", "UT")
NUMBER_VRS = ("DS", "FD", "FL", "IS", "SL", "SS", "SV", "UL", "US", "US or SS", "UV")
TIME_VRS = ("AS", "DA", "DT", "TM")
#: The VR of a tag for which none is declared: a private tag of a creator that is not in the dictionary.
UNDECLARED = "UN"
OPAQUE_VRS = ("OB", "OB or OW", "OD", "OF", "OL", "OV", "OW", "SQ", "US or OW", "US or SS or OW")

_VRS: dict[Demand, tuple[str, ...]] = {
    "presence": tuple(sorted({*TEXT_VRS, *NUMBER_VRS, *TIME_VRS, "AT", UNDECLARED, *OPAQUE_VRS})),
    "equality": tuple(sorted({*TEXT_VRS, *NUMBER_VRS, *TIME_VRS, "AT", UNDECLARED})),
    "order": tuple(sorted({*NUMBER_VRS, *TIME_VRS, UNDECLARED})),
    "text": tuple(sorted({*TEXT_VRS, UNDECLARED})),
}


@dataclass(frozen=True, slots=True)
class OperatorEntry:
    """An operator, for people and for pages that build rules.

    `vrs` are the value representations that it applies to. `value` is the form of what it compares with:
    none, one value, two (a list of both ends) or a list. `negates` names the operator that it is the opposite
    of.
    """

    name: str
    label: str
    vrs: tuple[str, ...]
    value: ValueForm
    negates: str | None


@dataclass(frozen=True, slots=True)
class Operator:
    """A positive operator, the name of its opposite, if any, and the words for both."""

    name: str
    demand: Demand
    value: ValueForm
    says: str
    denies: str
    opposite: str | None = None

    @property
    def vrs(self) -> tuple[str, ...]:
        """The value representations that it applies to."""
        return _VRS[self.demand]


_OPERATORS = (
    Operator("equals", "equality", "one", "is", "is not", "not_equals"),
    Operator("contains", "text", "one", "contains", "does not contain", "not_contains"),
    Operator("starts_with", "text", "one", "starts with", "does not start with"),
    Operator("ends_with", "text", "one", "ends with", "does not end with"),
    Operator("matches", "text", "one", "matches the pattern", "does not match the pattern", "not_matches"),
    Operator("in", "equality", "list", "is one of", "is none of", "not_in"),
    Operator("less_than", "order", "one", "is less than", "is not less than"),
    Operator("less_or_equal", "order", "one", "is at most", "is not at most"),
    Operator("greater_than", "order", "one", "is greater than", "is not greater than"),
    Operator("greater_or_equal", "order", "one", "is at least", "is not at least"),
    Operator("between", "order", "two", "is between", "is not between"),
    Operator("exists", "presence", "none", "has a value", "has no value", "missing"),
)

#: Every name that a rule may use: its positive operator, and whether the name is the opposite.
OPERATORS: dict[str, tuple[Operator, bool]] = {
    **{operator.name: (operator, False) for operator in _OPERATORS},
    **{operator.opposite: (operator, True) for operator in _OPERATORS if operator.opposite},
}


def operators() -> list[OperatorEntry]:
    """All operators, each followed by its opposite."""
    return [
        OperatorEntry(
            name,
            operator.denies if denied else operator.says,
            operator.vrs,
            operator.value,
            operator.name if denied else None,
        )
        for operator in _OPERATORS
        for name, denied in ((operator.name, False), (operator.opposite, True))
        if name is not None
    ]


def find_operator(name: object) -> tuple[Operator, bool]:
    """The positive operator of a name, and whether the name is its opposite. Raises Unfit."""
    if not isinstance(name, str):
        raise Unfit("the operator must be a text")
    if name not in OPERATORS:
        near = difflib.get_close_matches(name[:80].casefold(), OPERATORS, n=1)
        hint = f"; did you mean {near[0]}?" if near else f"; there are {', '.join(OPERATORS)}"
        raise Unfit(f"there is no operator {quoted(name)}{hint}")
    return OPERATORS[name]
