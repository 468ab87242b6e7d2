"""What health asks for no more often than needed."""

import pytest

from router.api.health import Recent


def test_what_was_told_lately_is_told_again() -> None:
    now = [0.0]
    recent = Recent[int](10, lambda: now[0])
    assert recent.get(lambda: 1) == 1
    now[0] = 9.9
    assert recent.get(lambda: 2) == 1
    now[0] = 10
    assert recent.get(lambda: 2) == 2


def test_what_fails_is_asked_for_again_at_once() -> None:
    recent = Recent[int](10, lambda: 0.0)
    with pytest.raises(ZeroDivisionError):
        recent.get(lambda: 1 // 0)
    assert recent.get(lambda: 3) == 3
