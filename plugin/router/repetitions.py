"""Notices images that came in again and that Orthanc did not keep, and how they differ from what is stored.

Where `OverwriteInstances` is off, Orthanc answers such an image with success and drops it. A study that is
sent again with a corrected name and the same UIDs would be lost unseen.
"""

import io
import logging
import math
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any, Final

from pydicom.datadict import tag_for_keyword

from router.clock import Clock
from router.intake.header import Odd, Read, read_header, wanted
from router.intake.stored_instances import StoredInstances
from router.orthanc_api import OrthancApi, OrthancError, OrthancUnreachable
from router.rounds import Rounds

_log = logging.getLogger(__name__)

#: What a correction changes.
COMPARED: Final = (
    "PatientID",
    "PatientName",
    "PatientBirthDate",
    "PatientSex",
    "IssuerOfPatientID",
    "AccessionNumber",
    "StudyID",
    "StudyDate",
    "StudyTime",
    "StudyDescription",
    "ReferringPhysicianName",
    "Modality",
    "SeriesNumber",
    "SeriesDescription",
    "BodyPartExamined",
    "Laterality",
    "InstanceNumber",
    "SpecificCharacterSet",
)
_TAGS: Final = {keyword: tag_for_keyword(keyword) or 0 for keyword in COMPARED}
_WANTED: Final = wanted(frozenset(COMPARED))
_LONGEST_REST_SECONDS: Final = 3600.0
#: Images whose file is kept until they are compared; what comes beyond is counted, and not compared.
_MOST_FILES = 500
#: Images that wait to be counted for their study; what comes beyond is counted, and for none.
_MOST_WAITING = 10_000
#: Studies of which it is kept what came again.
_MOST_STUDIES = 2000
#: How long Orthanc may take to tell that an image is new after all.
_WAIT_SECONDS = 5.0
#: So shortly after it was told that an image is new, it is that arrival which is told of.
_NEW_SECONDS = 2.0
#: New images that are kept for that.
_MOST_NEW = 5000
#: How many are compared at once.
_BATCH = 100


@dataclass(frozen=True, slots=True)
class Repetition:
    """What came again of one study, or of all."""

    #: How many times an image came again.
    images: int
    #: How many of these differ in tags that are compared.
    differing: int
    #: How many could not be compared.
    uncompared: int
    #: The tags that differed, by keyword.
    tags: tuple[str, ...]
    #: The last time, and who sent it (empty where it did not come by DICOM).
    at: datetime
    aet: str


@dataclass(frozen=True, slots=True)
class _Waiting:
    """An image that came while Orthanc had it already, or while storing it took more than a second."""

    instance: str
    aet: str
    #: The begin of the file as it came; None where it is not to be compared.
    file: bytes | None
    at: datetime
    #: When it may be counted.
    due: float
    #: How many times it came.
    times: int


