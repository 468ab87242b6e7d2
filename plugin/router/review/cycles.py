# SPDX-License-Identifier: GPL-3.0-or-later
"""Finds circles of policies that fire on one another's results."""

from collections.abc import Collection, Iterator, Sequence

from router.review.among import Among
from router.review.policy_warning import Considered, Named, PolicyWarning

#: The most policies that the search for a circle visits.
_MOST = 200


def cycles(considered: Considered, among: Among, here: Collection[str]) -> Iterator[PolicyWarning]:
    """Yield the shortest circle that the policy is in.

    In a circle, what a policy makes can fire the next one, and what the last one makes can fire the first.

    A policy does not fire for what was made of its own results. So no circle is endless, and one policy alone
    is no circle.
    """
    if not _makes(considered, here):
        return
    ways: list[list[Considered]] = [[considered]]
    seen = {id(considered)}
    while ways and len(seen) < _MOST:
        way = ways.pop(0)
        for following in among.following(way[-1]):
            if following is considered:
                yield _warning(way, here)
                return
            if id(following) not in seen:
                seen.add(id(following))
                ways.append([*way, following])


def _makes(considered: Considered, here: Collection[str]) -> bool:
    return any(action.makes_images(here) for action in considered.policy.actions)


def _warning(way: Sequence[Considered], here: Collection[str]) -> PolicyWarning:
    policy = way[0].policy
    index = next(index for index, action in enumerate(policy.actions) if action.makes_images(here))
    names = ", ".join(one.policy.name for one in way[1:])
    return PolicyWarning(
        "cycle",
        f"actions[{index}]",
        f"What this policy makes can fire {names}, and what comes of that can fire this policy again. The"
        " router ends the circle once each policy has fired for what came in; exclude what was made here in"
        " the rules, if it is not meant.",
        [Named(one.id, one.policy.name) for one in way[1:]],
    )
