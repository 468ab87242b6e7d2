# SPDX-License-Identifier: GPL-3.0-or-later
"""Keeps the data of several Orthanc databases (indexes) in one MongoDB apart."""

import hashlib
import re
from typing import Final

#: Digits of the digest of an index's name: among a thousand indexes, two are equal with a chance of one in
#: two million.
_DIGITS: Final = 10


class IndexKeys:
    """Turns the identifiers of one index into keys of documents.

    Orthanc derives its identifiers from the image's DICOM tags, so that an image has the same identifier in
    every index. The first index that uses a database keeps them unchanged: most installations have only one
    index, their keys stay short, and documents of older versions keep theirs.
    """

    def __init__(self, index: str, is_first: bool) -> None:
        self.index = index
        self._prefix = "" if is_first else f"{hashlib.sha256(index.encode()).hexdigest()[:_DIGITS]}."

    def key(self, identifier: str) -> str:
        """Return the key of an identifier; it differs from that identifier's key in another index."""
        return self._prefix + identifier

    def owns(self, key: str) -> bool:
        """Whether this is a key of this index."""
        return key.startswith(self._prefix) and "." not in key.removeprefix(self._prefix)

    def all(self) -> dict[str, str]:
        """Return the MongoDB condition that matches all keys of this index, and no others."""
        return {"$regex": f"^{re.escape(self._prefix)}[^.]*$"}

    def identifier(self, key: str) -> str:
        """Return the identifier of a key."""
        return key.removeprefix(self._prefix)
