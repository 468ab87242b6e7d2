# SPDX-License-Identifier: GPL-3.0-or-later
"""Calls of Orthanc's REST API (Orthanc Book, "REST API") about Orthanc itself and what it stores."""

import json
import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any, Final, TypeVar
from urllib.parse import quote

from router.documents.policy import Level
from router.orthanc_api.asking import DATABASE_SECONDS, check
from router.orthanc_api.changes import Changes, changes_of
from router.orthanc_api.errors import OrthancError, OrthancSilent, error_of
from router.orthanc_api.remote import RemoteCalls

_COLLECTIONS: Mapping[Level, str] = {"instance": "instances", "series": "series", "study": "studies"}

#: How long the authorization plugin may take to ask its web service.
_PROFILE_SECONDS = 10.0
#: How long Orthanc may take for an answer that may need its whole database.
_SEARCH_SECONDS = 600.0
#: The message for an instance that Orthanc stores but whose file it does not return.
_UNREADABLE = "it has not enough memory for the file, or the file is gone from its storage: see its log"
#: The metrics of Orthanc for jobs that run, and jobs that wait to run.
_JOBS = ("orthanc_jobs_running", "orthanc_jobs_pending")


#: A route of the router that answers with its query as it arrives.
ECHO: Final = "/router/query"
_Taken = TypeVar("_Taken")


