# SPDX-License-Identifier: GPL-3.0-or-later
"""Fills in templates for a stored resource, so that a person sees the resulting text."""

from typing import Literal

from router.administration.explaining import NoSuchResource
from router.clock import Clock
from router.documents.delivery import ActionReference, Delivery, PolicyReference, State
from router.documents.invalid import Invalid
from router.documents.policy import StoredResource
from router.intake.stored_instances import StoredInstances
from router.messages import NAMES, Occasion
from router.orthanc_api import OrthancApi, OrthancError
from router.templates import FileTags, NotDicom, PathTemplate, Tags, Template, TemplateError, header_of
from router.transforms import Transforms

#: The use of a template: a text or HTML sent to people, a tag's new value, or a file's path.
Use = Literal["text", "html", "value", "path"]


class Filling:
    """Fills templates in as deliveries of a resource would."""

    def __init__(self, orthanc: OrthancApi, transforms: Transforms, public_url: str, clock: Clock) -> None:
        self._orthanc = orthanc
        self._transforms = transforms
        self._public_url = public_url
        self._clock = clock

    def fill(self, text: str, use: Use, resource: StoredResource, policy: str, project: str = "") -> str:
        """Return the template's text for the first image of the resource.

        `policy` is the name of the policy; `project` is the project whose pseudonyms a transform uses.

        Raises Invalid where the template cannot be used, NoSuchResource, OrthancError, OrthancUnreachable.
        """
        try:
            if use == "value":
                tags = self._tags(resource, "\\")
                identity = tags.get("PatientID", ""), tags.get("IssuerOfPatientID", "")
                functions = {"pseudonym": self._transforms.naming(project).patient(*identity).pseudonym}
                return Template(text, functions=functions).render(tags)
            if use == "path":
                path = PathTemplate(text)
                parts = path.render(self._tags(resource))
                return ("/" if path.absolute else "") + "/".join(parts)
            occasion = self._occasion(resource, policy)
            return Template(text, names=NAMES, escape=use == "html").render(occasion.tags, occasion.names)
        except TemplateError as error:
            raise Invalid([("template", problem) for problem in error.problems]) from error

    def _tags(self, resource: StoredResource, separator: str = ", ") -> Tags:
        try:
            return FileTags(header_of(self._orthanc, self._instances(resource)[0]), separator=separator)
        except NotDicom:
            return {}
        except OrthancError as error:
            raise _missing(resource, error) from error

    def _occasion(self, resource: StoredResource, policy: str) -> Occasion:
        instances = self._instances(resource)
        try:
            [first, *_] = StoredInstances(self._orthanc).read(instances[:1])
        except ValueError as error:
            raise _no_such(resource) from error
        delivery = Delivery(
            id="",
            state=State.WAITING,
            lane="",
            policy=PolicyReference(id="", name=policy, revision=1),
            action=ActionReference(id="", type="notify"),
            resource=first.resource(resource.level),
            instances=len(instances),
            remaining=len(instances),
            created_at=self._clock(),
        )
        return Occasion(delivery, instances, self._orthanc, self._public_url)

    def _instances(self, resource: StoredResource) -> list[str]:
        try:
            found = self._orthanc.instances_of(resource.level, resource.id)
        except OrthancError as error:
            raise _missing(resource, error) from error
        if not found:  # the resource is being deleted
            raise _no_such(resource)
        return found


def _missing(resource: StoredResource, error: OrthancError) -> Exception:
    """Return the exception for an error of Orthanc about the resource."""
    return _no_such(resource) if error.status == 404 else error


def _no_such(resource: StoredResource) -> NoSuchResource:
    return NoSuchResource(f"Orthanc has no {resource.level} {resource.id}.")
