# SPDX-License-Identifier: GPL-3.0-or-later
"""Selects the studies of a run, and the images in them."""

from collections.abc import Iterator, Sequence
from datetime import UTC, datetime, timedelta
from typing import Final

from router.documents.policy import StoredResource
from router.documents.run import RunStudy, Selection
from router.intake.stored_instances import StoredInstance
from router.orthanc_api import OrthancApi, OrthancError
from router.runs.reading import RunFailed, StudyReader

_SECOND: Final = timedelta(seconds=1)


def selected(selection: Selection, orthanc: OrthancApi, reader: StudyReader) -> Iterator[RunStudy]:
    """Yield the selected studies in order. Raises RunFailed."""
    if selection.resources is not None:
        named = located(selection.resources, reader)
        for position, (study, resources) in enumerate(named.items()):
            yield RunStudy(study=study, position=position, within=resources)
        return
    for position, study in enumerate(_found(selection, orthanc, reader)):
        yield RunStudy(study=study, position=position)


def located(resources: Sequence[StoredResource], reader: StudyReader) -> dict[str, list[StoredResource]]:
    """Return resources by their study; resources that Orthanc does not have are left out."""
    contents = {content["ID"]: content for content in reader.contents([one.id for one in resources])}
    series = {content["ParentSeries"] for content in contents.values() if "ParentSeries" in content}
    contents |= {content["ID"]: content for content in reader.contents(sorted(series - contents.keys()))}
    by_study: dict[str, list[StoredResource]] = {}
    for one in resources:
        content = contents.get(one.id)
        if content is None or content["Type"].lower() != one.level:
            continue
        if one.level == "instance":
            content = contents.get(content["ParentSeries"])
        if content is not None:
            by_study.setdefault(content.get("ParentStudy", one.id), []).append(one)
    return by_study


def meant(selection: Selection, study: RunStudy, stored: Sequence[StoredInstance]) -> list[StoredInstance]:
    """Return the images of a study that are in the span, or in the named resources."""
    if study.within:
        named = {one.id for one in study.within}
        return [one for one in stored if not named.isdisjoint((one.id, one.series, one.study))]
    begin, end = _span(selection)
    return [one for one in stored if begin <= one.received < end]


def _found(selection: Selection, orthanc: OrthancApi, reader: StudyReader) -> Iterator[str]:
    try:
        studies = orthanc.find_studies(selection.studies) if selection.studies else orthanc.studies()
    except OrthancError as error:
        raise RunFailed(f"Orthanc cannot look for these studies: {error}") from error
    begin, _ = _span(selection)
    if not begin:
        yield from studies
        return
    for content in reader.contents(studies):
        # `LastUpdate` is the arrival of the last image: it rules out most of a large archive.
        if content["Metadata"].get("LastUpdate", begin) >= begin:
            yield content["ID"]


def _span(selection: Selection) -> tuple[str, str]:
    """Return the span's begin and its exclusive end, in Orthanc's form of a reception date: to the second."""
    begin, end = selection.received_from, selection.received_to
    if end is not None and end.microsecond:
        end += _SECOND
    return _written(begin) if begin else "", _written(end) if end else "~"


def _written(moment: datetime) -> str:
    return moment.astimezone(UTC).strftime("%Y%m%dT%H%M%S")
