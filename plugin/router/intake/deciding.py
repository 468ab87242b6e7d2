"""Which policies fire for something stored: from Orthanc's database, and from the files only where needed."""

from collections.abc import Sequence

from router.documents.policy import Level
from router.intake.stored_instances import StoredInstance, StoredInstances
from router.rules import Moment, PolicySet, Reading, ResourceDecision


def decide(
    policies: PolicySet,
    level: Level,
    stored: Sequence[StoredInstance],
    own: Sequence[frozenset[str]],
    moment: Moment,
    stored_instances: StoredInstances,
) -> tuple[ResourceDecision, Sequence[Reading]]:
    """The decision for one instance, series or study, given all its instances and for each the policies that
    leave it aside; and the readings by which it was made. Raises OrthancError, OrthancUnreachable."""
    counts: dict[str, int] = {} if level == "instance" else {"@InstanceCount": len(stored)}
    if level == "study":
        counts["@SeriesCount"] = len({one.series for one in stored})
    readings = [stored_instances.reading(one, counts) for one in stored]
    decision = policies.decide_resource(readings, moment, own)
    if decision is None:
        readings = [stored_instances.reading_of_file(one, counts) for one in stored]
        decision = policies.decide_resource(readings, moment, own)
    assert decision is not None, "a reading of a whole file leaves nothing untold"
    return decision, readings
