# SPDX-License-Identifier: GPL-3.0-or-later
"""The names under which Orthanc knows the nodes of this router's destinations (`DicomModalities`).

Orthanc sends only to nodes that it has a name for. A node with a name may query and retrieve the whole
archive unless its entry says otherwise (Orthanc Book, "Configuration", `AllowFind`, ...). Where several names
have the same AE title, Orthanc answers only what **all** of them allow. So an entry of the router allows what
the other entries of its AE title allow, and nothing where there are none.
"""

import logging
import re
import time
import unicodedata
from collections.abc import Callable, Mapping
from typing import Any, Final

from router.clock import utc_now
from router.orthanc_api import OrthancApi, OrthancError, OrthancUnreachable
from router.rounds import Rounds

_log = logging.getLogger(__name__)

#: The permissions in an entry of Orthanc.
_PERMISSIONS: Final = ("AllowFind", "AllowFindWorklist", "AllowGet", "AllowMove")
#: What Orthanc may leave out of an entry.
_DEFAULTS: Final[Mapping[str, object]] = {
    **dict.fromkeys(_PERMISSIONS, True),
    "LocalAet": "",
    "UseDicomTls": False,
}

_PREFIX: Final = "router-"
#: A name of ours, with the end of a destination's identifier; with `-test` for a test by hand.
_OURS = re.compile(r"router-[A-Za-z0-9_-]+-[0-9a-f]{8}(-test)?")
#: The names of earlier versions.
_EARLIER = re.compile(r"router-(draft-)?[0-9a-f]{24}(-test)?")

#: How many characters of a destination's name the name of its node has at most.
_NAME_LENGTH = 40
#: How often to look whether one of our entries, or another with its AE title, was added, removed or changed.
_LOOK_SECONDS = 20.0
#: How long health reports that someone has changed one of our entries.
_TOLD_SECONDS = 3600.0


def own_name(identifier: str, name: str) -> str:
    """Return the name of a destination's node, from the destination's identifier and name.

    Orthanc takes ASCII letters and digits, dashes and underscores.
    """
    plain = unicodedata.normalize("NFKD", name).encode("ascii", "ignore").decode("ascii")
    words = re.sub(r"[^A-Za-z0-9_]+", "-", plain).strip("-")[:_NAME_LENGTH].rstrip("-")
    return f"{_PREFIX}{words or 'destination'}-{identifier[-8:]}"


def is_own(name: str) -> bool:
    """Whether the router has given this name."""
    return bool(_OURS.fullmatch(name) or _EARLIER.fullmatch(name))


def make_known(orthanc: OrthancApi, name: str, node: Mapping[str, object]) -> None:
    """Add or change the entry of a node (`AET`, `Host`, `Port`, ...) under a name of ours.

    Raises OrthancError, OrthancUnreachable.
    """
    permissions = _permissions(str(node["AET"]), orthanc.modalities())
    orthanc.set_modality(name, {**node, **permissions})


def _permissions(aet: str, modalities: Mapping[str, Mapping[str, Any]]) -> dict[str, bool]:
    """Return the permissions of an entry of ours: those that all others of this AE title have."""
    others = [node for name, node in modalities.items() if node["AET"] == aet and not is_own(name)]
    return {
        permission: bool(others) and all(node.get(permission, True) for node in others)
        for permission in _PERMISSIONS
    }


class OwnModalities(Rounds):
    """Keeps our entries in line with their destinations and with other entries of the same AE title.

    Removes entries without a destination. Reports each entry that someone has changed or removed.
    """

    def __init__(
        self,
        orthanc: OrthancApi,
        wanted: Callable[[], Mapping[str, Mapping[str, object]] | None],
        tell: Callable[[str, str], None],
    ) -> None:
        """`wanted` returns the entries (`AET`, `Host`, `Port`, ...) of all destinations by name; empty where
        one needs none; None where they are unknown now. `tell` is called with the name of an entry
        and what someone did to it, before it is restored."""
        super().__init__("router-modalities")
        self._orthanc = orthanc
        self._wanted = wanted
        self._tell = tell
        #: The entries as the last round left them.
        self._left: dict[str, Mapping[str, Any]] = {}
        #: What someone did to an entry, in words, and when (monotonic seconds).
        self._touched: dict[str, tuple[float, str]] = {}

    def failures(self) -> list[str]:
        """Return unforeseen faults, and what someone has lately done to our entries."""
        since = time.monotonic() - _TOLD_SECONDS
        return super().failures() + [words for at, words in self._touched.copy().values() if at >= since]

    def _round(self) -> float:
        try:
            # Read first: a destination made meanwhile has no entry among these yet.
            modalities = self._orthanc.modalities()
            wanted = self._wanted()
            if wanted is not None:
                self.put_in_order(modalities, wanted)
        except (OrthancError, OrthancUnreachable) as error:
            _log.warning("The DICOM nodes of destinations cannot be looked at: %s", error)
        return _LOOK_SECONDS

    def put_in_order(
        self, modalities: Mapping[str, Mapping[str, Any]], wanted: Mapping[str, Mapping[str, object]]
    ) -> None:
        """Correct our entries among these. Raises OrthancError, OrthancUnreachable."""
        for name, node in modalities.items():
            if not is_own(name):
                continue
            is_under_test = _OURS.fullmatch(name) and name.endswith("-test")
            if name not in wanted and not is_under_test:
                self._orthanc.remove_modality(name)
                continue
            self._put_right(name, node, wanted.get(name, {}), modalities)
        for name in self._left.keys() - modalities.keys():
            if wanted.get(name):
                self._notice(name, "removed it")
                self._put_right(name, self._left[name], wanted[name], modalities, is_there=False)
            else:
                del self._left[name]

    def _put_right(
        self,
        name: str,
        node: Mapping[str, Any],
        wanted: Mapping[str, object],
        modalities: Mapping[str, Mapping[str, Any]],
        *,
        is_there: bool = True,
    ) -> None:
        right = {**node, **wanted}
        right |= _permissions(str(right["AET"]), modalities)
        wrong = [field for field in right if _value(node, field) != _value(right, field)]
        # Someone changed a value that differs from the one we left; an unchanged one was right until now.
        left = self._left.get(name, node)
        if touched := [field for field in wrong if _value(node, field) != _value(left, field)]:
            changes = ", ".join(f"{one} to {_value(node, one)!r}" for one in touched)
            self._notice(name, f"changed {changes}")
        if wrong or not is_there:
            self._orthanc.set_modality(name, right)
        self._left[name] = right

    def _notice(self, name: str, done: str) -> None:
        self._tell(name, done)
        _log.warning("Of Orthanc's DICOM nodes, %s is the router's, and somebody has %s", name, done)
        self._touched[name] = (
            time.monotonic(),
            f"The DICOM node {name!r} in Orthanc is the router's, and somebody has {done} at"
            f" {utc_now():%Y-%m-%d %H:%M} UTC or shortly before. It is put right again; what its destination"
            " has sent meanwhile may have gone elsewhere. Where the node is to be another, change the"
            " destination; else see who may write to Orthanc's /modalities, and keep others from it",
        )


def _value(node: Mapping[str, Any], field: str) -> object:
    """Return a field of an entry, with its default where it is left out."""
    return node.get(field, _DEFAULTS.get(field))
