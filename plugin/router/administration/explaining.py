# SPDX-License-Identifier: GPL-3.0-or-later
"""Explains why a stored resource was routed or not: every policy's verdict, and the deliveries."""

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Final, Literal, NotRequired

from typing_extensions import TypedDict

from router.administration.sending_back import SendingBack
from router.catalog import Catalog, Snapshot
from router.clock import MACHINE_ZONE, Clock
from router.destinations import Opening
from router.documents.delivery import ActionReference, Delivery, Resource
from router.documents.policy import Level, Policy, Trigger
from router.intake.planner import Match, deliveries_of
from router.intake.stored_instances import StoredInstance, StoredInstances
from router.orthanc_api import OrthancApi, OrthancError
from router.rules import Explanation, Moment, PolicyVerdict, Reading, Rule, RuleError, compile_rule
from router.rules.dictionary import COUNTS
from router.store import DeliveryFilter, Store

#: The most deliveries shown with an explanation; the list of deliveries has all.
_DELIVERIES = 200
#: Orthanc's error code `OrthancPluginErrorCode_BadParameterType`.
_BAD_PARAMETER_TYPE = 5
#: The most instances of a series or study that one explanation reads.
_INSTANCES = 2000

#: Metadata in which Orthanc keeps the source of a modified resource (Orthanc Book, "Metadata").
_MADE_FROM: Final[Mapping[str, Literal["anonymized", "modified"]]] = {
    "AnonymizedFrom": "anonymized",
    "ModifiedFrom": "modified",
}


class NoSuchResource(Exception):  # noqa: N818 - it reads as what it says
    """Orthanc has no such instance, series or study."""


class Evaluation(TypedDict):
    """A rule's verdict on tags, or on a stored resource."""

    matches: bool
    explanation: Explanation
    #: The explained image; only for a stored resource.
    instance: NotRequired[str]
    #: How many of the resource's images match, and how many there are.
    matching_instances: NotRequired[int]
    instances: NotRequired[int]


class ExplainedPolicy(TypedDict):
    """The policy of a verdict."""

    id: str
    name: str
    revision: int
    enabled: bool
    order: int
    trigger: Trigger
    stop: bool
    fallback: bool


class SkippedBy(TypedDict):
    """The policy that stopped before another."""

    id: str
    name: str


class NotSentBack(TypedDict):
    """Images that came from an action's destination and are not sent back to it."""

    action: ActionReference
    destination: str
    instances: int


class MadeFrom(TypedDict):
    """The source of a resource that a person made with Orthanc, outside the router."""

    how: Literal["anonymized", "modified"]
    level: Level
    id: str


class Verdict(TypedDict):
    """One policy's verdict on a stored resource."""

    policy: ExplainedPolicy
    matches: bool
    #: Why the policy does not fire although its rule may match.
    skipped: Literal["disabled", "stop", "fallback", "descendant", "unusable"] | None
    skipped_by: NotRequired[SkippedBy | None]
    reason: NotRequired[str]
    explanation: NotRequired[Explanation]
    #: The explained image.
    instance: NotRequired[str]
    matching_instances: NotRequired[int]
    not_sent_back: NotRequired[list[NotSentBack]]
    deliveries: list[Delivery]


class Explained(TypedDict):
    """Every policy's verdict on a stored resource."""

    resource: Resource
    instances: int
    facts: dict[str, str | int]
    made_from: MadeFrom | None
    policies: list[Verdict]
    deliveries: list[Delivery]
    deliveries_total: int


