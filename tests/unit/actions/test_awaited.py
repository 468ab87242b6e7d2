# SPDX-License-Identifier: GPL-3.0-or-later
"""Which deliveries wait for which: what ends while one looks is not missed."""

from router.actions import Awaited


def test_the_end_of_a_delivery_wakes_those_that_wait_for_it_alone() -> None:
    awaited = Awaited()
    for delivery, other in (("delete-1", "forward-1"), ("delete-2", "forward-1"), ("delete-3", "forward-2")):
        awaited.look(delivery)
        awaited.wait(delivery, other)
    assert awaited.ended("forward-3") == []
    assert awaited.ended("forward-1") == ["delete-1", "delete-2"]
    assert awaited.ended("forward-1") == []


def test_what_ends_between_the_look_and_the_wait_is_seen_once() -> None:
    awaited = Awaited()
    awaited.look("delete-1")
    awaited.ended("forward-1")
    awaited.wait("delete-1", "forward-1")
    assert awaited.has_passed("delete-1")
    assert not awaited.has_passed("delete-1")


def test_what_ends_between_the_wait_and_the_record_is_seen_once() -> None:
    awaited = Awaited()
    awaited.look("delete-1")
    awaited.wait("delete-1", "forward-1")
    assert not awaited.has_passed("delete-1")
    awaited.ended("forward-1")
    assert awaited.has_passed("delete-1")
    assert not awaited.has_passed("delete-1")


def test_the_end_of_another_delivery_is_no_reason_to_look_again() -> None:
    awaited = Awaited()
    awaited.look("delete-1")
    awaited.ended("forward-2")
    awaited.wait("delete-1", "forward-1")
    assert not awaited.has_passed("delete-1")


def test_an_end_before_the_look_is_no_reason_to_look_again() -> None:
    awaited = Awaited()
    awaited.ended("forward-1")
    awaited.look("delete-1")
    awaited.wait("delete-1", "forward-1")
    assert not awaited.has_passed("delete-1")


def test_more_ends_than_are_remembered_are_a_reason_to_look_again() -> None:
    awaited = Awaited()
    awaited.look("delete-1")
    for number in range(10_002):
        awaited.ended(f"other-{number}")
    awaited.wait("delete-1", "forward-1")
    assert awaited.has_passed("delete-1")


def test_looking_again_begins_anew() -> None:
    awaited = Awaited()
    awaited.look("delete-1")
    awaited.wait("delete-1", "forward-1")
    awaited.look("delete-1")
    assert awaited.ended("forward-1") == []
    assert not awaited.has_passed("delete-1")


def test_one_that_has_ended_itself_waits_no_more() -> None:
    awaited = Awaited()
    awaited.look("delete-1")
    awaited.wait("delete-1", "forward-1")
    awaited.forget("delete-1")
    assert awaited.ended("forward-1") == []
    assert not awaited.has_passed("delete-1")
