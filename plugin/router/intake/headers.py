# SPDX-License-Identifier: GPL-3.0-or-later
"""Reads the headers of stored images from Orthanc's files, as far as policies ask for them; each once."""

import io
import logging
from collections import Counter, OrderedDict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

import pydicom
from pydicom import Dataset

from router.intake.header import Header, Odd, Read, Wanted, read_header, wanted
from router.orthanc_api import OrthancApi, OrthancError
from router.rules.item import FUNCTIONAL_GROUPS

_log = logging.getLogger(__name__)

#: How often to ask for a file that Orthanc has but cannot read, before policies get what the database has.
#: The storage may be away for a while, but a single file must not delay all later images.
_ATTEMPTS = 20

#: How many headers are kept, and how many bytes of different ones.
MOST_HEADERS = 40_000
_MOST_BYTES = 8_000_000


@dataclass(frozen=True, eq=False, slots=True)
class Parsed:
    """A header that only pydicom can read; equal to no other."""

    parsed: Dataset
    size: int = 10_000

    def dataset(self) -> Dataset:
        """Return the data set, as `Header.dataset` does."""
        return self.parsed


AnyHeader = Header | Parsed


class Headers:
    """Reads headers, and keeps what policies asked of them, within limits of memory. Used by one thread."""

    def __init__(self, orthanc: OrthancApi) -> None:
        self._orthanc = orthanc
        #: By instance; with the tags asked for.
        self._kept: OrderedDict[str, tuple[frozenset[str], AnyHeader | None]] = OrderedDict()
        self._same: dict[AnyHeader, AnyHeader] = {}
        self._bytes = 0
        #: How often each file could not be read.
        self._failures: Counter[str] = Counter()

    def known(self, instance: str, tags: frozenset[str]) -> bool:
        """Whether `read` would return this header without reading the file."""
        return instance in self._kept and self._kept[instance][0] >= tags

    def read(self, files: Mapping[str, str], tags: frozenset[str]) -> list[AnyHeader | None]:
        """Return each header with at least these tags; None where a file is gone or cannot be read.

        `files`: the name of each instance's file (see `OrthancApi.headers`). Raises OrthancError,
        OrthancUnreachable.
        """
        asked = wanted(tags)
        missing = {one: file for one, file in files.items() if not self.known(one, tags)}
        found = dict(zip(missing, self._read(missing, asked), strict=True))
        headers = []
        for instance in files:
            if instance in found:
                headers.append(self._keep(instance, tags, found[instance]))
            else:
                self._kept.move_to_end(instance)
                headers.append(self._kept[instance][1])
        while len(self._kept) > MOST_HEADERS:
            self._kept.popitem(last=False)
        return headers

    def forget(self, instances: Iterable[str]) -> None:
        """Read these headers again next time, because the instances have come in again."""
        for instance in instances:
            self._kept.pop(instance, None)

    def clear(self) -> None:
        """Read all headers again next time."""
        self._kept.clear()
        self._same.clear()
        self._bytes = 0

    def _keep(self, instance: str, tags: frozenset[str], header: AnyHeader | None) -> AnyHeader | None:
        if header is not None:
            same = self._same.get(header)
            if same is None:
                if self._bytes > _MOST_BYTES:
                    self.clear()
                self._bytes += header.size
                same = self._same[header] = header
            header = same
        self._kept[instance] = (tags, header)
        return header

    def _read(self, files: Mapping[str, str], asked: Wanted) -> list[AnyHeader | None]:
        def read(body: Read) -> Header | None:
            try:
                return read_header(body, asked)
            except Odd:
                return None

        headers: list[AnyHeader | None] = []
        may_pass: OrthancError | None = None
        told = self._orthanc.headers(files, read)
        for instance, answer in zip(files, told, strict=True):
            header: AnyHeader | None = None
            if isinstance(answer, OrthancError):
                may_pass = answer if self._may_pass(instance, answer) else may_pass
            else:
                header = answer[0] or self._by_pydicom(instance, asked)
            headers.append(header)
        if may_pass is not None:
            raise may_pass
        return headers

    def _may_pass(self, instance: str, error: OrthancError) -> bool:
        """Whether to ask for the file again later."""
        if error.status == 404:
            return False
        self._failures[instance] += 1
        if self._failures[instance] < _ATTEMPTS:
            return True
        del self._failures[instance]
        _log.error(
            "Orthanc cannot read the file of instance %s (%s): policies see what its database tells",
            instance,
            error,
        )
        return False

    def _by_pydicom(self, instance: str, asked: Wanted) -> Parsed | None:
        try:
            file = self._orthanc.file(instance)
        except OrthancError as error:
            if self._may_pass(instance, error):
                raise
            return None
        return parsed(instance, file, asked)


def parsed(instance: str, file: bytes, asked: Wanted) -> Parsed | None:
    """Read a file by pydicom; None where pydicom cannot read it."""
    try:
        dataset = pydicom.dcmread(io.BytesIO(file), force=True)
    except Exception as error:  # noqa: BLE001 - what a parser makes of hostile bytes must not stop the intake
        _log.warning(
            "The file of instance %s cannot be read (%s): policies see what Orthanc's database tells",
            instance,
            type(error).__name__,
        )
        return None
    for tag in list(dataset.keys()):
        if not asked.has(tag >> 16, tag & 0xFFFF) and tag not in FUNCTIONAL_GROUPS:
            del dataset[tag]
    return Parsed(dataset)
