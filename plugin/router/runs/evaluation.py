# SPDX-License-Identifier: GPL-3.0-or-later
"""Evaluates a policy on a stored study."""

from collections.abc import Sequence
from dataclasses import dataclass

from router.catalog import Snapshot, TriggerKey
from router.documents.lineage import Lineage
from router.documents.policy import Policy
from router.documents.run import RunStudy
from router.intake.deciding import Deciding, decide_each
from router.intake.planner import Match, group_by_study, hop_refusal
from router.intake.stored_instances import StoredInstance, StoredInstances
from router.rules import Moment, PolicyRule, PolicySet, Reading, RuleError, compile_rule, deciding
from router.runs.reading import RunFailed
from router.store import Lineages

#: The most conditions that a reason names.
_NAMED = 4


@dataclass(frozen=True, slots=True)
class Judgement:
    """Whether and for what a policy fires in one study, and why."""

    #: What the policy fires for; empty where it does not fire.
    matches: Sequence[Match]
    reason: str
    #: One of the images that match the rule.
    sample: StoredInstance | None = None

    @property
    def instances(self) -> list[StoredInstance]:
        """The images that the policy fires for."""
        return [one for match in self.matches for one in match.instances]

    @property
    def matching(self) -> int:
        """How many of them match the rule themselves."""
        return sum(one.id in match.matching for match in self.matches for one in match.instances)


@dataclass(frozen=True, slots=True)
class _Unit:
    """The unit that the policy fires for: an image, a series or the study."""

    stored: Sequence[StoredInstance]
    own: Sequence[frozenset[str]]


