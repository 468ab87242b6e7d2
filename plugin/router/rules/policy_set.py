# SPDX-License-Identifier: GPL-3.0-or-later
"""All enabled policies of one trigger, decided together.

Conditions that several policies share are answered once for each reading. For rules
that need certain values (such as `equals` and `in`), an index by value finds the policies that may match.
"""

from collections import Counter, defaultdict
from collections.abc import Container, Hashable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Literal

from router.rules.condition import Answers
from router.rules.moment import Moment
from router.rules.necessity import Necessity, necessities
from router.rules.operand import Operand
from router.rules.reading import Reading
from router.rules.rule import Rule


@dataclass(frozen=True, slots=True)
class PolicyRule:
    """A policy as far as the decision needs it."""

    id: str
    order: int
    name: str
    rule: Rule
    stop: bool
    fallback: bool


@dataclass(frozen=True, slots=True)
class Decision:
    """The policies that fire for an instance, in order."""

    matched: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class ResourceDecision:
    """The policies that fire for a series or study, in order. Each has the positions of the readings (one for
    each instance) that match its whole rule."""

    matched: Mapping[str, tuple[int, ...]]


@dataclass(frozen=True, slots=True)
class PolicyVerdict:
    """The verdict of one policy. `skipped`: a policy before it stopped the search (`stopped_by` is its id,
    `stopped_by_name` its name), or it is a fallback and another policy matched."""

    id: str
    name: str
    matches: bool | None
    skipped: Literal["stop", "fallback"] | None = None
    stopped_by: str | None = None
    stopped_by_name: str | None = None


class PolicySet:
    """The enabled policies of one trigger, by order and name.

    A fallback is considered after all other policies, whatever its order, and only if no policy has
    matched yet. So only the first matching fallback fires.
    """

    def __init__(self, policies: Iterable[PolicyRule]) -> None:
        self.policies: tuple[PolicyRule, ...] = tuple(
            sorted(
                policies,
                key=lambda policy: (policy.fallback, policy.order, policy.name.casefold(), policy.id),
            )
        )
        #: The tags that a decision may need.
        self.tags: frozenset[str] = frozenset().union(*(policy.rule.tags for policy in self.policies))
        self._index = _Index([policy.rule for policy in self.policies])

    def decide(
        self, reading: Reading, moment: Moment, without: frozenset[str] = frozenset()
    ) -> Decision | None:
        """Return the policies that fire for an instance; None where that depends on an unread tag.

        The policies `without` (ids) count as not matching.
        """
        decision = self.decide_resource([reading], moment, [without])
        return None if decision is None else Decision(tuple(decision.matched))

    def decide_resource(
        self,
        readings: Sequence[Reading],
        moment: Moment,
        without: Sequence[frozenset[str]] | None = None,
        in_full: Container[str] | None = None,
    ) -> ResourceDecision | None:
        """Return the policies that fire for a series or study.

        `readings` has one reading for each instance, and `without` the policies (ids) that skip it. None
        where the result depends on an unread tag: which policies match, or which instances match a policy
        that is `in_full` (None means all policies).
        """
        matched: dict[str, tuple[int, ...]] = {}
        for policy, indexes in self._matches(readings, moment, without, in_full):
            if policy.fallback and matched:
                break
            if indexes is None:
                return None
            matched[policy.id] = indexes
            if policy.stop:
                break
        return ResourceDecision(matched)

    def matching(self, readings: Sequence[Reading], moment: Moment) -> dict[str, list[int]] | None:
        """Return the readings (positions) that match each policy's rule, for policies with a match, without
        regard to `stop` and `fallback`. None where that depends on an unread tag."""
        matching: dict[str, list[int]] = {}
        for policy, indexes in self._matches(readings, moment):
            if indexes is None:
                return None
            matching[policy.id] = list(indexes)
        return matching

    def verdicts(
        self,
        readings: Reading | Sequence[Reading],
        moment: Moment,
        without: Sequence[frozenset[str]] | None = None,
    ) -> list[PolicyVerdict]:
        """Return every policy's verdict on an instance, or on the instances of a series or study, by order;
        `without` has, for each instance, the policies that skip it."""
        if isinstance(readings, Reading):
            readings = [readings]
        matches = {
            policy.id: None if indexes is None else True
            for policy, indexes in self._matches(readings, moment, without, frozenset())
        }
        verdicts: list[tuple[PolicyRule, PolicyVerdict]] = []
        matched = False
        stopped: PolicyRule | None = None
        for policy in self.policies:
            answer = matches.get(policy.id, False)
            verdict = PolicyVerdict(policy.id, policy.name, answer)
            if stopped is not None and not policy.fallback:
                verdict = replace(
                    verdict, skipped="stop", stopped_by=stopped.id, stopped_by_name=stopped.name
                )
            elif policy.fallback and matched:
                verdict = replace(verdict, skipped="fallback")
            elif answer:
                matched = True
                stopped = policy if policy.stop else None
            verdicts.append((policy, verdict))
        verdicts.sort(key=lambda pair: (pair[0].order, pair[0].name.casefold(), pair[0].id))
        return [verdict for _, verdict in verdicts]

    def _matches(
        self,
        readings: Sequence[Reading],
        moment: Moment,
        without: Sequence[frozenset[str]] | None = None,
        in_full: Container[str] | None = None,
    ) -> Iterator[tuple[PolicyRule, tuple[int, ...] | None]]:
        """Yield each policy that a reading matches, with the positions of all matching readings (None where
        unknown). For a policy that is not `in_full`, some positions may be missing."""
        each = [
            (index, self._index.candidates(reading), Answers(reading, moment))
            for index, reading in enumerate(readings)
        ]
        for position in sorted(set().union(*(candidates for _, candidates, _ in each))):
            policy = self.policies[position]
            matching: list[int] = []
            unknown = False
            for index, candidates, answers in each:
                if position in candidates and not (without and policy.id in without[index]):
                    verdict = policy.rule.tree.verdict(answers)
                    if verdict:
                        matching.append(index)
                    unknown = unknown or verdict is None
            if unknown and (not matching or in_full is None or policy.id in in_full):
                yield policy, None
            elif matching:
                yield policy, tuple(matching)


