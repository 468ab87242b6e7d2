# SPDX-License-Identifier: GPL-3.0-or-later
"""Stores the results of actions and services together with their sources.

The lineage is recorded first, so that the intake knows it before it can act on the result.
"""

import hashlib
import io
import json
import logging
import threading
from collections.abc import Iterable, Sequence

import pydicom
from pydicom import Dataset
from pydicom.multival import MultiValue

from router.clock import Clock
from router.documents.delivery import Delivery
from router.documents.lineage import Lineage, Place
from router.orthanc_api import OrthancApi, OrthancError, OrthancUnreachable
from router.store import Store
from router.unreadable import UNREADABLE

_log = logging.getLogger(__name__)

#: The number of the instance's metadata in which people and programs find the lineage (user metadata).
METADATA = 4801

_IDENTITY = ("PatientID", "StudyInstanceUID", "SeriesInstanceUID", "SOPInstanceUID")


class ResultRefused(Exception):  # noqa: N818 - it reads as what it says
    """A result cannot be stored, however often it is tried; the message says why."""


class Results:
    """Stores results. May be used by several threads at once."""

    def __init__(self, store: Store, orthanc: OrthancApi, clock: Clock) -> None:
        self._store = store
        self._orthanc = orthanc
        self._clock = clock
        #: Where two threads make the same result, one of them must be refused.
        self._lock = threading.Lock()

    def store(
        self, delivery: Delivery, sources: Sequence[str], file: bytes, service: str | None = None
    ) -> str:
        """Store a result that a delivery has made of these instances; return Orthanc's identifier of it.

        The call may be repeated for the same action and the same sources. Raises ResultRefused where another
        image has the result's identity, or Orthanc keeps a different result of an earlier revision; also
        StoreUnavailable, OrthancError, OrthancUnreachable.
        """
        place = _place(file)
        if place.id in sources:
            raise ResultRefused("The result has the identity of its source, whose place it would take")
        lineage = self._lineage(delivery, sources, place, service)
        with self._lock:
            known = self._claim(lineage)
            stored, is_new = self._orthanc.add_instance(file)
        if not is_new and known is not None and known.policy.revision != lineage.policy.revision:
            self._must_be_same(known, file)
        if stored != place.id:
            _log.warning("Orthanc knows the result %s as %s", place.id, stored)
            lineage = lineage.model_copy(update={"result": place.model_copy(update={"id": stored})})
            self._store.lineages.record([lineage])
        self._orthanc.set_metadata(stored, METADATA, _for_people(lineage))
        return stored

    def announce(self, delivery: Delivery, sources: Sequence[str], file: bytes) -> Lineage:
        """Record the sources of an image that is about to come in by another way than `store`.

        Raises ResultRefused where it would not be a new image, StoreUnavailable, OrthancError,
        OrthancUnreachable.
        """
        place = _place(file)
        if place.id in sources:
            raise ResultRefused(
                "The destination is this Orthanc itself, and the changed image would have the identity of its"
                " original: regenerate the UIDs, or use the action modify"
            )
        lineage = self._lineage(delivery, sources, place, None)
        with self._lock:
            self._claim(lineage)
        return lineage

    def label(self, lineages: Iterable[Lineage]) -> None:
        """Write the sources of stored images into Orthanc's metadata; log where it does not take them."""
        for lineage in lineages:
            try:
                self._orthanc.set_metadata(lineage.result.id, METADATA, _for_people(lineage))
            except (OrthancError, OrthancUnreachable) as error:
                _log.warning("Orthanc does not keep where %s comes from: %s", lineage.result.id, error)

    def _claim(self, lineage: Lineage) -> Lineage | None:
        """Record the sources of a result before it is stored; return what was known of the result.

        The intake may see the result before the call that stores it returns. Raises ResultRefused where
        another image has its identity.
        """
        lineages, result = self._store.lineages, lineage.result.id
        known = lineages.of_results([result]).get(result)
        if not _is_again(known, lineage) and self._has(result):
            by = f"made by the policy {known.policy.name}" if known else "from elsewhere"
            raise ResultRefused(f"Orthanc has another image of the result's identity ({result}), {by}")
        if known is None and not _is_again(lineages.claim(lineage), lineage):
            raise ResultRefused(f"Another policy is making an image of the result's identity ({result})")
        if known is not None:
            lineages.record([lineage])
        return known

    def _must_be_same(self, known: Lineage, file: bytes) -> None:
        """Compare a result with the one that an earlier revision of the policy made, and that Orthanc keeps.

        Raises ResultRefused where they differ.
        """
        if self._orthanc.digest(known.result.id) != hashlib.md5(file, usedforsecurity=False).hexdigest():
            self._store.lineages.record([known])
            raise ResultRefused(
                f"Orthanc keeps what revision {known.policy.revision} of the policy has made"
                f" ({known.result.id}); delete it to have it made anew"
            )

    def claim(
        self, delivery: Delivery, sources: Sequence[str], instances: Sequence[str], service: str | None
    ) -> None:
        """Record the sources of instances that a service has stored by itself.

        What has fired for them already is not undone. Raises StoreUnavailable, OrthancError,
        OrthancUnreachable.
        """
        places = []
        for instance in instances:
            series = str(self._orthanc.resource("instance", instance)["ParentSeries"])
            study = str(self._orthanc.resource("series", series)["ParentStudy"])
            places.append(Place(level="instance", id=instance, series=series, study=study))
        lineages = [self._lineage(delivery, sources, place, service) for place in places]
        self._store.lineages.record(lineages)
        for lineage in lineages:
            self._orthanc.set_metadata(lineage.result.id, METADATA, _for_people(lineage))

    def _lineage(
        self, delivery: Delivery, sources: Sequence[str], result: Place, service: str | None
    ) -> Lineage:
        assert delivery.policy is not None, "by hand, images are only sent"
        before = self._store.lineages.of_results(sources).values()
        policies = dict.fromkeys(policy for one in before for policy in one.policies)
        return Lineage(
            result=result,
            source=_source(delivery, sources),
            policy=delivery.policy,
            action=delivery.action,
            delivery=delivery.id,
            service=service,
            policies=[*policies, *({delivery.policy.id} - policies.keys())],
            hops=1 + max((one.hops for one in before), default=0),
            made_at=self._clock(),
        )

    def _has(self, instance: str) -> bool:
        try:
            self._orthanc.resource("instance", instance)
        except OrthancError as error:
            if error.status == 404:
                return False
            raise
        return True


