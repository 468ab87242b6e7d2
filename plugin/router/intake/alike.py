"""Decides once for images that are alike in all that the policies ask, as those of a series mostly are."""

from collections import deque
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace

from router.intake.stored_instances import StoredInstance, StoredInstances
from router.rules import Decision, Moment, PolicySet

#: Images come in series by series, of a few senders at once.
_REMEMBERED = 8


@dataclass(frozen=True, slots=True)
class _Decided:
    """What was decided, and all that it depended on: the tags that were asked, and their values."""

    asked: Mapping[str, str | None]
    facts: Mapping[str, str]
    without: frozenset[str]
    decision: Decision

    def holds_for(self, one: StoredInstance, without: frozenset[str]) -> bool:
        return (
            self.without == without
            and self.facts == one.facts
            and all(one.tags.get(keyword) == value for keyword, value in self.asked.items())
        )


class Alike:
    """The policies of one trigger at one moment, for many instances."""

    def __init__(self, policies: PolicySet, moment: Moment, stored_instances: StoredInstances) -> None:
        self._policies = policies
        self._moment = moment
        self._stored_instances = stored_instances
        self._decided: deque[_Decided] = deque(maxlen=_REMEMBERED)

    def decide(self, one: StoredInstance, without: frozenset[str]) -> Decision:
        """Which policies fire for the instance, those `without` (ids) left aside. Raises OrthancError,
        OrthancUnreachable."""
        for decided in self._decided:
            if decided.holds_for(one, without):
                return decided.decision
        asked: dict[str, str | None] = {}
        reading = self._stored_instances.reading(replace(one, tags=_Watched(one.tags, asked)), {})
        decision = self._policies.decide(reading, self._moment, without)
        if decision is not None:
            self._decided.appendleft(_Decided(asked, one.facts, without, decision))
            return decision
        reading = self._stored_instances.reading_of_file(one, {})
        decision = self._policies.decide(reading, self._moment, without)
        assert decision is not None, "a reading of a whole file leaves nothing untold"
        return decision


class _Watched(Mapping[str, str]):
    """Tags by keyword; notes what is asked, and the answer."""

    def __init__(self, values: Mapping[str, str], asked: dict[str, str | None]) -> None:
        self._values = values
        self._asked = asked

    def __getitem__(self, keyword: str) -> str:
        value = self._asked[keyword] = self._values.get(keyword)
        if value is None:
            raise KeyError(keyword)
        return value

    def __iter__(self) -> Iterator[str]:
        return iter(self._values)

    def __len__(self) -> int:
        return len(self._values)
