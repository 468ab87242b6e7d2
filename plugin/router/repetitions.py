# SPDX-License-Identifier: GPL-3.0-or-later
"""Notices images that came in again and that Orthanc did not keep, and how they differ from what is stored.

Where `OverwriteInstances` is off, Orthanc answers such an image with success and drops it. A study that is
sent again with a corrected name and the same UIDs would be lost unseen.
"""

import io
import logging
import math
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final

from pydicom.datadict import tag_for_keyword

from router.clock import Clock
from router.documents.repetition import Repetition
from router.health import Health
from router.intake.header import Odd, Read, read_header, wanted
from router.intake.stored_instances import StoredInstances
from router.orthanc_api import OrthancApi, OrthancError, OrthancUnreachable
from router.rounds import Rounds
from router.store import Store, StoreUnavailable

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
#: How often it is looked whether corrections have been taken in since.
_REVIEW_SECONDS: Final = 60.0
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
class _Waiting:
    """An image that Orthanc had already when it came, or took more than a second to store."""

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
    """Counts and compares images that came again. What was compared outlives a restart."""

    def __init__(
        self,
        store: Store,
        orthanc: OrthancApi,
        node: str,
        clock: Clock,
        kept_for: timedelta,
        steady: Callable[[], float] = time.monotonic,
    ) -> None:
        """`node`: this one's id; `kept_for`: how long a study is told of after the last time; `steady`:
        seconds that only ever pass."""
        super().__init__("router-repetitions")
        self._store = store
        self._orthanc = orthanc
        self._node = node
        self._stored_instances = StoredInstances(orthanc)
        self._clock = clock
        self._kept_for = kept_for
        self._steady = steady
        #: By instance, in the order in which they came. Each step on it is one that Python does not break
        #: up: threads of Orthanc must not wait for a lock.
        self._waiting: dict[str, _Waiting] = {}
        self._dropped = 0
        #: When it was told that an image is new.
        self._new: dict[str, float] = {}
        #: Of studies, the last to come at the end; replaced as a whole, as others read it meanwhile. None
        #: before the store was asked.
        self._studies: dict[str, Repetition] | None = None
        #: Studies of which the store does not know yet what is known here.
        self._unsaved: set[str] = set()
        self._next_review = 0.0
        self._since = clock()

    def came(self, instance: str, aet: str, file: bytes | None) -> None:
        """Note an image that seems to be stored already. Waits for nothing."""
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
        """Note that Orthanc has stored this image as a new one. Waits for nothing."""
        self._new[instance] = self._steady()
        if len(self._new) > _MOST_NEW:
            del self._new[next(iter(self._new))]
        self._waiting.pop(instance, None)

    def health(self, *, store_answers: bool) -> Health:  # noqa: ARG002 - it is known here
        """Return what came again; see `HasHealth`."""
        return Health(answer={"intake": {"repeated": self.told()}})

    def told(self) -> dict[str, Any]:
        """Return the answer of health about all that came again."""
        studies = list((self._studies or {}).values())[::-1]
        told: dict[str, Any] = {
            "since": min([self._since, *(one.since for one in studies)]),
            "images": self._dropped + sum(one.images for one in studies),
            "differing": sum(one.differing for one in studies),
            "uncompared": self._dropped + sum(one.uncompared for one in studies),
        }
        if studies:
            # A correction that was dropped matters more than a harmless repetition.
            shown = next((one for one in studies if one.differing), studies[0])
            differing = {tag for one in studies for tag in one.tags}
            told |= {
                "tags": [tag for tag in COMPARED if tag in differing],
                "at": studies[0].at,
                "aet": studies[0].aet,
                "study": shown.study,
            }
        return told

    def of_study(self, study: str) -> Repetition | None:
        """Return what came again of a study, by Orthanc's identifier; None where nothing did."""
        return (self._studies or {}).get(study)

    def _round(self) -> float:
        try:
            if self._studies is None:
                self._studies = {one.study: one for one in self._store.repetitions.all(self._node)}
            rest = self._look(self._studies)
        except (OrthancError, OrthancUnreachable, StoreUnavailable):
            return _WAIT_SECONDS
        return rest

    def _look(self, studies: dict[str, Repetition]) -> float:
        """Compare what is due, or else review what is known; return how many seconds to rest.

        Raises OrthancError, OrthancUnreachable, StoreUnavailable.
        """
        self._save(studies)
        now = self._steady()
        waiting = list(self._waiting.values())[:_BATCH]
        due = [one for one in waiting if one.due <= now]
        if due:
            self._studies = studies = self._compared(studies, due)
            for one in due:
                if self._waiting.get(one.instance) is one:
                    self._waiting.pop(one.instance, None)
            self._save(studies)
            return 0.0
        if studies and now >= self._next_review:
            self._studies = studies = self._reviewed(studies)
            self._next_review = now + _REVIEW_SECONDS
            self._save(studies)
        rest = _REVIEW_SECONDS if studies else _LONGEST_REST_SECONDS
        return min([rest, *(one.due - now for one in waiting[:1])])

    def _save(self, studies: Mapping[str, Repetition]) -> None:
        if self._unsaved:
            known = [studies[study] for study in self._unsaved if study in studies]
            gone = [study for study in self._unsaved if study not in studies]
            self._store.repetitions.keep(self._node, known, gone)
            self._unsaved.clear()

    def _reviewed(self, studies: Mapping[str, Repetition]) -> dict[str, Repetition]:
        """Return the studies that are still to be told of.

        A study is left out after `kept_for`, once Orthanc has taken in the image that came again, and once
        Orthanc has deleted it.
        """
        received: dict[str, str] = {}
        instances = [one.instance for one in studies.values()]
        for start in range(0, len(instances), _BATCH):
            for content in self._orthanc.bulk_content(instances[start : start + _BATCH]):
                received[content["ID"]] = content["Metadata"].get("ReceptionDate", "")
        oldest = self._clock() - self._kept_for
        left = {
            study: one
            for study, one in studies.items()
            if one.at >= oldest
            and one.instance in received
            and received[one.instance] <= one.at.strftime("%Y%m%dT%H%M%S")
        }
        self._unsaved |= studies.keys() - left.keys()
        return left

    def _compared(self, known: Mapping[str, Repetition], due: Sequence[_Waiting]) -> dict[str, Repetition]:
        """Return what is known once these images are compared. Raises OrthancError, OrthancUnreachable."""
        repetitions = dict(known)
        stored_instances = self._stored_instances.read([one.instance for one in due])
        studies = {one.id: one.study for one in stored_instances}
        present = [one for one in due if one.instance in studies]
        headers = self._orthanc.headers({one.id: one.file for one in stored_instances}, compared_values)
        for one, answer in zip(present, headers, strict=True):
            stored = answer[0] if isinstance(answer, tuple) else None
            received = compared_values(io.BytesIO(one.file).read) if one.file is not None else None
            tags = differing(stored, received) if stored is not None and received is not None else None
            study = studies[one.instance]
            before = repetitions.pop(study, None)
            if tags and (before is None or not before.differing):
                _log.warning(
                    "Images of the study %s came again from %r, differ in %s, and were not kept:"
                    " OverwriteInstances is off",
                    study,
                    one.aet,
                    ", ".join(tags),
                )
            repetitions[study] = _with(before, study, one, tags)
            self._unsaved.add(study)
        while len(repetitions) > _MOST_STUDIES:
            oldest = next(iter(repetitions))
            del repetitions[oldest]
            self._unsaved.add(oldest)
        return repetitions