class _Shelf:
    """The rules that are found by values of one operand."""

    def __init__(self) -> None:
        self.all: list[int] = []
        self.by_key: defaultdict[Hashable, list[int]] = defaultdict(list)


class _Index:
    """An index of rules: finds the positions of the rules that may match a reading."""

    def __init__(self, rules: Sequence[Rule]) -> None:
        demanded = [necessities(rule.tree) for rule in rules]
        sharing = Counter(pair for each in demanded for necessity in each for pair in _pairs(necessity))

        def commonness(necessity: Necessity) -> int:
            return sum(sharing[pair] for pair in _pairs(necessity))

        self._always: list[int] = []
        self._shelves: defaultdict[Operand, _Shelf] = defaultdict(_Shelf)
        for position, each in enumerate(demanded):
            if not each:
                self._always.append(position)
                continue
            for operand, keys in min(each, key=commonness).items():
                shelf = self._shelves[operand]
                shelf.all.append(position)
                for key in keys:
                    shelf.by_key[key].append(position)

    def candidates(self, reading: Reading) -> set[int]:
        """All rules that may match: those whose needs the reading meets, or may meet."""
        found = set(self._always)
        for operand, shelf in self._shelves.items():
            values = reading.comparable(operand)
            if values is None:
                found.update(shelf.all)
                continue
            for value in values:
                for key in shelf.by_key.keys() & operand.keys(value):
                    found.update(shelf.by_key[key])
        return found


def _pairs(necessity: Necessity) -> Iterator[tuple[Operand, Hashable]]:
    return ((operand, key) for operand, keys in necessity.items() for key in keys)
