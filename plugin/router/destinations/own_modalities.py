"""The names under which Orthanc knows the nodes of this router's destinations (`DicomModalities`).

Orthanc sends to a node by a name of its own for it, and a node that has one may query and retrieve the whole
archive unless its entry says otherwise (Orthanc Book, "Configuration", `AllowFind`, ...). Where several names
have the same AE title, Orthanc answers only what **all** of them allow. So an entry of ours allows what the
others of its AE title allow, and nothing where there are none.
"""

import logging
import re
import unicodedata
from collections.abc import Callable, Collection, Mapping
from typing import Any, Final

from router.orthanc_api import OrthancApi, OrthancError, OrthancUnreachable
from router.rounds import Rounds

_log = logging.getLogger(__name__)

#: What an entry of Orthanc allows its node to ask for.
_PERMISSIONS: Final = ("AllowFind", "AllowFindWorklist", "AllowGet", "AllowMove")

_PREFIX: Final = "router-"
#: Ours, with the end of a destination's identifier; for a test by hand, with `-test` behind it.
_OURS = re.compile(r"router-[A-Za-z0-9_-]+-[0-9a-f]{8}(-test)?")
#: As earlier versions named them.
_EARLIER = re.compile(r"router-(draft-)?[0-9a-f]{24}(-test)?")

#: How much of a destination's name is in the name of its node.
_NAME_LENGTH = 40
#: How often to look whether another entry of the same AE title has come, gone or changed.
_LOOK_SECONDS = 60.0


def own_name(identifier: str, name: str) -> str:
    """The name of the node of a destination, from its identifier and its own name.

    Orthanc takes ASCII letters and digits, dashes and underscores.
    """
    plain = unicodedata.normalize("NFKD", name).encode("ascii", "ignore").decode("ascii")
    words = re.sub(r"[^A-Za-z0-9_]+", "-", plain).strip("-")[:_NAME_LENGTH].rstrip("-")
    return f"{_PREFIX}{words or 'destination'}-{identifier[-8:]}"


def is_own(name: str) -> bool:
    """Whether a name is one that the router has given."""
    return bool(_OURS.fullmatch(name) or _EARLIER.fullmatch(name))


def make_known(orthanc: OrthancApi, name: str, node: Mapping[str, object]) -> None:
    """Enter a node (`AET`, `Host`, `Port`, ...) under a name of ours, or change it.

    Raises OrthancError, OrthancUnreachable.
    """
    permissions = _permissions(str(node["AET"]), orthanc.modalities())
    orthanc.set_modality(name, {**node, **permissions})


def _permissions(aet: str, modalities: Mapping[str, Mapping[str, Any]]) -> dict[str, bool]:
    """What an entry of ours allows: what all others of this AE title allow."""
    others = [node for name, node in modalities.items() if node["AET"] == aet and not is_own(name)]
    return {
        permission: bool(others) and all(node.get(permission, True) for node in others)
        for permission in _PERMISSIONS
    }


class OwnModalities(Rounds):
    """Keeps the permissions of our entries in step with the others of the same AE title, and removes entries
    that no destination has any more."""

    def __init__(self, orthanc: OrthancApi, wanted: Callable[[], Collection[str] | None]) -> None:
        """`wanted` tells the names of the nodes of all destinations; None where that is not known now."""
        super().__init__("router-modalities")
        self._orthanc = orthanc
        self._wanted = wanted

    def _round(self) -> float:
        try:
            # Asked for first: a destination that is made meanwhile is not yet among these.
            modalities = self._orthanc.modalities()
            wanted = self._wanted()
            if wanted is not None:
                self.put_in_order(modalities, wanted)
        except (OrthancError, OrthancUnreachable) as error:
            _log.warning("The DICOM nodes of destinations cannot be looked at: %s", error)
        return _LOOK_SECONDS

    def put_in_order(self, modalities: Mapping[str, Mapping[str, Any]], wanted: Collection[str]) -> None:
        """Mend the entries of ours among these. Raises OrthancError, OrthancUnreachable."""
        for name, node in modalities.items():
            if not is_own(name):
                continue
            is_under_test = _OURS.fullmatch(name) and name.endswith("-test")
            if name not in wanted and not is_under_test:
                self._orthanc.remove_modality(name)
                continue
            permissions = _permissions(node["AET"], modalities)
            if any(node.get(permission, True) != allowed for permission, allowed in permissions.items()):
                self._orthanc.set_modality(name, {**node, **permissions})
