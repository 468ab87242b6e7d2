# SPDX-License-Identifier: GPL-3.0-or-later
"""The results of a policy's cases."""

from dataclasses import dataclass

from router.documents.policy import Case
from router.rules import Explanation, Moment, Reading, Rule, RuleError, deciding

_REASONS = 3


@dataclass(frozen=True, slots=True)
class CaseResult:
    """The result of a case. Where it could not be run, `problem` says why, and `path` where in the case."""

    name: str
    ok: bool
    expected: bool
    matches: bool | None = None
    explanation: Explanation | None = None
    problem: str | None = None
    path: str = ""


def result(case: Case, explanation: Explanation) -> CaseResult:
    """Return the result of a case that was run, with this explanation."""
    matches = bool(explanation["matches"])
    return CaseResult(case.name, matches == case.matches, case.matches, matches, explanation)


def not_run(case: Case, problem: str, path: str = "") -> CaseResult:
    """Return the result of a case that could not be run."""
    return CaseResult(case.name, False, case.matches, problem=problem, path=path)


def run_on_tags(case: Case, rule: Rule, moment: Moment) -> CaseResult:
    """Run a case that has tags."""
    assert case.tags is not None
    try:
        return result(case, rule.explain(Reading.of_document(case.tags), moment))
    except RuleError as error:
        first = error.problems[0]
        return not_run(case, "; ".join(f"{at.path}: {at.message}" for at in error.problems), first.path)


def failure(failed: CaseResult) -> str:
    """Describe a failed case, with the conditions that caused it."""
    if failed.explanation is None:
        return f"The case {failed.name!r} cannot be run: {failed.problem}"
    meant, but = ("match", "does not") if failed.expected else ("not match", "does")
    reasons = deciding(failed.explanation)
    more = f" (and {len(reasons) - _REASONS} more)" if len(reasons) > _REASONS else ""
    return f"The case {failed.name!r} should {meant}, but {but}: {' '.join(reasons[:_REASONS])}{more}"
