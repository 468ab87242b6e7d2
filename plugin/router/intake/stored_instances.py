# SPDX-License-Identifier: GPL-3.0-or-later
"""Reads what Orthanc knows of stored instances: from its database, and from their headers where needed.

Orthanc's database keeps the tags of a patient, a study and a series from the image that came first, and no
value of more than 256 characters. What decides about an image is what it says itself: its own tags in the
database, and for all others its header.
"""

import time
from collections import OrderedDict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from router.documents.delivery import Resource, Sender
from router.documents.policy import Level
from router.intake.headers import AnyHeader, Headers
from router.orthanc_api import OrthancApi
from router.rules import Reading

#: What the metadata of an instance tells of its arrival (Orthanc Book, "Metadata"), by the fact's name.
_FACTS = {
    "@RemoteAET": "RemoteAET",
    "@CalledAET": "CalledAET",
    "@RemoteIP": "RemoteIP",
    "@Origin": "Origin",
    "@Username": "HttpUsername",
    "@TransferSyntax": "TransferSyntax",
}

#: Tags that every version of Orthanc keeps of each instance, and whose values are never too long for that:
#: what the database does not tell of these is absent.
_TOLD = frozenset(
    """
    SOPInstanceUID SOPClassUID InstanceNumber NumberOfFrames InstanceCreationDate InstanceCreationTime
    AcquisitionNumber ImageIndex
    """.split()
)

#: Studies are asked for once while images come in quickly; what was changed in place (by Orthanc's
#: `reconstruct`) is shown after this. Of a series nothing is kept that changes.
_STUDY_SECONDS = 10.0
_PARENTS_KEPT = 4000
_SERIES_TAGS = ("Modality", "SeriesInstanceUID")
#: Mappings of which only one is kept where many are equal.
_SHARED_KEPT = 2000


@dataclass(frozen=True, slots=True)
class StoredInstance:
    """One instance: its identifiers, its main DICOM tags, its arrival."""

    id: str
    series: str
    study: str
    #: Of the patient, study and series, as Orthanc's database has them; for people, not for rules.
    parents: Mapping[str, str]
    #: Of the instance itself: those that policies ask.
    tags: Mapping[str, str]
    facts: Mapping[str, str]
    #: Of the file, in bytes.
    size: int
    #: When it came in, as Orthanc writes it (UTC, to the second: `20240517T120000`); empty where not known.
    received: str = ""
    #: The name of the file in the storage area; empty where not known.
    file: str = ""

    @property
    def sender(self) -> Sender:
        """Who has sent it here."""
        return Sender(aet=self.facts.get("@RemoteAET", ""), ip=self.facts.get("@RemoteIP", ""))

    def resource(self, level: Level) -> Resource:
        """What a delivery says of the instance, its series or its study."""
        identifiers = {"instance": self.id, "series": self.series, "study": self.study}
        tag = self.parents.get
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


class StoredInstances:
    """Reads instances. Used by one thread."""

    def __init__(self, orthanc: OrthancApi) -> None:
        self._orthanc = orthanc
        self._parents: OrderedDict[str, tuple[float, dict[str, Any]]] = OrderedDict()
        self._shared: dict[object, Mapping[str, str]] = {}
        #: The tags that policies ask, as rules write them: no others are read, or kept.
        self.asked: frozenset[str] = frozenset()
        self.headers = Headers(orthanc)

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
            stored.append(self._stored(content, parent, study))
        return stored

    def reading(self, stored: StoredInstance, counts: Mapping[str, int]) -> Reading:
        """What the rules see without reading the header; `counts` are the facts of a series or study."""
        return Reading.of_index(stored.tags, _TOLD, _facts(stored, counts))

    def reading_of_header(
        self, stored: StoredInstance, header: AnyHeader | None, counts: Mapping[str, int]
    ) -> Reading:
        """What the rules see of a header that was read; where the file is gone or broken (None), what the
        database tells."""
        if header is None:
            return Reading.of_index_alone({**stored.parents, **stored.tags}, _facts(stored, counts))
        return Reading.of_dataset(header.dataset(), _facts(stored, counts))

    def headers_of(self, stored: Sequence[StoredInstance]) -> list[AnyHeader | None]:
        """What was asked of each header. Raises OrthancError, OrthancUnreachable."""
        return self.headers.read({one.id: one.file for one in stored}, self.asked)

    def has_header_of(self, stored: StoredInstance) -> bool:
        """Whether its header need not be read any more."""
        return self.headers.known(stored.id, self.asked)

    def _parents_of(self, identifiers: Iterable[str]) -> dict[str, dict[str, Any]]:
        now = time.monotonic()
        parents = {}
        missing = []
        for identifier in identifiers:
            read_at, content = self._parents.get(identifier, (0.0, {}))
            if content and ("ParentStudy" in content or now - read_at < _STUDY_SECONDS):
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
        kept: dict[str, Any] = {"ID": content["ID"]}
        tags = content["MainDicomTags"]
        if "ParentStudy" in content:
            kept["ParentStudy"] = content["ParentStudy"]
            kept["MainDicomTags"] = {name: tags[name] for name in _SERIES_TAGS if name in tags}
        else:
            kept["MainDicomTags"] = {**content["PatientMainDicomTags"], **tags}
        self._parents[kept["ID"]] = (time.monotonic(), kept)
        self._parents.move_to_end(kept["ID"])
        return kept

    def _stored(
        self, content: dict[str, Any], series: dict[str, Any], study: dict[str, Any]
    ) -> StoredInstance:
        metadata: dict[str, str] = content["Metadata"]
        own = {**content["MainDicomTags"], "SOPClassUID": metadata.get("SopClassUid")}
        tags = {
            keyword: value for keyword, value in own.items() if value is not None and keyword in self.asked
        }
        facts = {fact: metadata[name] for fact, name in _FACTS.items() if metadata.get(name)}
        return StoredInstance(
            content["ID"],
            series=series["ID"],
            study=study["ID"],
            parents=self._once({**study["MainDicomTags"], **series["MainDicomTags"]}),
            tags=self._once(tags),
            facts=self._once(facts),
            size=content["FileSize"],
            received=metadata.get("ReceptionDate", ""),
            file=content.get("FileUuid", ""),
        )

    def _once(self, mapping: dict[str, str]) -> Mapping[str, str]:
        """The mapping, or an equal one that is there already."""
        if len(self._shared) > _SHARED_KEPT:
            self._shared.clear()
        return self._shared.setdefault(tuple(mapping.items()), mapping)


def _facts(stored: StoredInstance, counts: Mapping[str, int]) -> dict[str, str | int]:
    return {**stored.facts, **counts}
