# SPDX-License-Identifier: GPL-3.0-or-later
"""What came in again, and was not kept."""

from collections.abc import Callable

from router.documents.repetition import Repetition
from router.store import Store
from unit.store.stored_samples import after


def repetition(study: str, *, at: float = 0, images: int = 1) -> Repetition:
    return Repetition(
        study=study,
        images=images,
        differing=1,
        uncompared=0,
        tags=["PatientName"],
        since=after(0),
        at=after(at),
        aet="SCANNER",
        instance=f"{study}-image",
    )


class TestRepetitions:
    def test_they_are_there_when_the_store_is_opened_again(
        self, store: Store, open_again: Callable[[], Store]
    ) -> None:
        newer, older = repetition("a", at=5), repetition("b", at=3)
        store.repetitions.keep("node", [newer, older], [])
        assert open_again().repetitions.all("node") == [older, newer]

    def test_what_is_known_of_a_study_is_replaced_or_forgotten(self, store: Store) -> None:
        store.repetitions.keep("node", [repetition("a"), repetition("b")], [])
        store.repetitions.keep("node", [repetition("a", images=2)], ["b", "unknown"])
        assert store.repetitions.all("node") == [repetition("a", images=2)]
        store.repetitions.keep("node", [], [])
        assert len(store.repetitions.all("node")) == 1

    def test_each_node_has_its_own(self, store: Store) -> None:
        store.repetitions.keep("one", [repetition("a")], [])
        store.repetitions.keep("two", [repetition("a", images=2)], [])
        store.repetitions.keep("two", [], ["a"])
        assert store.repetitions.all("one") == [repetition("a")]
        assert store.repetitions.all("two") == []
