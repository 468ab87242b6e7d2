# SPDX-License-Identifier: GPL-3.0-or-later
"""Why a rule matches an instance or does not, condition by condition.

`matches` is true, false, or null where the tag has not been read.
"""

from typing import Any, Literal, NotRequired, Union, final

from typing_extensions import TypedDict

from router.rules.condition import Answers, Condition
from router.rules.node import AllOf, AnyOf, Node, Not
from router.rules.problem import Unfit, quoted
from router.rules.raw import LONGEST_READ, MOST_READ, Raw
from router.rules.reading import Found
from router.rules.sentence import show_value

#: The most values shown, and the most characters of each.
MOST_SHOWN = 20
LONGEST_SHOWN = 256


@final
class ExplainedGroup(TypedDict):
    """The verdict of a group of conditions, and of each of its parts."""

    group: Literal["all", "any", "not"]
    matches: bool | None
    children: list["Explanation"]


@final
class ExplainedCondition(TypedDict):
    """The verdict of a condition, and why."""

    tag: str
    keyword: str
    name: str
    vr: str
    operator: str
    value: Any
    #: The values found, shortened.
    actual: list[str | int | float]
    matches: bool | None
    reason: str
    #: What relative words (`today-7d`) mean at that moment.
    compared_with: NotRequired[Any]
    #: As in the rule.
    case_sensitive: NotRequired[bool]
    description: NotRequired[str]


Explanation = Union[ExplainedGroup, ExplainedCondition]  # noqa: UP007 - named before it is defined


def explain(node: Node, answers: Answers) -> Explanation:
    """Return the tree of verdicts and reasons, ready for JSON."""
    name: Literal["all", "any", "not"]
    match node:
        case Condition():
            return _condition(node, answers)
        case Not(inner):
            name, nodes = "not", (inner,)
        case AllOf(nodes):
            name = "all"
        case AnyOf(nodes):
            name = "any"
    return {
        "group": name,
        "matches": node.verdict(answers),
        "children": [explain(inner, answers) for inner in nodes],
    }


def _condition(condition: Condition, answers: Answers) -> ExplainedCondition:
    path = condition.path if condition.comparison is None else condition.comparison.operand.path
    found = answers.reading.found(path)
    explained: ExplainedCondition = {
        "tag": condition.document["tag"],
        "keyword": condition.path.keyword,
        "name": condition.path.entry.name,
        "vr": condition.path.vr,
        "operator": condition.document["operator"],
        "value": condition.document.get("value"),
        "actual": _actual(found),
        "matches": condition.verdict(answers),
        "reason": _where(_reason(condition, found, answers), found),
    }
    if condition.comparison is not None and condition.comparison.resolved is not None:
        resolved = condition.comparison.resolved(answers.moment)
        explained["compared_with"] = resolved if condition.operator.value != "one" else resolved[0]
    if "case_sensitive" in condition.document:
        explained["case_sensitive"] = condition.document["case_sensitive"]
    if "description" in condition.document:
        explained["description"] = condition.document["description"]
    return explained


def _actual(found: Found | None) -> list[str | int | float]:
    if found is None:
        return []
    return [_shown(value) for value in found.values[:MOST_SHOWN]]


def _shown(value: Raw) -> str | int | float:
    if isinstance(value, float) and value not in {float("inf"), float("-inf")} and value == value:
        return value
    if isinstance(value, int):
        return value
    text = str(value).encode("utf-8", "replace").decode("utf-8")
    return text if len(text) <= LONGEST_SHOWN else f"{text[:LONGEST_SHOWN]}…"


def _reason(condition: Condition, found: Found | None, answers: Answers) -> str:
    """The reason in one sentence. The effect of a denying operator comes last."""
    tag = condition.path.text
    if found is None:
        return f"{tag} has not been read."
    so = _so(condition)
    if not found.values:
        return f"{tag} is {'empty' if found.present else 'absent'}{so}."
    if condition.comparison is None:
        return f"{tag} has a value."
    understood = answers.reading.understood(condition.comparison.operand)
    if understood is None:
        return f"TimezoneOffsetFromUTC, which {tag} depends on, has not been read."
    operator, wanted = condition.operator, show_value(condition)
    several = len(understood) > 1
    unfit: list[Unfit] = []
    for position, (raw, value) in enumerate(understood):
        if isinstance(value, Unfit):
            unfit.append(value)
        elif condition.comparison.test(value, answers.moment):
            which = f"Value {position + 1} of {len(understood)}, {quoted(raw)}," if several else quoted(raw)
            return f"{which} {operator.says} {wanted}."
    if len(unfit) == len(understood):
        return f"{unfit[0]}, so it cannot be compared{so}."
    reason = f"{quoted(understood[0][0])} {operator.denies} {wanted}"
    if several:
        reason = f"None of the {len(understood)} values {operator.says} {wanted}"
    if unfit:
        reason += f"; {unfit[0]}"
    if found.cut:
        reason += f"; only the first {LONGEST_READ:,} characters and {MOST_READ:,} values are compared"
    return f"{reason}."


def _where(reason: str, found: Found | None) -> str:
    return f"{reason.removesuffix('.')} ({found.where})." if found is not None and found.where else reason


def _so(condition: Condition) -> str:
    if condition.denied and condition.comparison is not None:
        return f', so "{condition.document["operator"]}" holds'
    return ""


def deciding(explained: Explanation) -> list[str]:
    """The reasons of the conditions that decide the verdict, without those that did not affect it."""
    if "group" not in explained:
        return [_told(explained["tag"], explained["reason"])]
    children = explained["children"]
    if not children:
        return [
            f'An empty "{explained["group"]}" matches {"everything" if explained["matches"] else "nothing"}.'
        ]
    if explained["group"] != "not":
        children = [child for child in children if child["matches"] == explained["matches"]]
    return [reason for child in children for reason in deciding(child)]


def _told(tag: str, reason: str) -> str:
    return reason if reason.startswith(tag) else f"{tag}: {reason}"
