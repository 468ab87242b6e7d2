# SPDX-License-Identifier: GPL-3.0-or-later
"""Saves and restores the library of devices, and records each act."""

from router.audit import Audit
from router.clock import Clock
from router.documents.audit import Actor, ObjectReference
from router.documents.device_library import DeviceLibrary, DeviceLibraryDraft
from router.documents.invalid import Invalid
from router.documents.transform import Transform
from router.store import RevisionConflict
from router.transforms import Devices, TransformError, check


class DeviceLibraryAdministration:
    """Changes the library. Every method may raise StoreUnavailable."""

    def __init__(self, devices: Devices, audit: Audit, clock: Clock) -> None:
        self._devices = devices
        self._audit = audit
        self._clock = clock

    def current(self) -> DeviceLibrary:
        """Return the current library."""
        return self._devices.current()

    def save(self, draft: DeviceLibraryDraft, revision: int | None, actor: Actor) -> DeviceLibrary:
        """Save the library. `revision` is the revision that the person saw; None: any.

        Raises Invalid, RevisionConflict.
        """
        try:
            check(Transform(redact=draft.redactions))
        except TransformError as error:
            # The check sees a transform, whose field is `redact`: its paths need the library's name.
            raise Invalid(
                [(f"redactions{path[len('redact') :]}", what) for path, what in error.problems]
            ) from error
        current = self._devices.current().revision
        if revision is not None and revision != current:
            raise RevisionConflict(current)
        library = DeviceLibrary(
            **dict(draft), revision=current + 1, updated_at=self._clock(), updated_by=actor.name
        )
        reference = ObjectReference(type="devices", id="devices", revision=library.revision)
        self._audit.record("devices.changed", actor, draft.comment, object=reference)
        self._devices.save(library)
        return library

    def restore(self, revision: int, comment: str, actor: Actor) -> DeviceLibrary:
        """Save a former revision as the next one. Raises NotFound, Invalid, RevisionConflict."""
        former = self._devices.revision(revision)
        draft = DeviceLibraryDraft(redactions=former.redactions, comment=comment or former.comment)
        return self.save(draft, None, actor)
