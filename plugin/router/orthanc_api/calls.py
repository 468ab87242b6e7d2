"""The calls of Orthanc's REST API: HTTP over loopback with the internal token (Orthanc Book, "REST API").

HTTP rather than `orthanc.RestApi...`, because those calls hold the interpreter's lock while they wait,
and the interpreter is what Orthanc needs to tell the plugin of the next image.
"""

import json
import re
import threading
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final, TypeVar
from urllib.parse import quote

from router.documents.policy import Level
from router.nesting import TOO_DEEP, is_too_deep
from router.orthanc_api.beginnings import Beginnings
from router.orthanc_api.changes import Changes, changes_of
from router.orthanc_api.connections import Connections
from router.orthanc_api.errors import OrthancError, OrthancSilent, error_of
from router.orthanc_api.keeping import Keeper
from router.orthanc_api.storage_area import StorageArea

_COLLECTIONS: Mapping[Level, str] = {"instance": "instances", "series": "series", "study": "studies"}

#: How long the authorization plugin may take to ask its web service.
_PROFILE_SECONDS = 10.0
#: How long Orthanc may take to answer what its database tells; and what may take a look at all of it.
_DATABASE_SECONDS = 60.0
_SEARCH_SECONDS = 600.0
#: Of Orthanc's metrics: jobs that are being carried out, and that wait for it.
_JOBS = ("orthanc_jobs_running", "orthanc_jobs_pending")


#: A route of ours that answers with its query as it arrives.
ECHO: Final = "/router/query"
_Taken = TypeVar("_Taken")


