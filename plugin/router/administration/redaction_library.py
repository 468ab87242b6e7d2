# SPDX-License-Identifier: GPL-3.0-or-later
"""Redactions that policies can take over: the shipped ones, those of the library of devices, and those that
people have named in their policies."""

from collections.abc import Iterator
from typing import Final

from typing_extensions import TypedDict

from router.documents.policy import Policy
from router.documents.transform import Redaction
from router.store import Store
from router.transforms import Devices

#: Only what follows from the standard: only its users know where a certain device writes text.
_SHIPPED: Final = (
    Redaction(
        name="Any ultrasound that names its regions (PS3.3, C.8.5.5): all outside of them",
        when={"Modality": ["US", "IVUS"]},
        outside_regions=True,
    ),
)


class LibraryEntry(TypedDict):
    """A redaction to take over, and the names of the policies that contain it."""

    redaction: Redaction
    policies: list[str]


class RedactionLibrary:
    """Finds named redactions. They are part of policies: exports and imports include them."""

    def __init__(self, store: Store, devices: Devices) -> None:
        self._store = store
        self._devices = devices

    def entries(self) -> list[LibraryEntry]:
        """Return the shipped redactions first, then the others by name. Raises StoreUnavailable."""
        found: dict[str, tuple[Redaction, list[str]]] = {
            redaction.model_dump_json(): (redaction, []) for redaction in self._devices.current().redactions
        }
        for policy in sorted(self._store.policies.all(), key=lambda policy: policy.name):
            for redaction in _named(policy):
                _, names = found.setdefault(redaction.model_dump_json(), (redaction, []))
                if policy.name not in names:
                    names.append(policy.name)
        of_people = sorted(found.values(), key=lambda one: one[0].name.casefold())
        shipped = [(one, found.get(one.model_dump_json(), (one, []))[1]) for one in _SHIPPED]
        return [
            {"redaction": redaction, "policies": names}
            for redaction, names in (*shipped, *(one for one in of_people if one[0] not in _SHIPPED))
        ]


def _named(policy: Policy) -> Iterator[Redaction]:
    for action in policy.actions:
        if action.changes is not None:
            yield from (redaction for redaction in action.changes.redact if redaction.name)
