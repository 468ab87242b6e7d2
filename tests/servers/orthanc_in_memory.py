# SPDX-License-Identifier: GPL-3.0-or-later
"""An Orthanc in memory, for moments between two calls that cannot be had from a real one."""

import io
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from router.documents.policy import Level
from router.orthanc_api import Change, Changes, OrthancApi, OrthancError

Content = Mapping[str, Any]


class OrthancInMemory(OrthancApi):
    """Has a change log, what its database tells of resources, and files, which may be changed at any time; it
    counts how often the log was asked for."""

    def __init__(
        self,
        entries: Sequence[Change] = (),
        contents: Mapping[str, Content] | None = None,
        files: Mapping[str, bytes] | None = None,
        pictures: Mapping[str, bytes] | None = None,
    ) -> None:
        """`contents`: by identifier, what `/tools/bulk-content` tells, without the identifier itself.
        `pictures`: by instance, its preview."""
        super().__init__(0, "")
        self.entries = sorted(entries, key=lambda entry: entry.sequence)
        self.contents = dict(contents or {})
        self.files = dict(files or {})
        self.pictures = dict(pictures or {})
        self.deleted: list[str] = []
        #: The instances whose headers were read.
        self.read: list[str] = []
        self.log_calls = 0

    def system(self) -> dict[str, Any]:
        return {}

    def last_change(self) -> Changes:
        self.log_calls += 1
        return Changes(self.entries[-1:], self.entries[-1].sequence if self.entries else 0, done=True)

    def changes(self, since: int, limit: int) -> Changes:
        self.log_calls += 1
        found = [entry for entry in self.entries if entry.sequence > since]
        page = found[:limit]
        return Changes(page, page[-1].sequence if page else since, done=len(found) <= limit)

    def bulk_content(self, identifiers: Sequence[str]) -> list[dict[str, Any]]:
        return [
            {"ID": one, "MainDicomTags": {}, **self.contents[one]}
            for one in identifiers
            if one in self.contents
        ]

    def instances_of(self, level: Level, identifier: str) -> list[str]:
        parent = {"instance": "ID", "series": "ParentSeries", "study": "ParentStudy"}[level]
        found = [one for one in self.bulk_content(list(self.contents)) if one.get(parent) == identifier]
        if level != "study":
            return [one["ID"] for one in found]
        return [one for series in found for one in self.instances_of("series", series["ID"])]

    def statistics(self, level: Level, identifier: str) -> dict[str, int]:
        return {"CountInstances": len(self.instances_of(level, identifier))}

    def headers(
        self, files: Mapping[str, str], take: Callable[[Callable[[int], bytes]], Any]
    ) -> list[tuple[Any] | OrthancError]:
        self.read += files
        return [
            (take(io.BytesIO(self.files[one]).read),) if one in self.files else OrthancError(404, "")
            for one in files
        ]

    def digest(self, instance: str) -> str:
        return f"of {instance}"

    def file(self, instance: str) -> bytes:
        if instance not in self.files:
            raise OrthancError(404, "Unknown resource")
        return self.files[instance]

    def preview(self, instance: str) -> bytes:
        if instance not in self.pictures:
            raise OrthancError(400, "no picture")
        return self.pictures[instance]

    def delete_instances(self, identifiers: Sequence[str]) -> None:
        self.deleted += identifiers


def new_images(first: int, last: int, name: str = "image", date: str = "20260517T110000") -> list[Change]:
    """Entries of the change log that tell of one new image each, with these numbers, named after them."""
    return [Change(number, "NewInstance", f"{name}-{number}", date) for number in range(first, last + 1)]


def one_image() -> dict[str, Content]:
    """The contents of an archive with the instance `image` of the series `series` of the study `study`."""
    return {
        "image": {"ParentSeries": "series", "Metadata": {}, "FileSize": 1},
        "series": {"ParentStudy": "study"},
        "study": {"PatientMainDicomTags": {}},
    }


class OneImage(OrthancInMemory):
    """An Orthanc that has one image of one study, and tells of it from `arrive()` on."""

    def __init__(self) -> None:
        super().__init__(contents=one_image())

    def arrive(self, sequence: int = 1) -> None:
        self.contents = one_image()
        self.entries = [Change(sequence, "NewInstance", "image", "20240531T120000")]
