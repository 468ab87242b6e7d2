# SPDX-License-Identifier: GPL-3.0-or-later
"""Finds the policies that a check of one policy has to look at.

Two policies that ask for other values of the same single-valued tag have nothing to do with each other. That
is known from an index, so that hundreds of policies, one for each scanner, are not compared pair by pair.
Where it does not tell enough apart, the next ones in order are looked at, so many that all checks together
stay bounded.
"""

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from typing import Final

from router.documents.action import DestinationAction
from router.review.contradictions import has_one_value
from router.review.policy_warning import Considered
from router.review.results import known_of_results, may_match_result
from router.review.values import Texts, values_of
from router.rules.condition import Condition
from router.rules.node import AllOf, Node

#: Pairs that are looked at in the review of all policies together, and of one at least and at most.
_PAIRS: Final = 4_000
_FEWEST: Final = 8
_MOST: Final = 1_000

#: By tag, the texts of which an image has one.
Fixed = Mapping[str, frozenset[str]]


class Among:
    """Tells it of policies that are checked together. Remembers what it has found."""

    def __init__(self, policies: Sequence[Considered], here: Collection[str], checked: int) -> None:
        """`here` are the destinations that lead to this very Orthanc; `checked` is how many are checked."""
        self._here = here
        self._most = min(_MOST, max(_FEWEST, _PAIRS // max(1, checked)))
        self._by_image = _Index([(one, _fixed([one.rule.tree], one_value=False)) for one in policies])
        making = [one for one in policies if any(action.makes_images(here) for action in one.policy.actions)]
        self._by_result = _Index([(one, _fixed([one.rule.tree], one_value=True)) for one in making])
        self._following: dict[int, list[Considered]] = {}

    def others(self, considered: Considered) -> list[Considered]:
        """Return others that may match the same image: first those with one of its destinations, then the
        next ones in order."""
        fixed = _fixed([considered.rule.tree], one_value=False)
        found = [one for one in self._by_image.matching(fixed) if one is not considered]
        order = considered.policy.order
        own = _destinations(considered)
        found.sort(key=lambda one: (own.isdisjoint(_destinations(one)), abs(one.policy.order - order)))
        return found[: self._most]

    def following(self, considered: Considered) -> list[Considered]:
        """Return policies that make new images and may match an image that this policy makes."""
        known = self._following.get(id(considered))
        if known is None:
            known = self._following[id(considered)] = list(self._may_follow(considered))
        return known

    def _may_follow(self, considered: Considered) -> Iterator[Considered]:
        looked_at = 0
        for one in self._candidates(considered):
            if one is considered or looked_at >= self._most:
                continue
            looked_at += 1
            if may_match_result(considered, one, self._here):
                yield one

    def _candidates(self, considered: Considered) -> Iterable[Considered]:
        found: dict[int, Considered] = {}
        for known in known_of_results(considered, self._here):
            matching = self._by_result.matching(_fixed([demand.node for demand in known], one_value=True))
            found |= {id(one): one for one in matching}
        return found.values()


def _destinations(considered: Considered) -> set[str]:
    actions = considered.policy.actions
    return {action.destination for action in actions if isinstance(action, DestinationAction)}


class _Index:
    """Finds policies by the texts that their rules ask for."""

    def __init__(self, policies: Sequence[tuple[Considered, Fixed]]) -> None:
        self._all = [one for one, _ in policies]
        tags = {tag for _, fixed in policies for tag in fixed}
        self._by_text: dict[str, dict[str, list[Considered]]] = {tag: defaultdict(list) for tag in tags}
        #: By tag, the policies that ask for no certain value of it.
        self._free: dict[str, list[Considered]] = {
            tag: [one for one, fixed in policies if tag not in fixed] for tag in tags
        }
        for one, fixed in policies:
            for tag, texts in fixed.items():
                for text in texts:
                    self._by_text[tag][text].append(one)

    def matching(self, fixed: Fixed) -> list[Considered]:
        """Those that do not ask for other texts: by the tag that leaves the fewest."""
        left = self._all
        for tag in fixed.keys() & self._by_text.keys():
            by_text = self._by_text[tag]
            found = {id(one): one for text in fixed[tag] for one in by_text.get(text, ())}
            if len(found) + len(self._free[tag]) < len(left):
                left = [*found.values(), *self._free[tag]]
        return left


def _fixed(nodes: Iterable[Node], one_value: bool) -> dict[str, frozenset[str]]:
    """What every image that fulfils all the nodes has, in small letters."""
    found: dict[str, frozenset[str]] = {}
    pending = list(nodes)
    while pending:
        match pending.pop():
            case AllOf(inner):
                pending += inner
            case Condition() as condition if not condition.denied and has_one_value(condition, one_value):
                values = values_of(condition)
                if isinstance(values, Texts) and values.operator in {"equals", "in"}:
                    texts = frozenset(text.casefold() for text in values.texts)
                    tag = condition.path.text
                    found[tag] = found[tag] & texts if tag in found else texts
    return found