def orthanc_identifiers(dataset: Dataset) -> tuple[str, str, str]:
    """Return Orthanc's identifiers of an image, its series and its study (Orthanc Book, "Orthanc
    identifiers")."""
    parts = [_text(dataset.get(keyword)) for keyword in _IDENTITY]
    study, series, instance = (_identifier(parts[:count]) for count in (2, 3, 4))
    return instance, series, study


def _text(value: object) -> str:
    text = "\\".join(map(str, value)) if isinstance(value, MultiValue) else str(value or "")
    return text.rstrip(" \0")


def _identifier(parts: Iterable[str]) -> str:
    digest = hashlib.sha1("|".join(parts).encode("utf-8"), usedforsecurity=False).hexdigest()
    return "-".join(digest[at : at + 8] for at in range(0, 40, 8))


def _place(file: bytes) -> Place:
    try:
        dataset = pydicom.dcmread(
            io.BytesIO(file), specific_tags=["SpecificCharacterSet", *_IDENTITY], stop_before_pixels=True
        )
        instance, series, study = orthanc_identifiers(dataset)
    except UNREADABLE as error:
        raise ResultRefused("The result is no DICOM file") from error
    return Place(level="instance", id=instance, series=series, study=study)


def _source(delivery: Delivery, sources: Sequence[str]) -> Place:
    resource = delivery.resource
    if len(sources) == 1:
        return Place(level="instance", id=sources[0], series=resource.series, study=resource.study)
    if resource.level == "instance":
        # A batch of one study; its instances need not be of one series.
        return Place(level="study", id=resource.study, study=resource.study)
    return Place(level=resource.level, id=resource.id, series=resource.series, study=resource.study)


def _is_again(known: Lineage | None, now: Lineage) -> bool:
    return (
        known is not None
        and known.source == now.source
        and (known.policy.id, known.action.id) == (now.policy.id, now.action.id)
    )


def _for_people(lineage: Lineage) -> str:
    told = lineage.model_dump(mode="json", include={"source", "policy", "delivery", "service", "hops"})
    return json.dumps(told)
