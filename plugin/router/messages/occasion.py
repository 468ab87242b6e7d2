# SPDX-License-Identifier: GPL-3.0-or-later
"""The facts of a delivery for its notice, and the tags of its first image."""

from collections.abc import Mapping, Sequence
from functools import cached_property
from typing import Any
from urllib.parse import quote

from router.documents.delivery import Delivery
from router.orthanc_api import OrthancApi, OrthancError
from router.templates import FileTags, NotDicom, Tags, header_of

#: Names that templates may use besides DICOM keywords. `late` is empty except for images that came late.
NAMES = ("policy", "level", "instance_count", "series_count", "late", "study_id", "series_id", "link")


class Occasion:
    """One delivery. Reads from Orthanc on demand; reading may raise OrthancError, OrthancUnreachable."""

    def __init__(
        self, delivery: Delivery, instances: Sequence[str], orthanc: OrthancApi, public_url: str
    ) -> None:
        assert delivery.policy is not None, "nobody is told of what was asked for by hand"
        self.delivery = delivery
        self._policy = delivery.policy
        self.instances = instances
        self.orthanc = orthanc
        self._public_url = public_url.rstrip("/")

    @property
    def key(self) -> str:
        """The notice's key: the same at every attempt, and at the alternate destination."""
        return self.delivery.instead_of or self.delivery.id

    @cached_property
    def tags(self) -> Tags:
        """The tags of the first image; those in the delivery where it is gone or cannot be read."""
        try:
            return FileTags(header_of(self.orthanc, self.instances[0]))
        except OrthancError as error:
            if error.status != 404:
                raise
        except NotDicom:
            pass
        resource = self.delivery.resource
        return {
            "PatientID": resource.patient_id,
            "PatientName": resource.patient_name,
            "AccessionNumber": resource.accession_number,
            "StudyDescription": resource.study_description,
            "StudyDate": resource.study_date,
            "Modality": resource.modality,
            "StudyInstanceUID": resource.study_instance_uid,
            "SeriesInstanceUID": resource.series_instance_uid,
        }

    @cached_property
    def stored(self) -> list[dict[str, Any]]:
        """The contents of Orthanc's database about the instances (`/tools/bulk-content`), by series, and by
        position in it."""
        contents = self.orthanc.bulk_content(self.instances)
        return sorted(
            contents, key=lambda one: (one["ParentSeries"], one.get("IndexInSeries") or 0, one["ID"])
        )

    @cached_property
    def series(self) -> Mapping[str, int]:
        """The number of these instances in each series, by Orthanc's identifier of the series."""
        counts: dict[str, int] = {}
        for one in self.stored:
            counts[one["ParentSeries"]] = counts.get(one["ParentSeries"], 0) + 1
        return counts

    @property
    def link(self) -> str:
        """The URL of the study's page; empty where the installation has no `PublicUrl`."""
        if not self._public_url:
            return ""
        return f"{self._public_url}/router/app/studies/{quote(self.delivery.resource.study, safe='')}"

    @cached_property
    def names(self) -> Mapping[str, str]:
        """The values of NAMES."""
        resource = self.delivery.resource
        values = (
            self._policy.name,
            resource.level,
            str(self.delivery.instances),
            str(len(self.series)),
            "late" if self.delivery.late else "",
            resource.study,
            resource.series,
            self.link,
        )
        return dict(zip(NAMES, values, strict=True))

    @cached_property
    def event(self) -> Mapping[str, Any]:
        """The event for programs: the same at every attempt, except for what has been deleted meanwhile."""
        delivery = self.delivery
        return {
            "id": self.key,
            "event": "instances" if delivery.resource.level == "instance" else delivery.resource.level,
            "late": delivery.late,
            "at": delivery.created_at.isoformat(timespec="milliseconds").replace("+00:00", "Z"),
            "policy": self._policy.model_dump(mode="json"),
            "action": delivery.action.model_dump(mode="json"),
            "resource": delivery.resource.model_dump(mode="json"),
            "instances": delivery.instances,
            "series": len(self.series),
            "link": self.link,
        }
