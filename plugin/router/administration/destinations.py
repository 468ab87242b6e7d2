# SPDX-License-Identifier: GPL-3.0-or-later
"""Saves and tests destinations."""

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Final

from router.administration.destination_drafts import SECRETS_SET, DestinationDrafts
from router.administration.documents import DocumentAdministration
from router.administration.fitness import unfit_user
from router.audit import Audit
from router.clock import Clock
from router.destinations import KINDS, DestinationUnavailable, Opening, Sender, Target
from router.destinations.host_key import HostKey, fetch_host_key
from router.destinations.synthetic_image import send_synthetic_image
from router.documents.action import DestinationAction
from router.documents.audit import Actor, ObjectReference
from router.documents.destination import Destination, DestinationDraft
from router.documents.differences import Difference, differences
from router.documents.document import new_id
from router.documents.invalid import Invalid
from router.documents.policy import Policy
from router.documents.revision import SERVER_FIELDS
from router.secrets import sealed_names
from router.store import NotFound, Store

#: The settings that locate a destination.
_WHERE: Final = ("url", "host", "port", "modality", "peer", "server", "path", "username")


class DestinationInUse(Exception):  # noqa: N818 - it reads as what it says
    """A destination cannot be deleted while policies or other destinations name it."""

    def __init__(self, users: list[str]) -> None:
        super().__init__(f"It is used by {', '.join(users)}.")


@dataclass(frozen=True, slots=True)
class TestResult:
    """The result of a test."""

    ok: bool
    detail: str
    milliseconds: int


def shown(destination: Destination) -> dict[str, Any]:
    """Return a destination as the API shows it: without secrets, but with the names of those that are set
    (`secrets_set`)."""
    document = destination.model_dump(mode="json")
    names = sealed_names(destination.settings)
    document["settings"] = {name: value for name, value in document["settings"].items() if name not in names}
    return {**document, SECRETS_SET: names}


def _reached(target: Target) -> str:
    return target.test()


def _check_takes_images(destination: DestinationDraft) -> None:
    """Raise Invalid where no images can be sent to the destination."""
    if "images" not in KINDS[destination.kind].takes:
        raise Invalid([("kind", "Only destinations that images are forwarded to can be sent a test image")])


def _comparable(destination: Destination) -> dict[str, Any]:
    """Return what a person has written, without the secrets."""
    document = shown(destination)
    return {
        name: value
        for name, value in document.items()
        if name not in {*SERVER_FIELDS, SECRETS_SET, "comment"}
    }


