# SPDX-License-Identifier: GPL-3.0-or-later
"""Decides which policies fire for stored images: by Orthanc's database, and by headers only where needed.

Images that do not differ in what policies ask, such as most of a series, are decided once.
"""

from collections.abc import Callable, Container, Hashable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import islice

from router.documents.policy import Level
from router.intake.headers import AnyHeader
from router.intake.stored_instances import StoredInstance, StoredInstances
from router.rules import Decision, Moment, PolicySet, Reading, ResourceDecision, Rule

#: How many headers are read before it is checked whether they suffice, and whether time is left.
_READ_AT_ONCE = 50


def decide_each(
    policies: PolicySet,
    stored: Sequence[StoredInstance],
    without: Sequence[frozenset[str]],
    moment: Moment,
    stored_instances: StoredInstances,
) -> list[Decision]:
    """Return the decision of instance-level policies about each image. `without`: for each image, the
    policies (identifiers) to leave out. Raises OrthancError, OrthancUnreachable."""
    seen = {index: _Alike(one, without[index]) for index, one in enumerate(stored)}
    decisions: dict[Hashable, Decision | None] = {}

    def decided(one: _Alike) -> Decision | None:
        if one.key not in decisions:
            decisions[one.key] = policies.decide(one.reading(stored_instances, {}), moment, one.without)
        return decisions[one.key]

    unknown = [index for index, one in seen.items() if decided(one) is None]
    headers = stored_instances.headers_of([stored[index] for index in unknown])
    for index, header in zip(unknown, headers, strict=True):
        seen[index] = seen[index].with_header(header)
    return [_known(decided(one)) for one in seen.values()]


class Deciding:
    """The decision about one series or study (or one instance), from all its images. For each image, some
    policies (identifiers) may be left out. Used once, at one moment."""

    def __init__(
        self,
        policies: PolicySet,
        level: Level,
        stored: Sequence[StoredInstance],
        without: Sequence[frozenset[str]],
        moment: Moment,
        stored_instances: StoredInstances,
    ) -> None:
        self._policies = policies
        self._stored = stored
        self._moment = moment
        self._stored_instances = stored_instances
        self._counts: dict[str, int] = {} if level == "instance" else {"@InstanceCount": len(stored)}
        if level == "study":
            self._counts["@SeriesCount"] = len({one.series for one in stored})
        self._groups: dict[Hashable, _Alike] = {}
        self._group_of: dict[int, _Alike] = {}
        self._unread: dict[int, _Alike] = {}
        for index in _one_of_each_series_first(stored):
            one = _Alike(stored[index], without[index])
            if stored_instances.has_header_of(stored[index]):
                (header,) = stored_instances.headers_of([stored[index]])
                self._add(index, one.with_header(header))
            else:
                self._unread[index] = self._add(index, one)

    def decide(
        self,
        in_full: Container[str] | None = None,
        goes_on: Callable[[], bool] = lambda: True,
    ) -> ResourceDecision | None:
        """Return the decision. It names all matching images only for policies in `in_full` (None: for all).

        Reads headers, a few at a time, while the decision depends on more and `goes_on` returns True. None
        where `goes_on` returned False first. Raises OrthancError, OrthancUnreachable.
        """
        while True:
            groups = list(self._groups.values())
            readings = [one.reading(self._stored_instances, self._counts) for one in groups]
            decision = self._policies.decide_resource(
                readings, self._moment, [one.without for one in groups], in_full
            )
            if decision is not None:
                return ResourceDecision(
                    {
                        policy: tuple(sorted(index for at in matching for index in groups[at].members))
                        for policy, matching in decision.matched.items()
                    }
                )
            assert self._unread, "headers that are read leave nothing untold"
            self._read(list(islice(self._unread, _READ_AT_ONCE)))
            if not goes_on():
                return None

    def matching(self, rule: Rule, indexes: Iterable[int]) -> frozenset[int]:
        """Return which of some images match a rule; reads headers where needed. Raises OrthancError,
        OrthancUnreachable."""
        verdicts: dict[Hashable, bool | None] = {}

        def verdict(index: int) -> bool | None:
            key = self._group_of[index].key
            if key not in verdicts:
                verdicts[key] = rule.evaluate(self.reading(index), self._moment)
            return verdicts[key]

        indexes = list(indexes)
        self._read([index for index in indexes if verdict(index) is None])
        return frozenset(index for index in indexes if verdict(index))

    def reading(self, index: int) -> Reading:
        """Return what has been read of an image."""
        return self._group_of[index].reading(self._stored_instances, self._counts)

    def readings(self) -> Iterator[tuple[Reading, frozenset[str]]]:
        """Yield what has been read of images, once for equal ones, with the policies left out for them."""
        for one in self._groups.values():
            yield one.reading(self._stored_instances, self._counts), one.without

    def _read(self, indexes: Sequence[int]) -> None:
        headers = self._stored_instances.headers_of([self._stored[index] for index in indexes])
        for index, header in zip(indexes, headers, strict=True):
            before = self._unread.pop(index)
            before.members.discard(index)
            if not before.members:
                del self._groups[before.key]
            self._add(index, before.with_header(header))

    def _add(self, index: int, one: "_Alike") -> "_Alike":
        group = self._groups.setdefault(one.key, one)
        group.members.add(index)
        self._group_of[index] = group
        return group


@dataclass
class _Alike:
    """Images that no policy can tell apart. `header`: what was read of one; empty where none was read."""

    sample: StoredInstance
    without: frozenset[str]
    header: tuple[AnyHeader | None, ...] = ()
    members: set[int] = field(default_factory=set)
    _reading: Reading | None = None

    @property
    def key(self) -> Hashable:
        """What the images have in common."""
        one = self.sample
        facts = tuple(one.facts.items())
        if not self.header:
            return tuple(one.tags.items()), facts, self.without
        if self.header == (None,):
            return tuple(one.parents.items()), tuple(one.tags.items()), facts, self.without
        # Equal headers are mostly the same object; others are only decided twice.
        return id(self.header[0]), facts, self.without

    def with_header(self, header: AnyHeader | None) -> "_Alike":
        """Return a group for one of the images whose header has been read."""
        return _Alike(self.sample, self.without, (header,))

    def reading(self, stored_instances: StoredInstances, counts: Mapping[str, int]) -> Reading:
        """Return what rules see of the images."""
        if self._reading is None:
            self._reading = (
                stored_instances.reading_of_header(self.sample, self.header[0], counts)
                if self.header
                else stored_instances.reading(self.sample, counts)
            )
        return self._reading


def _one_of_each_series_first(stored: Sequence[StoredInstance]) -> list[int]:
    """Return the order in which to look at the images: one of each series first."""
    first: dict[str, int] = {}
    for index, one in enumerate(stored):
        first.setdefault(one.series, index)
    return sorted(range(len(stored)), key=lambda index: first[stored[index].series] != index)


def _known(decision: Decision | None) -> Decision:
    assert decision is not None, "headers that are read leave nothing untold"
    return decision
