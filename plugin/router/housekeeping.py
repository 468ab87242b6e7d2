# SPDX-License-Identifier: GPL-3.0-or-later
"""Deletes finished data after its retention time."""

import logging
from datetime import datetime, timedelta

from router.clock import Clock
from router.documents.lineage import Lineage
from router.nodes import Duty
from router.orthanc_api import OrthancApi, OrthancError, OrthancUnreachable
from router.rounds import Rounds
from router.store import Store, StoreUnavailable

_log = logging.getLogger(__name__)

_EVERY_SECONDS = 3600.0
#: A node that is gone is missed after so many rounds.
HOUSEKEEPING_LASTS = timedelta(seconds=2.5 * _EVERY_SECONDS)
#: How many old results one round looks up in Orthanc.
_RESULTS_AT_ONCE = 5_000


class Housekeeping(Rounds):
    """Lets finished deliveries, the ledger of arrivals and lineage expire, every hour from the start.

    Where several nodes share a store, one of them does, and for the lineages of each index one of those that
    have it.
    """

    def __init__(
        self,
        store: Store,
        orthanc: OrthancApi,
        clock: Clock,
        retention: timedelta,
        of_group: Duty,
        of_index: Duty,
    ) -> None:
        super().__init__("router-housekeeping")
        self._of_group = of_group
        self._of_index = of_index
        self._store = store
        self._orthanc = orthanc
        self._clock = clock
        self._retention = retention
        #: The last of the old results that were looked for; None to begin with the oldest.
        self._looked_for: Lineage | None = None

    def _round(self) -> float:
        before = self._clock() - self._retention
        deliveries = arrivals = runs = lineages = 0
        try:
            if self._of_group.is_ours():
                deliveries = self._store.deliveries.expire(before)
                arrivals = self._store.intake.expire(before)
                runs = self._store.runs.expire(before)
            if self._of_index.is_ours():
                lineages = self._forget_lineages(before)
        except (StoreUnavailable, OrthancError, OrthancUnreachable) as error:
            _log.warning("What has expired cannot be forgotten now: %s", error)
        else:
            if deliveries or arrivals or runs or lineages:
                forgotten = "Forgotten: %d deliveries, %d arrivals, %d runs, %d lineages"
                _log.info(forgotten, deliveries, arrivals, runs, lineages)
        return _EVERY_SECONDS

    def _forget_lineages(self, before: datetime) -> int:
        """Forget where old results come from that Orthanc has not any more; how many.

        What Orthanc still has keeps its lineage, however old: it may fire policies again. Each round goes on
        where the last one ended, so that an archive full of results is not asked for all of them at once.
        """
        old = self._store.lineages.made_before(before, self._looked_for, _RESULTS_AT_ONCE)
        self._looked_for = old[-1] if len(old) == _RESULTS_AT_ONCE else None
        results = [lineage.result.id for lineage in old]
        stored = {content["ID"] for content in self._orthanc.bulk_content(results)}
        return self._store.lineages.forget([result for result in results if result not in stored], before)
