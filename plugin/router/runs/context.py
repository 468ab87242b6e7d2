"""What all runs are given."""

from dataclasses import dataclass

from router.administration.sending_back import SendingBack
from router.catalog import Catalog, Snapshot
from router.clock import Clock
from router.destinations import Opening
from router.documents.policy import Policy
from router.orthanc_api import OrthancApi
from router.runs.evaluation import Evaluation
from router.runs.reading import StudyReader
from router.store import Store
from router.transforms import Transforms


@dataclass(frozen=True, slots=True)
class RunContext:
    """What surrounds every run; none changes it."""

    store: Store
    orthanc: OrthancApi
    catalog: Catalog
    transforms: Transforms
    opening: Opening
    #: How many policies may follow one another upon what the first has made.
    hop_limit: int
    clock: Clock

    def sending_back(self, snapshot: Snapshot) -> SendingBack:
        """What deliveries to the destinations of the snapshot would not send back."""
        return SendingBack(self.orthanc, self.store, self.opening, snapshot)

    def evaluation(self, policy: Policy, snapshot: Snapshot, reader: StudyReader) -> Evaluation:
        """Of one policy among those of the snapshot. Raises RunFailed."""
        trigger = self.catalog.trigger_of(policy)
        return Evaluation(policy, trigger, snapshot, self.store.lineages, self.hop_limit, reader)
