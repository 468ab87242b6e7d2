"""What health asks for no more often than needed."""

import pytest

from router.api.health import Recent
from router.store import StoreUnavailable


def test_what_was_told_lately_is_told_again() -> None:
    now = [0.0]
    recent = Recent[int](10, lambda: now[0])
    assert recent.get(lambda: 1) == 1
    now[0] = 9.9
    assert recent.get(lambda: 2) == 1
    now[0] = 10
    assert recent.get(lambda: 2) == 2


def test_what_fails_is_asked_for_again_sooner() -> None:
    now = [0.0]
    recent = Recent[int](10, lambda: now[0])

    def fail() -> int:
        raise StoreUnavailable("away")

    for at in (0.0, 1.9):
        now[0] = at
        with pytest.raises(StoreUnavailable):
            recent.get(fail if not at else lambda: 3)
    now[0] = 2
    assert recent.get(lambda: 3) == 3