class Explainer:
    """Explains verdicts from the header of each image, so that the values shown are the images' own."""

    def __init__(
        self, store: Store, catalog: Catalog, orthanc: OrthancApi, opening: Opening, clock: Clock
    ) -> None:
        self._store = store
        self._catalog = catalog
        self._orthanc = orthanc
        self._opening = opening
        self._clock = clock

    def evaluate(self, rule: Rule, level: Level, identifier: str) -> Evaluation:
        """Evaluate one rule, at this level, on a stored resource. Raises NoSuchResource."""
        images = self.read(level, identifier, rule.tags)
        readings = images.readings(level)
        moment = Moment(self._clock().astimezone(MACHINE_ZONE))
        matching = [index for index, reading in enumerate(readings) if rule.evaluate(reading, moment)]
        shown = matching[0] if matching else 0
        return {
            "matches": bool(matching),
            "explanation": rule.explain(readings[shown], moment),
            "instance": images.stored[shown].id,
            "matching_instances": len(matching),
            "instances": len(images.stored),
        }

    def explain(self, level: Level, identifier: str) -> Explained:
        """Return every policy's verdict, in the order of evaluation, and the deliveries. Raises
        NoSuchResource."""
        snapshot = self._catalog.current()
        rules, unusable = _rules(snapshot)
        images = self.read(level, identifier, frozenset[str]().union(*(rule.tags for rule in rules.values())))
        stored = images.stored
        moment = Moment(self._clock().astimezone(MACHINE_ZONE))
        deliveries, total = self._store.deliveries.find(DeliveryFilter(resource=identifier), _DELIVERIES)
        made_by = self._made_by(stored)
        verdicts = {
            verdict.id: verdict
            for trigger, policies in snapshot.triggers.items()
            for verdict in policies.verdicts(images.readings(trigger.level), moment, made_by)
        }
        sending_back = SendingBack(self._orthanc, self._store, self._opening, snapshot)
        told: list[Verdict] = []
        for policy in sorted(snapshot.policies.values(), key=lambda one: (one.order, one.name)):
            verdict = _without_verdict(policy, unusable.get(policy.id, ""))
            if policy.id not in unusable:
                rule, matching = rules[policy.id], _matching(policy, rules[policy.id], images, moment)
                verdict = _verdict(policy, rule, verdicts.get(policy.id), images, matching, moment)
                if matching and verdict["skipped"] is None:
                    match = _match(policy, matching, stored, made_by)
                    verdict["not_sent_back"] = self._not_sent_back(match, snapshot, sending_back)
            if all(policy.id in policies for policies in made_by):
                verdict["skipped"] = "descendant"
                verdict["reason"] = "It was made by this policy, which does not fire for it again."
            verdict["deliveries"] = [one for one in deliveries if one.policy and one.policy.id == policy.id]
            told.append(verdict)
        return {
            "resource": stored[0].resource(level),
            "instances": len(stored),
            "facts": dict(stored[0].facts),
            "made_from": self._made_from(level, identifier),
            "policies": told,
            "deliveries": deliveries,
            "deliveries_total": total,
        }

    def _not_sent_back(
        self, match: Match, snapshot: Snapshot, sending_back: SendingBack
    ) -> list[NotSentBack]:
        """Return for each action how many images came from its destination and are not sent back."""
        counts: Counter[tuple[str, str, str]] = Counter()
        for new in deliveries_of(match, snapshot, self._clock()) if match.instances else ():
            delivery = new.delivery
            name = delivery.destination.name if delivery.destination else ""
            count = sending_back.count(new, match.policy.actions)
            counts[delivery.action.id, delivery.action.type, name] += count
        return [
            {"action": ActionReference(id=action, type=kind), "destination": name, "instances": count}
            for (action, kind, name), count in counts.items()
            if count
        ]

    def _made_from(self, level: Level, identifier: str) -> MadeFrom | None:
        """Return the source of a resource that a person made with Orthanc; None where it is no such copy."""
        [content] = self._orthanc.bulk_content([identifier]) or [{}]
        metadata: dict[str, str] = content.get("Metadata", {})
        for name, how in _MADE_FROM.items():
            if name in metadata:
                return {"how": how, "level": level, "id": metadata[name]}
        return None

    def _made_by(self, stored: Sequence[StoredInstance]) -> list[frozenset[str]]:
        """Return for each instance the policies that have made it, over all steps."""
        origins = self._store.lineages.of_results([one.id for one in stored])
        return [frozenset(origins[one.id].policies if one.id in origins else ()) for one in stored]

    def read(self, level: Level, identifier: str, asked: frozenset[str]) -> "Images":
        """Read these tags of the instances of a stored resource. Raises NoSuchResource."""
        stored_instances = StoredInstances(self._orthanc)
        stored_instances.asked = asked
        try:
            identifiers = self._orthanc.instances_of(level, identifier)
            stored = stored_instances.read(identifiers[:_INSTANCES])
        except OrthancError as error:
            # Orthanc answers 400 with this code where the identifier is of another level.
            if error.status == 404 or error.code == _BAD_PARAMETER_TYPE:
                raise NoSuchResource(f"Orthanc has no {level} {identifier}.") from error
            raise
        if not stored:
            raise NoSuchResource(f"Orthanc has no {level} {identifier}.")
        return Images(stored, stored_instances, self._counts(stored, asked))

    def _counts(self, stored: Sequence[StoredInstance], asked: frozenset[str]) -> dict[str, dict[str, int]]:
        """Return how many instances and series the series and studies of these instances have, by identifier;
        empty where no rule uses a count."""
        if COUNTS.isdisjoint(asked):
            return {}
        counts = {
            series: {"@InstanceCount": self._orthanc.statistics("series", series)["CountInstances"]}
            for series in {one.series for one in stored}
        }
        for study in {one.study for one in stored}:
            told = self._orthanc.statistics("study", study)
            counts[study] = {"@InstanceCount": told["CountInstances"], "@SeriesCount": told["CountSeries"]}
        return counts


