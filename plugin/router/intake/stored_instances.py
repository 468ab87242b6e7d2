"""Reads what Orthanc knows of stored instances: from its database, and from a file only where needed."""

import io
import logging
import time
from collections import OrderedDict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import pydicom

from router.documents.delivery import Resource, Sender
from router.documents.policy import Level
from router.orthanc_api import OrthancApi, OrthancError
from router.rules import Reading

_log = logging.getLogger(__name__)

#: What the metadata of an instance tells of its arrival (Orthanc Book, "Metadata"), by the fact's name.
_FACTS = {
    "@RemoteAET": "RemoteAET",
    "@CalledAET": "CalledAET",
    "@RemoteIP": "RemoteIP",
    "@Origin": "Origin",
    "@Username": "HttpUsername",
    "@TransferSyntax": "TransferSyntax",
}

#: Series and studies are asked for once while images come in quickly; what was changed in place
#: (by Orthanc's `reconstruct`) is seen after this.
_PARENT_SECONDS = 10.0
_PARENTS_KEPT = 2000


@dataclass(frozen=True, slots=True)
class StoredInstance:
    """One instance: its identifiers, its main DICOM tags with those of its parents, its arrival."""

    id: str
    series: str
    study: str
    tags: Mapping[str, str]
    facts: Mapping[str, str]
    #: Of the file, in bytes.
    size: int
    #: When it came in, as Orthanc writes it (UTC, to the second: `20240517T120000`); empty where not known.
    received: str = ""

    @property
    def sender(self) -> Sender:
        """Who has sent it here."""
        return Sender(aet=self.facts.get("@RemoteAET", ""), ip=self.facts.get("@RemoteIP", ""))

    def resource(self, level: Level) -> Resource:
        """What a delivery says of the instance, its series or its study."""
        identifiers = {"instance": self.id, "series": self.series, "study": self.study}
        tag = self.tags.get
        return Resource(
            level=level,
            id=identifiers[level],
            study=self.study,
            series="" if level == "study" else self.series,
            patient_id=tag("PatientID", ""),
            patient_name=tag("PatientName", ""),
            accession_number=tag("AccessionNumber", ""),
            study_description=tag("StudyDescription", ""),
            study_date=tag("StudyDate", ""),
            modality=tag("Modality", ""),
            study_instance_uid=tag("StudyInstanceUID", ""),
            series_instance_uid="" if level == "study" else tag("SeriesInstanceUID", ""),
        )


class _Everything:
    """Contains every keyword: what the database does not tell is then absent rather than untold."""

    def __contains__(self, keyword: object) -> bool:
        return True


_EVERYTHING = _Everything()


class StoredInstances:
    """Reads instances. Used by one thread."""

    def __init__(self, orthanc: OrthancApi, known: frozenset[str]) -> None:
        """`known`: the keywords that the database tells (see `main_dicom_tags`)."""
        self._orthanc = orthanc
        self._known = known
        self._parents: OrderedDict[str, tuple[float, dict[str, Any]]] = OrderedDict()

    def read(self, instances: Sequence[str], announced: Sequence[str] = ()) -> list[StoredInstance]:
        """What the database knows, in the same order; those that are gone are left out.

        `announced` are series and studies that the change log calls new (again): what was kept of them is
        not true any more, and they are asked for together with the instances, that most likely are theirs.
        """
        found = {content["ID"]: content for content in self._orthanc.bulk_content([*instances, *announced])}
        for identifier in announced:
            self._parents.pop(identifier, None)
            if identifier in found:
                self._keep(found[identifier])
        contents = [found[instance] for instance in instances if instance in found]
        series = self._parents_of({content["ParentSeries"] for content in contents})
        studies = self._parents_of({content["ParentStudy"] for content in series.values()})
        stored = []
        for content in contents:
            parent = series.get(content["ParentSeries"])
            study = studies.get(parent["ParentStudy"]) if parent else None
            if parent is None or study is None:
                continue  # deleted while we were reading
            stored.append(_stored(content, parent, study))
        return stored

    def reading(self, stored: StoredInstance, counts: Mapping[str, int]) -> Reading:
        """What the rules see without reading the file; `counts` are the facts of a series or study."""
        return Reading.of_index(stored.tags, self._known, _facts(stored, counts))

    def reading_of_file(self, stored: StoredInstance, counts: Mapping[str, int]) -> Reading:
        """What the rules see of the whole file; where it is gone or broken, only what the database told."""
        facts = _facts(stored, counts)
        try:
            file = self._orthanc.file(stored.id)
        except OrthancError as error:
            if error.status != 404:
                raise
            return Reading.of_index(stored.tags, _EVERYTHING, facts)
        try:
            dataset = pydicom.dcmread(io.BytesIO(file), force=True)
        except Exception as error:  # noqa: BLE001 - what a parser makes of hostile bytes must not stop the intake
            _log.warning(
                "The file of instance %s cannot be read (%s): policies see what Orthanc's database tells",
                stored.id,
                type(error).__name__,
            )
            return Reading.of_index(stored.tags, _EVERYTHING, facts)
        return Reading.of_dataset(dataset, facts)

    def _parents_of(self, identifiers: Iterable[str]) -> dict[str, dict[str, Any]]:
        now = time.monotonic()
        parents = {}
        missing = []
        for identifier in identifiers:
            read_at, content = self._parents.get(identifier, (0.0, {}))
            if content and now - read_at < _PARENT_SECONDS:
                parents[identifier] = content
            else:
                missing.append(identifier)
        for content in self._orthanc.bulk_content(missing):
            parents[content["ID"]] = self._keep(content)
        while len(self._parents) > _PARENTS_KEPT:
            self._parents.popitem(last=False)
        return parents

    def _keep(self, content: dict[str, Any]) -> dict[str, Any]:
        """Without the list of children, which grows with every image."""
        names = ("ID", "MainDicomTags", "PatientMainDicomTags", "ParentStudy")
        kept = {name: content[name] for name in names if name in content}
        self._parents[kept["ID"]] = (time.monotonic(), kept)
        self._parents.move_to_end(kept["ID"])
        return kept


def _stored(content: dict[str, Any], series: dict[str, Any], study: dict[str, Any]) -> StoredInstance:
    metadata: dict[str, str] = content["Metadata"]
    tags = {
        **study["PatientMainDicomTags"],
        **study["MainDicomTags"],
        **series["MainDicomTags"],
        **content["MainDicomTags"],
    }
    if "SopClassUid" in metadata:
        tags["SOPClassUID"] = metadata["SopClassUid"]
    facts = {fact: metadata[name] for fact, name in _FACTS.items() if metadata.get(name)}
    return StoredInstance(
        content["ID"],
        series=series["ID"],
        study=study["ID"],
        tags=tags,
        facts=facts,
        size=content["FileSize"],
        received=metadata.get("ReceptionDate", ""),
    )


def _facts(stored: StoredInstance, counts: Mapping[str, int]) -> dict[str, str | int]:
    return {**stored.facts, **counts}
