"""Why was this routed, or not? Every policy's verdict on something stored, and what came of it."""

from collections.abc import Mapping, Sequence
from typing import Any

from router.catalog import Catalog, Snapshot
from router.clock import Clock
from router.documents.policy import Level, Policy
from router.intake.stored_instances import StoredInstance, StoredInstances
from router.orthanc_api import OrthancApi, OrthancError
from router.rules import Moment, PolicyVerdict, Reading, Rule, compile_rule
from router.store import DeliveryFilter, Store

#: Deliveries shown with an explanation; the list of deliveries has them all.
_DELIVERIES = 200
#: Orthanc's number of the error (`OrthancPluginErrorCode_BadParameterType`).
_BAD_PARAMETER_TYPE = 5
#: Instances of a series or study whose files are read for one explanation.
_INSTANCES = 2000


class NoSuchResource(Exception):  # noqa: N818 - it reads as what it says
    """Orthanc has no such instance, series or study."""


class Explainer:
    """Explains. Reads the whole files, so that what is shown is what the images say."""

    def __init__(self, store: Store, catalog: Catalog, orthanc: OrthancApi, clock: Clock) -> None:
        self._store = store
        self._catalog = catalog
        self._orthanc = orthanc
        self._clock = clock

    def evaluate(self, rule: Rule, level: Level, identifier: str) -> dict[str, Any]:
        """One rule against a stored resource. Raises NoSuchResource."""
        stored, readings = self.read(level, identifier)
        moment = Moment(self._clock().astimezone())
        matching = [index for index, reading in enumerate(readings) if rule.evaluate(reading, moment)]
        shown = matching[0] if matching else 0
        return {
            "matches": bool(matching),
            "explanation": rule.explain(readings[shown], moment),
            "instance": stored[shown].id,
            "matching_instances": len(matching),
            "instances": len(stored),
        }

    def explain(self, level: Level, identifier: str) -> dict[str, Any]:
        """Every policy, in the order of evaluation, and the deliveries. Raises NoSuchResource."""
        stored, readings = self.read(level, identifier)
        snapshot = self._catalog.current()
        moment = Moment(self._clock().astimezone())
        deliveries, total = self._store.deliveries.find(DeliveryFilter(resource=identifier), _DELIVERIES)
        made_by = self._made_by(stored)
        verdicts = self._verdicts(snapshot, readings, moment, made_by)
        policies = []
        for policy in sorted(snapshot.policies.values(), key=lambda one: (one.order, one.name)):
            own = [delivery for delivery in deliveries if delivery.policy and delivery.policy.id == policy.id]
            policies.append(
                self._policy(policy, snapshot, verdicts, stored, readings, moment)
                | _of_descendants(policy, made_by)
                | {"deliveries": own}
            )
        return {
            "resource": stored[0].resource(level),
            "instances": len(stored),
            "facts": dict(stored[0].facts),
            "policies": policies,
            "deliveries": deliveries,
            "deliveries_total": total,
        }

    def _policy(
        self,
        policy: Policy,
        snapshot: Snapshot,
        verdicts: Mapping[str, PolicyVerdict],
        stored: Sequence[StoredInstance],
        readings: Sequence[Reading],
        moment: Moment,
    ) -> dict[str, Any]:
        told: dict[str, Any] = {
            "policy": {
                "id": policy.id,
                "name": policy.name,
                "revision": policy.revision,
                "enabled": policy.enabled,
                "order": policy.order,
                "trigger": policy.trigger.model_dump(),
                "stop": policy.stop,
                "fallback": policy.fallback,
            }
        }
        if policy.id in snapshot.unusable:
            return told | {"matches": False, "skipped": "unusable", "reason": snapshot.unusable[policy.id]}
        rule = compile_rule(policy.rule, policy.trigger.level)
        matching = [index for index, reading in enumerate(readings) if rule.evaluate(reading, moment)]
        shown = matching[0] if matching else 0
        verdict = verdicts.get(policy.id)
        return told | {
            "matches": bool(matching),
            "skipped": "disabled" if not policy.enabled else verdict.skipped if verdict else None,
            "skipped_by": {"id": verdict.stopped_by, "name": verdict.stopped_by_name}
            if verdict and verdict.stopped_by
            else None,
            "explanation": rule.explain(readings[shown], moment),
            "instance": stored[shown].id,
            "matching_instances": len(matching),
        }

    def _made_by(self, stored: Sequence[StoredInstance]) -> list[frozenset[str]]:
        """For each instance the policies that have made it, over all steps."""
        origins = self._store.lineages.of_results([one.id for one in stored])
        return [frozenset(origins[one.id].policies if one.id in origins else ()) for one in stored]

    def _verdicts(
        self,
        snapshot: Snapshot,
        readings: Sequence[Reading],
        moment: Moment,
        made_by: Sequence[frozenset[str]],
    ) -> dict[str, PolicyVerdict]:
        return {
            verdict.id: verdict
            for policies in snapshot.triggers.values()
            for verdict in policies.verdicts(readings, moment, made_by)
        }

    def read(self, level: Level, identifier: str) -> tuple[list[StoredInstance], list[Reading]]:
        """The instances of a stored resource, and what rules see of each. Raises NoSuchResource."""
        stored_instances = StoredInstances(self._orthanc, frozenset())
        try:
            identifiers = self._orthanc.instances_of(level, identifier)
            stored = stored_instances.read(identifiers[:_INSTANCES])
        except OrthancError as error:
            # Of another level than was asked for: 400, a parameter of a bad type.
            if error.status == 404 or error.code == _BAD_PARAMETER_TYPE:
                raise NoSuchResource(f"Orthanc has no {level} {identifier}.") from error
            raise
        if not stored:
            raise NoSuchResource(f"Orthanc has no {level} {identifier}.")
        counts = {"@InstanceCount": len(stored), "@SeriesCount": len({one.series for one in stored})}
        return stored, [
            stored_instances.reading_of_file(one, {} if level == "instance" else counts) for one in stored
        ]


def _of_descendants(policy: Policy, made_by: Sequence[frozenset[str]]) -> dict[str, str]:
    """What to say of a policy where it has made all of the resource itself."""
    if not all(policy.id in policies for policies in made_by):
        return {}
    return {
        "skipped": "descendant",
        "reason": "It was made by this policy, which does not fire for it again.",
    }
