# SPDX-License-Identifier: GPL-3.0-or-later
"""Keeps apart what several Orthanc databases (indexes) have in one MongoDB."""

import hashlib
import re
from typing import Final

#: Of the digest of an index's name: for a thousand indexes, one chance in two million that two are the same.
_DIGITS: Final = 10


class IndexKeys:
    """The identifiers of one index as keys of documents.

    Orthanc's identifiers follow from what an image says of itself, so that the same image has the same one
    in every index. The first index that uses a database has them as they are: where there is but one, as in
    most installations, nothing grows longer, and what older versions have written stays where it is.
    """

    def __init__(self, index: str, is_first: bool) -> None:
        self.index = index
        self._prefix = "" if is_first else f"{hashlib.sha256(index.encode()).hexdigest()[:_DIGITS]}."

    def key(self, identifier: str) -> str:
        """Different from the key of the same identifier in another index."""
        return self._prefix + identifier

    def owns(self, key: str) -> bool:
        """Whether it is a key of this index."""
        return key.startswith(self._prefix) and "." not in key.removeprefix(self._prefix)

    def all(self) -> dict[str, str]:
        """What matches all keys of this index, and those of no other, as a condition of MongoDB."""
        return {"$regex": f"^{re.escape(self._prefix)}[^.]*$"}

    def identifier(self, key: str) -> str:
        """Whose key this is."""
        return key.removeprefix(self._prefix)
