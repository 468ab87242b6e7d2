# SPDX-License-Identifier: GPL-3.0-or-later
"""All enabled policies of one trigger, decided together.

Identical conditions of different policies are answered once for a reading. Policies that demand
`equals` or `in` of a tag are found by that tag's value, so that only those which may match are looked at.
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
    """What deciding needs to know of a policy."""

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
    """The policies that fire for a series or study, in order, each with the positions of the readings
    (one an instance) that match the whole rule."""

    matched: Mapping[str, tuple[int, ...]]


@dataclass(frozen=True, slots=True)
class PolicyVerdict:
    """What one policy says. `skipped`: another policy stopped before it (`stopped_by`, an id, and its
    name), or it is a fallback and another policy matched."""

    id: str
    name: str
    matches: bool | None
    skipped: Literal["stop", "fallback"] | None = None
    stopped_by: str | None = None
    stopped_by_name: str | None = None


class PolicySet:
    """The enabled policies of one trigger, by order and name.

    A fallback is considered when no policy has matched yet, after all that are no fallbacks, whatever
    its order; so of several fallbacks the first that matches is the only one.
    """

    def __init__(self, policies: Iterable[PolicyRule]) -> None:
        self.policies: tuple[PolicyRule, ...] = tuple(
            sorted(
                policies,
                key=lambda policy: (policy.fallback, policy.order, policy.name.casefold(), policy.id),
            )
        )
        #: The tags that deciding may ask for.
        self.tags: frozenset[str] = frozenset().union(*(policy.rule.tags for policy in self.policies))
        self._index = _Index([policy.rule for policy in self.policies])

    def decide(
        self, reading: Reading, moment: Moment, without: frozenset[str] = frozenset()
    ) -> Decision | None:
        """Which policies fire for an instance; None where that depends on a tag that is not read.

        The policies `without` (ids) are left aside, as if they did not match.
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
        """Which policies fire for a series or study, given a reading of each of its instances, and for each
        the policies that leave it aside.

        None where that, or which of the instances match a policy that is `in_full` (all are, where it is
        None), depends on a tag that is not read.
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
        """The readings that match each policy's rule, for policies that any matches; `stop` and `fallback`
        left aside. None where that depends on a tag that is not read."""
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
        """What every policy says of an instance, or of the instances of a series or study, by order; for
        each, `without` the policies that leave it aside."""
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
        """Each policy that a reading matches, with the positions of all that do (None: cannot be told); of
        one that is not `in_full` those of some."""
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
    """The rules that are found by the values of one operand."""

    def __init__(self) -> None:
        self.all: list[int] = []
        self.by_key: defaultdict[Hashable, list[int]] = defaultdict(list)


class _Index:
    """Finds the positions of the rules that may match a reading."""

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
        """All rules but those that lack something they need."""
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
