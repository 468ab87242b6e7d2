# SPDX-License-Identifier: GPL-3.0-or-later
"""Where results come from, and what is remembered once and for all."""

import threading
from collections.abc import Callable, Sequence

import pytest

from router.documents.delivery import ActionReference, PolicyReference
from router.documents.lineage import Lineage, Place
from router.store import Store
from unit.store.stored_samples import after


def place(instance: str, study: str = "study") -> Place:
    return Place(level="instance", id=instance, series=f"{study}-series", study=study)


def lineage(result: str, source: str, *, at: float = 0, delivery: str = "delivery", hops: int = 1) -> Lineage:
    """That an image of the study `new` was made of one of the study `old`."""
    return Lineage(
        result=place(result, "new"),
        source=place(source, "old"),
        policy=PolicyReference(id="policy", name="Anonymize", revision=3),
        action=ActionReference(id="action", type="modify"),
        delivery=delivery,
        policies=["policy"],
        hops=hops,
        made_at=after(at),
    )


def results(found: Sequence[Lineage]) -> list[str]:
    return [one.result.id for one in found]


class TestLineages:
    def test_a_result_knows_its_source(self, store: Store) -> None:
        made = lineage("b", "a")
        store.lineages.record([made])
        assert store.lineages.of_results(["a", "b"]) == {"b": made}

    def test_they_are_there_when_the_store_is_opened_again(
        self, store: Store, open_again: Callable[[], Store]
    ) -> None:
        made = lineage("b", "a")
        store.lineages.record([made])
        assert open_again().lineages.of_results(["b"]) == {"b": made}

    @pytest.mark.parametrize(
        ("side", "level", "resource", "found"),
        [
            ("source", "instance", "a1", ["b1", "c1"]),
            ("source", "series", "old-series", ["b1", "c1", "b2"]),
            ("source", "study", "old", ["b1", "c1", "b2"]),
            ("result", "instance", "b1", ["b1"]),
            ("result", "series", "new-series", ["b1", "c1", "b2"]),
            ("result", "study", "new", ["b1", "c1", "b2"]),
            ("result", "study", "old", []),
            ("source", "study", "new", []),
        ],
    )
    def test_they_are_found_from_both_sides(
        self, store: Store, side: str, level: str, resource: str, found: list[str]
    ) -> None:
        store.lineages.record([lineage("b2", "a2", at=2), lineage("b1", "a1"), lineage("c1", "a1", at=1)])
        assert results(store.lineages.find(side, level, [resource], 10)) == found  # type: ignore[arg-type]
        assert results(store.lineages.find(side, level, [resource], 1)) == found[:1]  # type: ignore[arg-type]

    def test_a_result_of_a_whole_study_is_found_by_the_study(self, store: Store) -> None:
        made = lineage("b", "a").model_copy(update={"source": Place(level="study", id="old", study="old")})
        store.lineages.record([made])
        assert store.lineages.find("source", "study", ["old"], 10) == [made]

    def test_what_a_delivery_has_made(self, store: Store) -> None:
        store.lineages.record([lineage("b", "a", delivery="d1"), lineage("c", "a", delivery="d2")])
        assert results(store.lineages.of_delivery("d1", 10)) == ["b"]

    def test_the_last_word_on_a_result_counts(self, store: Store) -> None:
        store.lineages.record([lineage("b", "a")])
        store.lineages.record([lineage("b", "a", hops=2)])
        assert store.lineages.of_results(["b"])["b"].hops == 2

    def test_a_claim_takes_what_nobody_has_taken(self, store: Store) -> None:
        first, second = lineage("b", "a", delivery="d1"), lineage("b", "a", delivery="d2")
        assert store.lineages.claim(first) == first
        assert store.lineages.claim(second) == first
        assert store.lineages.of_results(["b"]) == {"b": first}

    def test_the_old_ones_come_in_stretches(self, store: Store) -> None:
        store.lineages.record(
            [lineage(name, "a", at=at) for name, at in zip("bdcef", (0, 1, 1, 2, 3), strict=True)]
        )
        first = store.lineages.made_before(after(3), None, 2)
        second = store.lineages.made_before(after(3), first[-1], 2)
        assert results(first + second) == ["b", "c", "d", "e"]
        assert store.lineages.made_before(after(3), second[-1], 2) == []

    def test_what_was_made_anew_is_not_forgotten(self, store: Store) -> None:
        store.lineages.record([lineage("b", "a"), lineage("c", "a"), lineage("d", "a", at=5)])
        assert store.lineages.forget(["b", "d", "none"], after(5)) == 1
        assert store.lineages.of_results(["b", "c", "d"]).keys() == {"c", "d"}
        assert store.lineages.claim(lineage("b", "a", delivery="new")).delivery == "new"

    def test_nothing_is_nothing(self, store: Store) -> None:
        store.lineages.record([])
        assert store.lineages.of_results([]) == {}
        assert store.lineages.find("source", "study", [], 10) == []


class TestRemembered:
    def test_the_first_text_stays(self, store: Store, open_again: Callable[[], Store]) -> None:
        assert store.recall("key") is None
        assert store.remember("key", "first") == "first"
        assert store.recall("key") == "first"
        assert open_again().remember("key", "second") == "first"
        assert store.remember("other", "second") == "second"

    def test_of_several_at_once_one_wins(self, store: Store) -> None:
        answers = []
        threads = [
            threading.Thread(target=lambda text=str(number): answers.append(store.remember("key", text)))
            for number in range(8)
        ]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert len(answers) == 8
        assert len(set(answers)) == 1
