"""Who waits for whom: what ends while somebody looks is not missed."""

from router.actions import Awaited


def test_those_who_wait_for_the_study_are_told() -> None:
    awaited = Awaited()
    awaited.wait("delete-1", "study-1")
    awaited.wait("delete-2", "study-2")
    assert awaited.ended("study-1") == ["delete-1"]
    assert awaited.ended("study-3") == []


def test_what_ends_between_the_look_and_the_record_is_seen_once() -> None:
    awaited = Awaited()
    awaited.wait("delete-1", "study-1")
    assert not awaited.has_passed("delete-1")
    awaited.ended("study-1")
    assert awaited.has_passed("delete-1")
    assert not awaited.has_passed("delete-1")


def test_looking_again_begins_anew() -> None:
    awaited = Awaited()
    awaited.wait("delete-1", "study-1")
    awaited.ended("study-1")
    awaited.wait("delete-1", "study-1")
    assert not awaited.has_passed("delete-1")


def test_who_has_ended_waits_no_more() -> None:
    awaited = Awaited()
    awaited.wait("delete-1", "study-1")
    awaited.forget("delete-1")
    assert awaited.ended("study-1") == []
    assert not awaited.has_passed("delete-1")
