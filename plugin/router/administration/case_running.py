# SPDX-License-Identifier: GPL-3.0-or-later
"""Runs a policy's cases, on tags and on stored resources."""

from typing import Protocol

from router.administration.explaining import Explainer, NoSuchResource
from router.clock import MACHINE_ZONE, Clock
from router.documents.policy import Case, PolicyDraft
from router.review import CaseResult, not_run, result, run_on_tags
from router.rules import Moment, Rule, compile_rule


class StoredCases(Protocol):
    """Runs the cases about stored resources."""

    def run(self, case: Case, rule: Rule) -> CaseResult:
        """Return the result of the case. Raises OrthancError, OrthancUnreachable."""
        ...


class CasesInOrthanc:
    """`StoredCases` that reads from Orthanc."""

    def __init__(self, explainer: Explainer) -> None:
        self._explainer = explainer

    def run(self, case: Case, rule: Rule) -> CaseResult:
        assert case.resource is not None
        try:
            evaluated = self._explainer.evaluate(rule, case.resource.level, case.resource.id)
        except NoSuchResource as error:
            return not_run(case, f"{error} Use tags instead.", "resource")
        return result(case, evaluated["explanation"])


class CaseRunner:
    """Runs cases."""

    def __init__(self, stored: StoredCases, clock: Clock) -> None:
        self._stored = stored
        self._clock = clock

    def run(self, policy: PolicyDraft) -> list[CaseResult]:
        """Run all cases of a policy with a valid rule, in their order.

        Raises OrthancError, OrthancUnreachable.
        """
        rule = compile_rule(policy.rule, policy.trigger.level)
        moment = Moment(self._clock().astimezone(MACHINE_ZONE))
        return [
            run_on_tags(case, rule, moment) if case.resource is None else self._stored.run(case, rule)
            for case in policy.cases
        ]
