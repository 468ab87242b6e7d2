# SPDX-License-Identifier: GPL-3.0-or-later
"""Reads what Orthanc knows of stored instances: from its database, and from their headers where needed.

For tags of patient, study and series, Orthanc's database keeps the values of the first image, and no value of
more than 256 characters. Policies must decide by an image's own values: by its own tags in the database, and
for all other tags by its header.
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

#: The facts about an instance's arrival, by name, with their metadata (Orthanc Book, "Metadata").
_FACTS = {
    "@RemoteAET": "RemoteAET",
    "@CalledAET": "CalledAET",
    "@RemoteIP": "RemoteIP",
    "@Origin": "Origin",
    "@Username": "HttpUsername",
    "@TransferSyntax": "TransferSyntax",
}

#: Tags that every version of Orthanc keeps of each instance, with values never too long for it. Where the
#: database has no value of such a tag, the image has none.
_TOLD = frozenset(
    """
    SOPInstanceUID SOPClassUID InstanceNumber NumberOfFrames InstanceCreationDate InstanceCreationTime
    AcquisitionNumber ImageIndex
    """.split()
)

#: How long what was read of a study is used: a change in place (by Orthanc's `reconstruct`) is seen after
#: this. Of a series, nothing is kept that could change.
_STUDY_SECONDS = 10.0
_PARENTS_KEPT = 4000
_SERIES_TAGS = ("Modality", "SeriesInstanceUID")
#: How many mappings are kept to share equal ones.
_SHARED_KEPT = 2000


@dataclass(frozen=True, slots=True)
class StoredInstance:
    """One instance: its identifiers, its main DICOM tags, its arrival."""

    id: str
    series: str
    study: str
    #: Tags of the patient, study and series in Orthanc's database: for people, not for rules.
    parents: Mapping[str, str]
    #: Tags of the instance itself that policies ask for.
    tags: Mapping[str, str]
    facts: Mapping[str, str]
    #: Size of the file in bytes.
    size: int
    #: When it came in, in Orthanc's form (UTC, to the second: `20240517T120000`); empty where unknown.
    received: str = ""
    #: The name of the file in the storage area; empty where unknown.
    file: str = ""

    @property
    def sender(self) -> Sender:
        """The sender of the instance."""
        return Sender(aet=self.facts.get("@RemoteAET", ""), ip=self.facts.get("@RemoteIP", ""))

    def resource(self, level: Level) -> Resource:
        """Return the description of the instance, its series or its study for a delivery."""
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
        #: The tags that policies ask for, as rules write them: no others are read or kept.
        self.asked: frozenset[str] = frozenset()
        self.headers = Headers(orthanc)

    def read(self, instances: Sequence[str], announced: Sequence[str] = ()) -> list[StoredInstance]:
        """Return what the database knows, in the same order; leaves out instances that are gone.

        `announced`: series and studies that the change log calls new (again). What was kept of them is no
        longer true. They are read together with the instances, which most likely belong to them.
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
        """Return what the rules see without the header. `counts`: the facts of a series or study."""
        return Reading.of_index(stored.tags, _TOLD, _facts(stored, counts))

    def reading_of_header(
        self, stored: StoredInstance, header: AnyHeader | None, counts: Mapping[str, int]
    ) -> Reading:
        """Return what the rules see of a header that was read. Where the file is gone or broken (None), this
        is what the database has."""
        if header is None:
            return Reading.of_index_alone({**stored.parents, **stored.tags}, _facts(stored, counts))
        return Reading.of_dataset(header.dataset(), _facts(stored, counts))

    def headers_of(self, stored: Sequence[StoredInstance]) -> list[AnyHeader | None]:
        """Return the asked tags of each header. Raises OrthancError, OrthancUnreachable."""
        return self.headers.read({one.id: one.file for one in stored}, self.asked)

    def has_header_of(self, stored: StoredInstance) -> bool:
        """Whether the header has been read already."""
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
        """Keep a resource without its list of children, which grows with every image."""
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
        """Return the mapping, or an equal one that is kept already."""
        if len(self._shared) > _SHARED_KEPT:
            self._shared.clear()
        return self._shared.setdefault(tuple(mapping.items()), mapping)


def _facts(stored: StoredInstance, counts: Mapping[str, int]) -> dict[str, str | int]:
    return {**stored.facts, **counts}