class Evaluation:
    """One policy as the intake would evaluate it, on what is stored. Used by one thread.

    It is evaluated together with the enabled policies of the same trigger, as if it were enabled itself in
    the place of its enabled revision: it does not match what an earlier policy with `stop` takes, nor, where
    it is a fallback, what another policy matches. What its own `stop` takes from others is not looked at.
    All images that are stored now count as having come in together: there are no late ones.
    """

    def __init__(
        self,
        policy: Policy,
        trigger: TriggerKey,
        snapshot: Snapshot,
        lineages: Lineages,
        hop_limit: int,
        stored_instances: StoredInstances,
    ) -> None:
        """Raises RunFailed where the policy cannot be used."""
        try:
            self._rule = compile_rule(policy.rule, trigger.level)
        except RuleError as error:
            raise RunFailed(f"The policy's rule cannot be used: {error}") from error
        others = snapshot.triggers.get(trigger)
        self._policies = PolicySet(
            [
                *(other for other in (others.policies if others else ()) if other.id != policy.id),
                PolicyRule(policy.id, policy.order, policy.name, self._rule, policy.stop, policy.fallback),
            ]
        )
        self._policy = policy
        self._level = trigger.level
        self._lineages = lineages
        self._hop_limit = hop_limit
        self._stored_instances = stored_instances
        stored_instances.asked |= self._policies.tags

    def judge(
        self, stored: Sequence[StoredInstance], meant: Sequence[StoredInstance], moment: Moment
    ) -> Judgement:
        """Return the policy's verdict on the images that are meant. `stored`: all images of the study.

        A policy at the level of series or studies fires for the whole series or study of such an image.
        Raises OrthancError, OrthancUnreachable.
        """
        origins = self._lineages.of_results([one.id for one in stored])
        fired: list[tuple[_Unit, Sequence[int]]] = []
        reason = ""
        sample = None
        units = self._units(stored, meant, origins)
        if self._level == "instance":
            # Reads the headers of all together, where any are needed.
            images = [unit.stored[0] for unit in units]
            own = [unit.own[0] for unit in units]
            decide_each(self._policies, images, own, moment, self._stored_instances)
        for unit in units:
            deciding = Deciding(
                self._policies, self._level, unit.stored, unit.own, moment, self._stored_instances
            )
            decision = deciding.decide({self._policy.id})
            assert decision is not None, "it has all the time it needs"
            matching = decision.matched.get(self._policy.id)
            if matching is None:
                reason = reason or self._why_not(deciding, moment)
                continue
            if not fired:
                reason = self._why(deciding.reading(matching[0]), moment)
                sample = unit.stored[matching[0]]
            fired.append((unit, matching))
        return Judgement(
            self._matches(fired, origins), reason or "None of its images is meant, or it is gone.", sample
        )

    def _units(
        self,
        stored: Sequence[StoredInstance],
        meant: Sequence[StoredInstance],
        origins: dict[str, Lineage],
    ) -> list[_Unit]:
        units: dict[str, list[StoredInstance]] = {}
        wanted = {self._unit_of(one) for one in meant}
        for one in stored:
            if self._unit_of(one) in wanted:
                units.setdefault(self._unit_of(one), []).append(one)
        return [
            _Unit(
                several,
                [frozenset(origins[one.id].policies if one.id in origins else ()) for one in several],
            )
            for several in units.values()
        ]

    def _unit_of(self, stored: StoredInstance) -> str:
        return {"instance": stored.id, "series": stored.series, "study": stored.study}[self._level]

    def _matches(
        self, fired: Sequence[tuple[_Unit, Sequence[int]]], origins: dict[str, Lineage]
    ) -> list[Match]:
        """As the intake makes them: without what the policy has made itself, and apart what is too far from
        what came in from outside."""
        refusal = hop_refusal(self._hop_limit)
        spent = {identifier for identifier, origin in origins.items() if origin.hops >= self._hop_limit}
        if self._level == "instance":
            images = [one for unit, _ in fired for one in unit.stored]
            return list(
                group_by_study((self._policy, one, refusal if one.id in spent else None) for one in images)
            )
        matches = []
        for unit, matching in fired:
            ids = frozenset(unit.stored[index].id for index in matching)
            images = [
                one for one, own in zip(unit.stored, unit.own, strict=True) if self._policy.id not in own
            ]
            for told, several in (
                (None, [one for one in images if one.id not in spent]),
                (refusal, [one for one in images if one.id in spent]),
            ):
                if several:
                    matches.append(Match(self._policy, self._level, several, ids, refusal=told))
        return matches

    def _why(self, reading: Reading, moment: Moment) -> str:
        reasons = deciding(self._rule.explain(reading, moment))
        more = len(reasons) - _NAMED
        return " ".join(reasons[:_NAMED]) + (f" (and {more} more conditions)" if more > 0 else "")

    def _why_not(self, deciding: Deciding, moment: Moment) -> str:
        seen = list(deciding.readings())
        readings = [reading for reading, _ in seen]
        left_aside = [without for _, without in seen]
        if any(
            self._rule.evaluate(reading, moment) is not False and self._policy.id not in without
            for reading, without in seen
        ):
            verdicts = self._policies.verdicts(readings, moment, left_aside)
            own = next(verdict for verdict in verdicts if verdict.id == self._policy.id)
            if own.skipped == "stop":
                return f"The policy {own.stopped_by_name!r} comes first, and stops."
            return "Another policy matches, and this one is a fallback."
        unmatched = [reading for reading in readings if self._rule.evaluate(reading, moment) is False]
        if unmatched:
            return self._why(unmatched[0], moment)
        return "It was made by this policy, which does not fire for it again."


def told_of(
    study: RunStudy,
    stored: Sequence[StoredInstance],
    looked_at: Sequence[StoredInstance],
    judgement: Judgement,
) -> RunStudy:
    """Return the finished study with its result."""
    instances = judgement.instances or looked_at
    return study.model_copy(
        update={
            "done": True,
            "resource": stored[0].resource("study") if stored else None,
            "verdict": "matched" if judgement.matches else "unmatched",
            "reason": judgement.reason,
            "instances": len(instances),
            "bytes": sum(one.size for one in instances),
            "matching_instances": judgement.matching,
            "looked_at": len(looked_at),
            "sample": judgement.sample.id if judgement.sample else None,
        }
    )