class Repetitions(Rounds):
    """Counts and compares images that came again, in memory: it begins anew with the router."""

    def __init__(
        self, orthanc: OrthancApi, clock: Clock, steady: Callable[[], float] = time.monotonic
    ) -> None:
        """`steady`: seconds that only ever pass."""
        super().__init__("router-repetitions")
        self._orthanc = orthanc
        self._stored_instances = StoredInstances(orthanc)
        self._clock = clock
        self._steady = steady
        #: By instance, in the order in which they came. Each step on it is one that Python does not break
        #: up: threads of Orthanc must not wait for a lock.
        self._waiting: dict[str, _Waiting] = {}
        self._dropped = 0
        #: When it was told that an image is new.
        self._new: dict[str, float] = {}
        #: Of studies, the last to come at the end.
        self._studies: dict[str, Repetition] = {}
        self._total: Repetition | None = None
        self._since = clock()

    def came(self, instance: str, aet: str, file: bytes | None) -> None:
        """An image came that seems to be stored already. Waits for nothing."""
        now = self._steady()
        if now - self._new.get(instance, -math.inf) < _NEW_SECONDS:
            return
        before = self._waiting.pop(instance, None)
        count = len(self._waiting)
        if count >= _MOST_WAITING:
            self._dropped += 1
            return
        self._waiting[instance] = _Waiting(
            instance,
            aet,
            file if count < _MOST_FILES else None,
            self._clock(),
            now + _WAIT_SECONDS,
            before.times + 1 if before else 1,
        )
        if not count:
            self.wake()

    def is_new(self, instance: str) -> None:
        """Orthanc has stored this image as a new one. Waits for nothing."""
        self._new[instance] = self._steady()
        if len(self._new) > _MOST_NEW:
            del self._new[next(iter(self._new))]
        self._waiting.pop(instance, None)

    def told(self) -> dict[str, Any]:
        """What health says of them."""
        total = self._total
        told: dict[str, Any] = {"since": self._since, "images": self._dropped, "differing": 0}
        if total is not None:
            last_first = list(self._studies.items())[::-1]
            corrected = [study for study, repetition in last_first if repetition.differing]
            # A correction that was dropped matters more than a harmless repetition.
            study = (corrected or [study for study, _ in last_first])[0]
            told |= asdict(total) | {"images": total.images + self._dropped, "study": study}
        told["uncompared"] = told.get("uncompared", 0) + self._dropped
        return told

    def of_study(self, study: str) -> dict[str, Any] | None:
        """What came again of a study, by Orthanc's identifier; None where nothing is known of any."""
        found = self._studies.get(study)
        return asdict(found) | {"since": self._since} if found is not None else None

    def _round(self) -> float:
        waiting = list(self._waiting.values())[:_BATCH]
        if not waiting:
            return _LONGEST_REST_SECONDS
        now = self._steady()
        due = [one for one in waiting if one.due <= now]
        if not due:
            return waiting[0].due - now
        try:
            self._compare(due)
        except (OrthancError, OrthancUnreachable):
            return _WAIT_SECONDS
        for one in due:
            if self._waiting.get(one.instance) is one:
                self._waiting.pop(one.instance, None)
        return 0.0

    def _compare(self, due: Sequence[_Waiting]) -> None:
        """Raises OrthancError, OrthancUnreachable."""
        studies = {one.id: one.study for one in self._stored_instances.read([one.instance for one in due])}
        present = [one for one in due if one.instance in studies]
        headers = self._orthanc.headers([one.instance for one in present], compared_values)
        for one, answer in zip(present, headers, strict=True):
            stored = answer[0] if isinstance(answer, tuple) else None
            received = compared_values(io.BytesIO(one.file).read) if one.file is not None else None
            tags = differing(stored, received) if stored is not None and received is not None else None
            study = studies[one.instance]
            before = self._studies.get(study)
            if tags and (before is None or not before.differing):
                _log.warning(
                    "Images of the study %s came again from %r, differ in %s, and were not kept:"
                    " OverwriteInstances is off",
                    study,
                    one.aet,
                    ", ".join(tags),
                )
            self._studies.pop(study, None)
            self._studies[study] = _with(before, one, tags)
            self._total = _with(self._total, one, tags)
        while len(self._studies) > _MOST_STUDIES:
            del self._studies[next(iter(self._studies))]


def differing(stored: Mapping[int, bytes], received: Mapping[int, bytes]) -> tuple[str, ...]:
    """The compared tags in which two headers differ, by keyword; an absent tag is as an empty one."""
    return tuple(keyword for keyword, tag in _TAGS.items() if stored.get(tag, b"") != received.get(tag, b""))


def compared_values(read: Read) -> dict[int, bytes] | None:
    """What is compared of a file, by tag, as it is written but for padding; None where it cannot be read."""
    try:
        elements = read_header(read, _WANTED).elements
    except Odd:
        return None
    return {one.tag: (one.value or b"").strip(b"\0 ") for one in elements}


def _with(before: Repetition | None, one: _Waiting, tags: tuple[str, ...] | None) -> Repetition:
    known = before or Repetition(0, 0, 0, (), one.at, one.aet)
    return Repetition(
        known.images + one.times,
        known.differing + (one.times if tags else 0),
        known.uncompared + (one.times if tags is None else 0),
        tuple(tag for tag in COMPARED if tag in known.tags or tag in (tags or ())),
        max(known.at, one.at),
        one.aet,
    )