class DestinationAdministration(DocumentAdministration[Destination, DestinationDraft]):
    """Creates, changes, deletes and tests destinations. Every method may raise StoreUnavailable.

    A secret that is left out stays; null removes it. A restored revision has its former secrets. For a
    changed secret, `differences` gives None as both values.
    """

    def __init__(
        self, store: Store, drafts: DestinationDrafts, opening: Opening, audit: Audit, clock: Clock
    ) -> None:
        super().__init__("destination", Destination, store.destinations, audit, clock)
        self._store = store
        self._drafts = drafts
        self._opening = opening

    def delete(self, identifier: str, revision: int | None, actor: Actor) -> None:
        """Delete a destination. Raises NotFound, RevisionConflict, DestinationInUse."""
        self._store.destinations.get(identifier)
        users = [f"policy {policy.name}" for policy in self.policies_using(identifier)]
        users += [
            f"destination {other.name}"
            for other in self._store.destinations.all()
            if other.alternate == identifier
        ]
        if users:
            raise DestinationInUse(users)
        super().delete(identifier, revision, actor)

    def policies_using(self, identifier: str) -> list[Policy]:
        """Return the policies that use the destination."""
        return [
            policy
            for policy in self._store.policies.all()
            if any(
                isinstance(action, DestinationAction) and action.destination == identifier
                for action in policy.actions
            )
        ]

    def test(self, identifier: str) -> TestResult:
        """Test whether a stored destination would accept data. Raises NotFound."""
        destination = self._store.destinations.get(identifier)
        return self._tested(identifier, destination, _reached)

    def test_draft(self, data: object, actor: Actor) -> TestResult:
        """Test a destination before it is saved. Raises Invalid.

        With the `id` of a stored destination, secrets that are left out are taken from it. The audit trail
        records the address.
        """
        draft = self._draft_to_test(data, actor, "not saved")
        return self._tested(f"draft-{new_id()}", draft, _reached)

    def send_test_image(self, identifier: str, actor: Actor) -> TestResult:
        """Send a made-up image to a stored destination as a delivery would; the audit trail records it.

        Raises NotFound, or Invalid where the destination takes no images.
        """
        destination = self._store.destinations.get(identifier)
        _check_takes_images(destination)
        reference = ObjectReference(type="destination", id=identifier, name=destination.name)
        self._audit.record("destination.tested", actor, "a test image was sent", object=reference)
        return self._tested(identifier, destination, self._with_image)

    def send_draft_test_image(self, data: object, actor: Actor) -> TestResult:
        """Send a made-up image to a destination before it is saved; see `test_draft`. Raises Invalid."""
        draft = self._draft_to_test(data, actor, "a test image was sent, not saved")
        _check_takes_images(draft)
        return self._tested(f"draft-{new_id()}", draft, self._with_image)

    def _with_image(self, target: Target) -> str:
        assert isinstance(target, Sender), "checked before"
        return send_synthetic_image(target, self._clock())

    def _draft_to_test(self, data: object, actor: Actor, about: str) -> DestinationDraft:
        """Return a draft as it would be saved, and record its address in the audit trail. Raises Invalid."""
        identifier = data.get("id") if isinstance(data, Mapping) else None
        current = None
        if isinstance(identifier, str):
            try:
                current = self._store.destinations.get(identifier)
            except NotFound:
                current = None
        draft = self.checked(data, current)
        named = {name: draft.settings[name] for name in _WHERE if draft.settings.get(name) is not None}
        where = ", ".join(f"{name} {value}" for name, value in named.items())
        reference = ObjectReference(type="destination", id=current.id if current else "", name=draft.name)
        self._audit.record("destination.tested", actor, f"{about}: {draft.kind}, {where}", object=reference)
        return draft

    def host_key(self, host: str, port: int, actor: Actor) -> HostKey:
        """Return the host key of an SSH server, and record the server in the audit trail.

        Raises DestinationUnavailable.
        """
        reference = ObjectReference(type="destination", id="")
        detail = f"host key of host {host}, port {port}"
        self._audit.record("destination.tested", actor, detail, object=reference)
        return fetch_host_key(host, port)

    def checked(self, data: object, current: Destination | None = None) -> DestinationDraft:
        """Return the document as it would be saved; `current` is the destination that it would replace.

        Raises Invalid with every problem found.
        """
        return self._drafts.checked(data, self._store.destinations.all(), current)

    def _tested(
        self, identifier: str, destination: DestinationDraft, attempt: Callable[[Target], str]
    ) -> TestResult:
        """Open the destination and make the attempt, which returns what was observed."""
        began = time.monotonic()
        try:
            target = self._opening.open(identifier, destination)
            try:
                ok, detail = True, attempt(target)
            finally:
                target.close()
        except DestinationUnavailable as error:
            ok, detail = False, str(error)
        return TestResult(ok, detail, round((time.monotonic() - began) * 1000))

    def _switched(self, current: Destination, enabled: bool, comment: str) -> DestinationDraft:
        return DestinationDraft.model_validate(
            current.model_dump(mode="json", exclude=set(SERVER_FIELDS))
            | {"enabled": enabled, "comment": comment}
        )

    def _restored(self, earlier: Destination, comment: str) -> DestinationDraft:
        return self.checked({**shown(earlier), "comment": comment}, earlier)

    def _differences(self, before: Destination, after: Destination) -> list[Difference]:
        return differences(_comparable(before), _comparable(after)) + self._drafts.secrets_between(
            before, after
        )

    def _replace(
        self, current: Destination, draft: DestinationDraft, actor: Actor, change: str
    ) -> Destination:
        """Save as the base class does. Raises Invalid also where a policy could no longer use the
        destination."""
        problem = unfit_user(current.id, draft.kind, self._store.policies.all())
        if problem is not None:
            raise Invalid([("kind", problem)])
        return super()._replace(current, draft, actor, change)