class Images:
    """Stored instances, and the values that rules see of each."""

    def __init__(
        self,
        stored: Sequence[StoredInstance],
        stored_instances: StoredInstances,
        counts: Mapping[str, Mapping[str, int]],
    ) -> None:
        """`counts`: the counts of their series and studies, by identifier."""
        self.stored = stored
        self._stored_instances = stored_instances
        self._headers = stored_instances.headers_of(stored)
        self._counts = counts
        self._readings: dict[Level, list[Reading]] = {}

    def counts(self, index: int, level: Level) -> Mapping[str, int]:
        """Return the counts of an instance's series or study that a policy of this level sees."""
        one = self.stored[index]
        return self._counts.get({"instance": "", "series": one.series, "study": one.study}[level], {})

    def readings(self, level: Level) -> list[Reading]:
        """Return what a policy of this level sees of each instance."""
        if level not in self._readings:
            self._readings[level] = [
                self._stored_instances.reading_of_header(one, header, self.counts(index, level))
                for index, (one, header) in enumerate(zip(self.stored, self._headers, strict=True))
            ]
        return self._readings[level]


def _rules(snapshot: Snapshot) -> tuple[dict[str, Rule], dict[str, str]]:
    """Return the rules of all policies, and why some cannot be used, both by policy."""
    rules: dict[str, Rule] = {}
    unusable = dict(snapshot.unusable)
    for policy in snapshot.policies.values():
        try:
            rules[policy.id] = compile_rule(policy.rule, policy.trigger.level)
        except RuleError as error:
            unusable.setdefault(policy.id, str(error))
    return rules, unusable


def _about(policy: Policy) -> ExplainedPolicy:
    return {
        "id": policy.id,
        "name": policy.name,
        "revision": policy.revision,
        "enabled": policy.enabled,
        "order": policy.order,
        "trigger": policy.trigger,
        "stop": policy.stop,
        "fallback": policy.fallback,
    }


def _without_verdict(policy: Policy, reason: str) -> Verdict:
    """Return the entry of a policy that cannot be used."""
    return {
        "policy": _about(policy),
        "matches": False,
        "skipped": "unusable",
        "reason": reason,
        "deliveries": [],
    }


def _matching(policy: Policy, rule: Rule, images: Images, moment: Moment) -> list[int]:
    """Return the positions of the images that match a policy's rule."""
    readings = images.readings(policy.trigger.level)
    return [index for index, reading in enumerate(readings) if rule.evaluate(reading, moment)]


def _match(
    policy: Policy,
    matching: Sequence[int],
    stored: Sequence[StoredInstance],
    made_by: Sequence[frozenset[str]],
) -> Match:
    """Return the match of a policy as if all images had come in together."""
    level = policy.trigger.level

    def unit(one: StoredInstance) -> str:
        return {"instance": one.id, "series": one.series, "study": one.study}[level]

    units = {unit(stored[index]) for index in matching}
    instances = [
        one
        for one, policies in zip(stored, made_by, strict=True)
        if unit(one) in units and policy.id not in policies
    ]
    return Match(policy, level, instances, frozenset(stored[index].id for index in matching))


def _verdict(
    policy: Policy,
    rule: Rule,
    verdict: PolicyVerdict | None,
    images: Images,
    matching: Sequence[int],
    moment: Moment,
) -> Verdict:
    readings = images.readings(policy.trigger.level)
    shown = matching[0] if matching else 0
    return {
        "policy": _about(policy),
        "matches": bool(matching),
        "skipped": "disabled" if not policy.enabled else verdict.skipped if verdict else None,
        "skipped_by": {"id": verdict.stopped_by, "name": verdict.stopped_by_name}
        if verdict and verdict.stopped_by and verdict.stopped_by_name is not None
        else None,
        "explanation": rule.explain(readings[shown], moment),
        "instance": images.stored[shown].id,
        "matching_instances": len(matching),
        "deliveries": [],
    }
