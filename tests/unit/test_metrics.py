# SPDX-License-Identifier: GPL-3.0-or-later
"""The names of metrics."""

from router.metrics import metric_names


def test_a_destination_is_named_as_people_name_it() -> None:
    assert metric_names({"1": "Research PACS (new)", "2": "Mail"}) == {"1": "research_pacs_new", "2": "mail"}


def test_destinations_whose_names_come_to_the_same_are_told_apart() -> None:
    names = {"a1": "研究PACS", "a2": "保管 PACS", "a3": "Archive", "a4": "研究", "a5": "保管"}
    assert metric_names(names) == {
        "a1": "pacs_a1",
        "a2": "pacs_a2",
        "a3": "archive",
        "a4": "unnamed_a4",
        "a5": "unnamed_a5",
    }