class OrthancApi(RemoteCalls):
    """Calls of Orthanc's REST API. May be used from any thread. Every call may raise OrthancError or
    OrthancUnreachable."""

    def system(self) -> dict[str, Any]:
        """Return the answer of `GET /system`."""
        system: dict[str, Any] = self._json("GET", "/system")
        return system

    def decodes_queries(self) -> bool:
        """Whether query values reach a plugin's route decoded (Orthanc 1.13 and newer), or as they were
        sent."""
        return bool(self._json("GET", f"{ECHO}?value=%2525")["value"] == "%25")

    def plugin_version(self) -> str:
        """Return the version of Orthanc's Python plugin."""
        return str(self._json("GET", "/plugins/python")["Version"])

    def explorer_2_study(self) -> str:
        """Return the address of a study in Orthanc Explorer 2, below Orthanc's root, with `{uid}` for the
        Study Instance UID; empty where Explorer 2 is not loaded or is switched off."""
        try:
            plugin = self._json("GET", "/plugins/orthanc-explorer-2")
        except OrthancError as error:
            if error.status != 404:
                raise
            return ""
        # The root is a link relative to /app/explorer.html.
        root = str(plugin.get("RootUri", "")).removeprefix("../")
        version = re.match(r"(\d+)\.(\d+)", str(plugin.get("Version", "")))
        before_1_13 = version is not None and (int(version[1]), int(version[2])) < (1, 13)
        place = f"{'#/' if before_1_13 else ''}filtered-studies?StudyInstanceUID={{uid}}&expand=study"
        return f"{root}{place}" if root else ""

    def shows_in_explorer_2(self, root: str, script: str) -> bool:
        """Whether the page of Orthanc Explorer 2 below `root` names this script; True also without a page."""
        try:
            return script.encode() in self._call("GET", f"{root}app/")
        except OrthancError as error:
            if error.status != 404:
                raise
            return True

    def profile(self, token: Mapping[str, str]) -> dict[str, Any] | None:
        """Return the profile of the user with these headers, from Orthanc's authorization plugin (`name`,
        `user-id`, `groups`, `permissions`, `authorized-labels`). None where the plugin gives none or is not
        loaded."""
        try:
            # Without the router's own authorization, which would be trusted instead of the user's.
            answer = self._connections.ask("GET", "/auth/user/profile", None, token, _PROFILE_SECONDS)
        except OrthancSilent:  # the plugin leaves requests with unknown tokens unanswered
            return None
        try:
            return dict(json.loads(answer.body)) if answer.status == 200 else None
        except ValueError:
            return None

    def jobs(self) -> tuple[int, int] | None:
        """Return how many jobs run and how many wait to run; None where Orthanc keeps no metrics, which
        count them."""
        try:
            lines = (
                self._call("GET", "/tools/metrics-prometheus", seconds=DATABASE_SECONDS)
                .decode("utf-8")
                .splitlines()
            )
        except OrthancError as error:
            if error.status >= 500:
                raise
            return None
        told = {name: float(value) for name, value, *_ in map(str.split, lines) if name in _JOBS}
        running, waiting = map(told.get, _JOBS)
        return None if running is None or waiting is None else (int(running), int(waiting))

    def changes(self, since: int, limit: int) -> Changes:
        """Return up to `limit` entries of the change log after number `since`."""
        return changes_of(self._json("GET", f"/changes?since={since}&limit={limit}"))

    def last_change(self) -> Changes:
        """Return the last entry of the change log (none in an empty archive) and its number."""
        return changes_of(self._json("GET", "/changes?last"))

    def bulk_content(self, identifiers: Sequence[str]) -> list[dict[str, Any]]:
        """Return main DICOM tags and metadata of resources of any level (`Type`) from the database; leaves
        out those that are gone."""
        if not identifiers:
            return []
        content: list[dict[str, Any]] = self._json(
            "POST", "/tools/bulk-content", {"Resources": list(identifiers), "Metadata": True}
        )
        return content

    def studies(self) -> list[str]:
        """Return the identifiers of all studies."""
        studies: list[str] = self._json("GET", "/studies", seconds=_SEARCH_SECONDS)
        return studies

    def find_studies(self, query: Mapping[str, str]) -> list[str]:
        """Return the identifiers of the studies that match a query (Orthanc Book, "Performing finds within
        Orthanc"): values by tag, with wildcards and ranges of dates."""
        found: list[str] = self._json(
            "POST", "/tools/find", {"Level": "Study", "Query": dict(query)}, _SEARCH_SECONDS
        )
        return found

    def resource(self, level: Level, identifier: str) -> dict[str, Any]:
        """Return one resource with its main DICOM tags."""
        resource: dict[str, Any] = self._json("GET", f"{_path(level, identifier)}")
        return resource

    def instances_of(self, level: Level, identifier: str) -> list[str]:
        """Return the identifiers of all instances of a resource."""
        if level == "instance":
            return [identifier]
        resource = self.resource(level, identifier)
        # Not `/studies/X/instances`, which returns full details of each: 30 times as much.
        series = [resource] if level == "series" else self.bulk_content(resource["Series"])
        return [instance for one in series for instance in one["Instances"]]

    def statistics(self, level: Level, identifier: str) -> dict[str, int]:
        """Return how many instances (`CountInstances`) and series (`CountSeries`, of a study) there are."""
        told = self._json("GET", f"{_path(level, identifier)}/statistics")
        return {name: int(count) for name, count in told.items() if name.startswith("Count")}

    def headers(
        self, files: Mapping[str, str], take: Callable[[Callable[[int], bytes]], _Taken]
    ) -> list[tuple[_Taken] | OrthancError]:
        """Return for each instance the result of `take` for its DICOM file, or why Orthanc cannot return the
        file (404: it is gone). `take` gets a function that reads the next bytes; little else is read.

        `files`: the name of each instance's file in the storage area (`FileUuid` of the bulk content); empty
        where unknown.
        """
        taken: dict[str, tuple[_Taken] | OrthancError] = {}
        for instance, name in files.items():
            if (answer := self._storage.read(name, take)) is not None:
                taken[instance] = answer
        missing = [instance for instance in files if instance not in taken]
        # Unlike `/file`, this route supports ranges.
        paths = [f"{_path('instance', instance)}/attachments/dicom/data" for instance in missing]
        answers = self._beginnings.read(paths, lambda file: (take(file.read),))
        for instance, one in zip(missing, answers, strict=True):
            taken[instance] = one if isinstance(one, tuple) else error_of(one.status, one.body)
        return [taken[instance] for instance in files]

    def file(self, instance: str) -> bytes:
        """Return the DICOM file. Raises OrthancError, with status 404 only where Orthanc does not store the
        instance."""
        path = _path("instance", instance)
        try:
            return self._call("GET", f"{path}/file", seconds=_SEARCH_SECONDS)
        except OrthancError as error:
            # Orthanc also answers 404 where it cannot read the file.
            if error.status == 404 and self._has(path):
                raise OrthancError(500, _UNREADABLE, error.code) from error
            raise

    def _has(self, path: str) -> bool:
        """Whether the resource exists, as far as Orthanc tells."""
        try:
            self._call("GET", path)
        except OrthancError as error:
            return error.status != 404
        return True

    def preview(self, instance: str) -> bytes:
        """Return a picture of an image for people (PNG), with its contrast stretched."""
        check(self.file(instance))
        return self._call("GET", f"{_path('instance', instance)}/preview", seconds=_SEARCH_SECONDS)

    def add_instance(self, file: bytes) -> tuple[str, bool]:
        """Store a DICOM file; return Orthanc's identifier, and whether it is new (or replaces another)."""
        check(file)
        answer = json.loads(self._call("POST", "/instances", file, _SEARCH_SECONDS))
        return str(answer["ID"]), answer["Status"] == "Success"

    def set_metadata(self, instance: str, number: int, value: str) -> None:
        """Set user metadata of an instance; `number` is 1024 or more (Orthanc Book, "Metadata")."""
        path = f"{_path('instance', instance)}/metadata/{number}"
        try:
            self._call("PUT", path, value.encode("utf-8"))
        except OrthancError as error:
            # Orthanc 1.11 and newer ask for the revision to be replaced, if they check revisions.
            if error.status not in {409, 412}:
                raise
            self._call("DELETE", path)
            self._call("PUT", path, value.encode("utf-8"))

    def delete_instances(self, instances: Sequence[str]) -> None:
        """Delete instances, and series, studies and patients left without instances. Ignores what is gone
        already."""
        self._call("POST", "/tools/bulk-delete", {"Resources": list(instances)}, _SEARCH_SECONDS)

    def add_label(self, level: Level, identifier: str, label: str) -> None:
        """Give a resource a label (Orthanc 1.12 and newer)."""
        self._call("PUT", f"{_path(level, identifier)}/labels/{quote(label, safe='')}", b"")

    def study_labels(self, identifier: str) -> frozenset[str]:
        """Return the labels of the study of a resource of any level; none where Orthanc does not have it, and
        before Orthanc 1.12.

        Uses the bulk content, because the authorization plugin removes labels from other answers.
        """
        [content] = self.bulk_content([identifier]) or [{}]
        parent = content.get("ParentSeries") or content.get("ParentStudy")
        return self.study_labels(parent) if parent else frozenset(content.get("Labels", ()))

    def labelled_studies(self, labels: Iterable[str], token: Mapping[str, str]) -> dict[str, str]:
        """Return the studies with one of these labels that the user with these headers may find: identifiers
        with their Study Instance UIDs; none where the user may not search.

        The authorization plugin leaves out studies that the user may not see.
        """
        query = {
            "Level": "Study",
            "Query": {},
            "Labels": sorted(labels),
            "LabelsConstraint": "Any",
            "Expand": True,
        }
        body = json.dumps(query).encode()
        answer = self._connections.ask("POST", "/tools/find", body, token, DATABASE_SECONDS)
        if answer.status != 200:
            return {}
        return {
            study["ID"]: study["MainDicomTags"].get("StudyInstanceUID", "")
            for study in json.loads(answer.body)
        }

    def lookup(self, uid: str) -> list[str]:
        """Return the identifiers of the instances with a SOP Instance UID."""
        found = json.loads(self._call("POST", "/tools/lookup", uid.encode(), DATABASE_SECONDS))
        return [one["ID"] for one in found if one["Type"] == "Instance"]

    def digest(self, instance: str) -> str:
        """Return the MD5 of the DICOM file, as Orthanc stores it."""
        path = f"{_path('instance', instance)}/attachments/dicom/md5"
        return self._call("GET", path, seconds=DATABASE_SECONDS).decode("ascii")


def _path(level: Level, identifier: str) -> str:
    return f"/{_COLLECTIONS[level]}/{quote(identifier, safe='')}"