class OrthancApi:
    """Calls of Orthanc's REST API. May be used from any thread. Every call may raise OrthancError
    or OrthancUnreachable."""

    def __init__(
        self,
        port: int,
        authorization: str,
        tls: bool = False,
        *,
        address: str = "127.0.0.1",
        waiting: int = 64,
        storage_directory: Path | None = None,
    ) -> None:
        """`waiting` is how many calls at once may wait for somebody else (a DICOM node, a peer): each holds a
        thread of Orthanc's web server meanwhile. More calls than that wait here. `storage_directory` is where
        Orthanc keeps files on this machine, by its configuration."""
        self._headers = {"Authorization": authorization}
        self._connections = Connections(port, tls, address)
        self._storage = StorageArea(storage_directory)
        self._beginnings = Beginnings(self._connections, self._headers)
        self._keeper = Keeper(self._connections, self._headers)
        self._waiting = threading.BoundedSemaphore(waiting)
        #: By thread: what the jobs of Orthanc that it asks for are to carry.
        self._purpose = threading.local()

    def keep_connections(self) -> None:
        """Keep some connections open from now on, until `close`, so that there is one when all threads of
        Orthanc's web server are taken by others; and say so in the log when they are."""
        self._keeper.start()

    @contextmanager
    def reserved(self) -> Iterator[None]:
        """What the calling thread asks in the block has a connection of its own, which is kept open."""
        with self._connections.reserved():
            yield

    @contextmanager
    def acting_for(self, deliveries: Sequence[str]) -> Iterator[None]:
        """Orthanc's jobs that the calling thread asks for in the block carry the identifiers of these
        deliveries, as `UserData` (Orthanc 1.12.9 and newer): `{"RouterDeliveries": [...]}`."""
        self._purpose.user_data = {"RouterDeliveries": list(deliveries)}
        try:
            yield
        finally:
            del self._purpose.user_data

    def close(self) -> None:
        """Close the connections that are kept, and ask nothing more: every later call raises
        OrthancUnreachable."""
        self._keeper.stop()
        self._connections.close()

    def system(self) -> dict[str, Any]:
        """`GET /system`."""
        system: dict[str, Any] = self._json("GET", "/system")
        return system

    def decodes_queries(self) -> bool:
        """Whether the values in the query of a plugin's route arrive decoded (from Orthanc 1.13 on), or as
        they were sent."""
        return bool(self._json("GET", f"{ECHO}?value=%2525")["value"] == "%25")

    def plugin_version(self) -> str:
        """The version of Orthanc's Python plugin."""
        return str(self._json("GET", "/plugins/python")["Version"])

    def explorer_2_study(self) -> str:
        """Where Orthanc Explorer 2 shows a study: an address below Orthanc's root, with `{uid}` for the Study
        Instance UID; empty where Explorer 2 is not loaded or switched off."""
        try:
            plugin = self._json("GET", "/plugins/orthanc-explorer-2")
        except OrthancError as error:
            if error.status != 404:
                raise
            return ""
        # The root is told as a link in /app/explorer.html.
        root = str(plugin.get("RootUri", "")).removeprefix("../")
        version = re.match(r"(\d+)\.(\d+)", str(plugin.get("Version", "")))
        before_1_13 = version is not None and (int(version[1]), int(version[2])) < (1, 13)
        place = f"{'#/' if before_1_13 else ''}filtered-studies?StudyInstanceUID={{uid}}&expand=study"
        return f"{root}{place}" if root else ""

    def shows_in_explorer_2(self, root: str, script: str) -> bool:
        """Whether the page of Orthanc Explorer 2 below `root` names this script; also where there is none."""
        try:
            return script.encode() in self._call("GET", f"{root}app/")
        except OrthancError as error:
            if error.status != 404:
                raise
            return True

    def profile(self, token: Mapping[str, str]) -> dict[str, Any] | None:
        """For whom these headers stand, by Orthanc's authorization plugin (`name`, `user-id`, `groups`,
        `permissions`, `authorized-labels`); None where it does not say, or where there is no such plugin."""
        try:
            # Without an authorization of our own, which would be trusted in the place of theirs.
            answer = self._connections.ask("GET", "/auth/user/profile", None, token, _PROFILE_SECONDS)
        except OrthancSilent:  # so the plugin leaves it unanswered for a token that it does not know
            return None
        try:
            return dict(json.loads(answer.body)) if answer.status == 200 else None
        except ValueError:
            return None

    def jobs(self) -> tuple[int, int] | None:
        """How many jobs are being carried out and how many wait for that; None where Orthanc keeps no
        metrics, which tell it."""
        try:
            lines = (
                self._call("GET", "/tools/metrics-prometheus", seconds=_DATABASE_SECONDS)
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
        """The entries of the change log after number `since`."""
        return changes_of(self._json("GET", f"/changes?since={since}&limit={limit}"))

    def last_change(self) -> Changes:
        """The last entry of the change log (none in an empty archive) and its number."""
        return changes_of(self._json("GET", "/changes?last"))

    def bulk_content(self, identifiers: Sequence[str]) -> list[dict[str, Any]]:
        """Main DICOM tags and metadata of resources of any level (`Type`) from the database; those that
        are gone are left out."""
        if not identifiers:
            return []
        content: list[dict[str, Any]] = self._json(
            "POST", "/tools/bulk-content", {"Resources": list(identifiers), "Metadata": True}
        )
        return content

    def studies(self) -> list[str]:
        """The identifiers of all studies."""
        studies: list[str] = self._json("GET", "/studies", seconds=_SEARCH_SECONDS)
        return studies

    def find_studies(self, query: Mapping[str, str]) -> list[str]:
        """The identifiers of the studies that a query finds (Orthanc Book, "Performing finds within
        Orthanc"): values by tag, with wildcards, and ranges of dates."""
        found: list[str] = self._json(
            "POST", "/tools/find", {"Level": "Study", "Query": dict(query)}, _SEARCH_SECONDS
        )
        return found

    def resource(self, level: Level, identifier: str) -> dict[str, Any]:
        """One resource with its main DICOM tags."""
        resource: dict[str, Any] = self._json("GET", f"{_path(level, identifier)}")
        return resource

    def instances_of(self, level: Level, identifier: str) -> list[str]:
        """The identifiers of all instances of a resource."""
        if level == "instance":
            return [identifier]
        resource = self.resource(level, identifier)
        # Not `/studies/X/instances`, which tells all of each: 30 times as much.
        series = [resource] if level == "series" else self.bulk_content(resource["Series"])
        return [instance for one in series for instance in one["Instances"]]

    def statistics(self, level: Level, identifier: str) -> dict[str, int]:
        """How many instances (`CountInstances`) and series (`CountSeries`, of a study) a resource has."""
        told = self._json("GET", f"{_path(level, identifier)}/statistics")
        return {name: int(count) for name, count in told.items() if name.startswith("Count")}

    def headers(
        self, files: Mapping[str, str], take: Callable[[Callable[[int], bytes]], _Taken]
    ) -> list[tuple[_Taken] | OrthancError]:
        """For each instance what `take` makes of its DICOM file, given what reads so many of the next bytes;
        or why Orthanc cannot give the file (404: it is gone). As little as can be is read of the rest.

        `files`: by instance the name of its file in the storage area (`FileUuid` of the bulk content); empty
        where it is not known.
        """
        taken: dict[str, tuple[_Taken] | OrthancError] = {}
        for instance, name in files.items():
            if (answer := self._storage.read(name, take)) is not None:
                taken[instance] = answer
        missing = [instance for instance in files if instance not in taken]
        # Unlike `/file`, this route knows parts.
        paths = [f"{_path('instance', instance)}/attachments/dicom/data" for instance in missing]
        answers = self._beginnings.read(paths, lambda file: (take(file.read),))
        for instance, one in zip(missing, answers, strict=True):
            taken[instance] = one if isinstance(one, tuple) else error_of(one.status, one.body)
        return [taken[instance] for instance in files]

    def file(self, instance: str) -> bytes:
        """The DICOM file."""
        return self._call("GET", f"{_path('instance', instance)}/file", seconds=_SEARCH_SECONDS)

    def preview(self, instance: str) -> bytes:
        """A picture of an image for people (PNG), with its contrast stretched."""
        _check(self.file(instance))
        return self._call("GET", f"{_path('instance', instance)}/preview", seconds=_SEARCH_SECONDS)

    def add_instance(self, file: bytes) -> tuple[str, bool]:
        """Store a DICOM file; Orthanc's identifier, and whether it is new (or replaces what was there)."""
        _check(file)
        answer = json.loads(self._call("POST", "/instances", file, _SEARCH_SECONDS))
        return str(answer["ID"]), answer["Status"] == "Success"

    def set_metadata(self, instance: str, number: int, value: str) -> None:
        """Set user metadata of an instance; `number` is 1024 or more (Orthanc Book, "Metadata")."""
        path = f"{_path('instance', instance)}/metadata/{number}"
        try:
            self._call("PUT", path, value.encode("utf-8"))
        except OrthancError as error:
            # Orthanc 1.11 and newer want the revision that is to be replaced, if they check revisions.
            if error.status not in {409, 412}:
                raise
            self._call("DELETE", path)
            self._call("PUT", path, value.encode("utf-8"))

    def delete_instances(self, instances: Sequence[str]) -> None:
        """Delete instances, and series, studies and patients that are left without any; what is gone already
        is no error."""
        self._call("POST", "/tools/bulk-delete", {"Resources": list(instances)}, _SEARCH_SECONDS)

    def add_label(self, level: Level, identifier: str, label: str) -> None:
        """Give a resource a label (Orthanc 1.12 and newer)."""
        self._call("PUT", f"{_path(level, identifier)}/labels/{quote(label, safe='')}", b"")

    def study_labels(self, identifier: str) -> frozenset[str]:
        """The labels of the study that a resource of any level belongs to; none where Orthanc does not have
        it, and before Orthanc 1.12.

        By the bulk content, because the authorization plugin takes labels out of other answers.
        """
        [content] = self.bulk_content([identifier]) or [{}]
        parent = content.get("ParentSeries") or content.get("ParentStudy")
        return self.study_labels(parent) if parent else frozenset(content.get("Labels", ()))

    def labelled_studies(self, labels: Iterable[str], token: Mapping[str, str]) -> dict[str, str]:
        """The studies that have one of these labels and that whoever these headers stand for may find, by
        identifier, with their Study Instance UIDs; none where that person may not search.

        The authorization plugin leaves out of what it finds the studies that the person may not see.
        """
        query = {
            "Level": "Study",
            "Query": {},
            "Labels": sorted(labels),
            "LabelsConstraint": "Any",
            "Expand": True,
        }
        body = json.dumps(query).encode()
        answer = self._connections.ask("POST", "/tools/find", body, token, _DATABASE_SECONDS)
        if answer.status != 200:
            return {}
        return {
            study["ID"]: study["MainDicomTags"].get("StudyInstanceUID", "")
            for study in json.loads(answer.body)
        }

    def lookup(self, uid: str) -> list[str]:
        """The identifiers of the instances of a SOP Instance UID."""
        found = json.loads(self._call("POST", "/tools/lookup", uid.encode(), _DATABASE_SECONDS))
        return [one["ID"] for one in found if one["Type"] == "Instance"]

    def digest(self, instance: str) -> str:
        """The MD5 of the DICOM file, as Orthanc keeps it."""
        path = f"{_path('instance', instance)}/attachments/dicom/md5"
        return self._call("GET", path, seconds=_DATABASE_SECONDS).decode("ascii")

    def modalities(self) -> dict[str, dict[str, Any]]:
        """The DICOM nodes that Orthanc knows, by alias."""
        modalities: dict[str, dict[str, Any]] = self._json("GET", "/modalities?expand")
        return modalities

    def modality(self, alias: str) -> dict[str, Any]:
        """One DICOM node as it could be set again."""
        modality: dict[str, Any] = self._json("GET", f"/modalities/{quote(alias, safe='')}/configuration")
        return modality

    def set_modality(self, alias: str, modality: Mapping[str, object]) -> None:
        """Make a DICOM node known under an alias (`AET`, `Host`, `Port`, ...), or change it."""
        self._call("PUT", f"/modalities/{quote(alias, safe='')}", modality)

    def remove_modality(self, alias: str) -> None:
        """Forget an alias."""
        self._call("DELETE", f"/modalities/{quote(alias, safe='')}")

    def echo(self, alias: str, timeout: int) -> None:
        """C-ECHO to a modality; `timeout` in seconds."""
        self._call_that_waits("POST", f"/modalities/{quote(alias, safe='')}/echo", {"Timeout": timeout})

    def store(self, alias: str, instances: Sequence[str], options: Mapping[str, object]) -> None:
        """C-STORE instances to a modality in one association; returns when all have been accepted.

        `options` as in Orthanc Book, "REST API": `LocalAet`, `Timeout` (seconds), ...
        """
        body = {**self._job(instances), **options}
        self._call_that_waits("POST", f"/modalities/{quote(alias, safe='')}/store", body)

    def request_commitment(self, alias: str, instances: Sequence[tuple[str, str]], timeout: int) -> str:
        """Ask a modality to commit to the storage of instances, given by SOP Class and SOP Instance UID
        (PS3.4, J.3.2); the transaction's UID. `timeout` in seconds."""
        body = {
            "DicomInstances": [
                {"SOPClassUID": sop_class, "SOPInstanceUID": uid} for sop_class, uid in instances
            ],
            "Timeout": timeout,
        }
        path = f"/modalities/{quote(alias, safe='')}/storage-commitment"
        return str(json.loads(self._call_that_waits("POST", path, body))["ID"])

    def commitment(self, transaction: str) -> dict[str, Any]:
        """What a modality has reported: `Status` (`Pending`, `Success`, `Failure`) and `Failures`."""
        report: dict[str, Any] = self._json("GET", f"/storage-commitment/{quote(transaction, safe='')}")
        return report

    def peers(self) -> list[str]:
        """The aliases of the Orthanc peers."""
        return list(self._json("GET", "/peers"))

    def peer_url(self, alias: str) -> str:
        """The address of a peer; empty where there is none of this alias."""
        peers: dict[str, dict[str, Any]] = self._json("GET", "/peers?expand")
        return str(peers.get(alias, {}).get("Url", ""))

    def peer_system(self, alias: str) -> bytes:
        """What a peer answers to `GET /system`: JSON where it is an Orthanc."""
        return self._call_that_waits("GET", f"/peers/{quote(alias, safe='')}/system")

    def peer_store(self, alias: str, instances: Sequence[str]) -> None:
        """Send instances to a peer; returns when it has taken all."""
        self._call_that_waits("POST", f"/peers/{quote(alias, safe='')}/store", self._job(instances))

    def peer_store_straight(self, alias: str, file: bytes) -> bytes:
        """Send a file that need not be stored here to a peer; what it answers."""
        _check(file)
        return self._call_that_waits("POST", f"/peers/{quote(alias, safe='')}/store-straight", file)

    def dicomweb_servers(self) -> dict[str, dict[str, Any]]:
        """The servers of the DICOMweb plugin by alias, without their passwords."""
        servers: dict[str, dict[str, Any]] = self._json("GET", "/dicom-web/servers?expand")
        return servers

    def dicomweb_get(self, alias: str, uri: str, arguments: Mapping[str, str]) -> bytes:
        """What a DICOMweb server answers to a GET of `uri`, as JSON."""
        body = {
            "Uri": uri,
            "Arguments": arguments,
            "HttpHeaders": {"Accept": "application/dicom+json"},
        }
        return self._call_that_waits("POST", f"/dicom-web/servers/{quote(alias, safe='')}/get", body)

    def dicomweb_store(self, alias: str, instances: Sequence[str]) -> None:
        """STOW-RS instances to a DICOMweb server; returns when it has taken all."""
        path = f"/dicom-web/servers/{quote(alias, safe='')}/stow"
        self._call_that_waits("POST", path, self._job(instances))

    def _job(self, instances: Sequence[str]) -> dict[str, object]:
        """What asks for a job that sends instances, and is answered when it has ended."""
        user_data: dict[str, object] | None = getattr(self._purpose, "user_data", None)
        wanted: dict[str, object] = {"Resources": list(instances), "Synchronous": True}
        return wanted if user_data is None else wanted | {"UserData": user_data}

    def _json(
        self, method: str, path: str, body: object = None, seconds: float | None = _DATABASE_SECONDS
    ) -> Any:
        return json.loads(self._call(method, path, body, seconds))

    def _call(
        self, method: str, path: str, body: object = None, seconds: float | None = _DATABASE_SECONDS
    ) -> bytes:
        """Everything asked here may be asked twice."""
        content = body if body is None or isinstance(body, bytes) else json.dumps(body).encode()
        answer = self._connections.ask(method, path, content, self._headers, seconds)
        if answer.status >= 400:
            raise error_of(answer.status, answer.body)
        return answer.body

    def _call_that_waits(self, method: str, path: str, body: object = None) -> bytes:
        """One in which Orthanc waits for somebody else, which has a limit of time of its own there."""
        with self._waiting:
            return self._call(method, path, body, seconds=None)


def _path(level: Level, identifier: str) -> str:
    return f"/{_COLLECTIONS[level]}/{quote(identifier, safe='')}"


def _check(file: bytes) -> None:
    """Before Orthanc parses a file. Raises OrthancError."""
    if is_too_deep(file):
        raise OrthancError(400, TOO_DEEP)
