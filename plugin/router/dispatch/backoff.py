"""How long to wait before the next attempt."""

import random

from router.documents.destination import Retry


def backoff_seconds(retry: Retry, failures: int, chance: random.Random) -> float:
    """Seconds to wait after the `failures`-th failure in a row: doubled each time, up to the longest
    wait, with a jitter of a quarter so that what failed together does not come back together."""
    # Beyond 2^40 the longest wait has long been reached; the bound keeps the power small.
    wait = min(retry.max_seconds, retry.initial_seconds * 2.0 ** min(failures - 1, 40))
    return wait * chance.uniform(0.75, 1.0)