class UnseenRepetitions:
    """Takes the place of `Repetitions` where Orthanc drops images that come again without telling."""

    def health(self, *, store_answers: bool) -> Health:  # noqa: ARG002 - it is always the same
        """Return that nothing is known of such images; see `HasHealth`."""
        why = (
            "OverwriteInstances is off: Orthanc drops images that it has already, corrected ones too, and"
            ' this version tells nobody. "IfChanged" takes corrections in.'
        )
        return Health(answer={"intake": {"repeated": None, "repeated_not_counted": why}})


def differing(stored: Mapping[int, bytes], received: Mapping[int, bytes]) -> tuple[str, ...]:
    """Return the keywords of the tags in which two headers differ. An absent tag equals an empty one."""
    return tuple(keyword for keyword, tag in _TAGS.items() if stored.get(tag, b"") != received.get(tag, b""))


def compared_values(read: Read) -> dict[int, bytes] | None:
    """Return the compared values of a file by tag, without padding; None where the file cannot be read."""
    try:
        elements = read_header(read, _WANTED).elements
    except Odd:
        return None
    return {one.tag: (one.value or b"").strip(b"\0 ") for one in elements}


def _with(before: Repetition | None, study: str, one: _Waiting, tags: tuple[str, ...] | None) -> Repetition:
    known = before or Repetition(
        study=study,
        images=0,
        differing=0,
        uncompared=0,
        tags=[],
        since=one.at,
        at=one.at,
        aet=one.aet,
        instance=one.instance,
    )
    return Repetition(
        study=study,
        images=known.images + one.times,
        differing=known.differing + (one.times if tags else 0),
        uncompared=known.uncompared + (one.times if tags is None else 0),
        tags=[tag for tag in COMPARED if tag in known.tags or tag in (tags or ())],
        since=known.since,
        at=max(known.at, one.at),
        aet=one.aet,
        instance=one.instance if tags or not known.differing else known.instance,
    )
