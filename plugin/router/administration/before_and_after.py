# SPDX-License-Identifier: GPL-3.0-or-later
"""Shows a stored image before and after a transform: tags and pixels. Nothing is sent."""

import base64
import io
from typing import Final

import pydicom
from typing_extensions import TypedDict

from router.administration.changed_tags import ComparedTag, compared_tags
from router.administration.explaining import NoSuchResource
from router.documents.invalid import Invalid
from router.documents.policy import StoredResource
from router.documents.transform import Transform
from router.orthanc_api import OrthancApi, OrthancError
from router.transforms import Transforms, Untransformable
from router.transforms.picture import pictures
from router.transforms.transformer import TransformError

#: The most tags shown of one image.
_MOST_TAGS: Final = 2000


class Pictures(TypedDict):
    """Pixels as PNG in Base64; None where there are no pixels to show."""

    before: str | None
    after: str | None


class Compared(TypedDict):
    """One image before and after a transform."""

    #: The image's position in the resource, counted from 0, and the number of its images.
    position: int
    images: int
    tags: list[ComparedTag]
    pixels: Pictures
    remarks: list[str]
    #: Why the image cannot be changed.
    problem: str | None


class BeforeAndAfter:
    """Tries transforms on stored images."""

    def __init__(self, orthanc: OrthancApi, transforms: Transforms) -> None:
        self._orthanc = orthanc
        self._transforms = transforms

    def of(
        self, transform: Transform, resource: StoredResource, position: int | None, destination: str
    ) -> Compared:
        """Compare one image of the resource; `position` counts from 0 (None: the middle image).

        Raises Invalid where the transform cannot be used, NoSuchResource, OrthancError, OrthancUnreachable,
        SecretsUnreadable.
        """
        try:
            transformer = self._transforms.of(transform, destination)
        except TransformError as error:
            raise Invalid([(f"transform.{path}", message) for path, message in error.problems]) from error
        at, images, file = self._image(resource, position)
        answer: Compared = {
            "position": at,
            "images": images,
            "tags": [],
            "pixels": {"before": None, "after": None},
            "remarks": [],
            "problem": None,
        }
        try:
            changed = transformer.change(file, is_released=True)
            before, after = (pydicom.dcmread(io.BytesIO(one), force=True) for one in (file, changed.file))
            answer["tags"] = compared_tags(before, after)[:_MOST_TAGS]
            left, right = (
                None if picture is None else base64.b64encode(picture).decode("ascii")
                for picture in pictures(before, after)
            )
            answer["pixels"] = {"before": left, "after": right}
            answer["remarks"] = list(changed.remarks)
        except Untransformable as error:
            answer["problem"] = str(error)
        return answer

    def _image(self, resource: StoredResource, position: int | None) -> tuple[int, int, bytes]:
        """Return the image's position, the number of images, and the image's file."""
        missing = NoSuchResource(f"Orthanc has no {resource.level} {resource.id}.")
        try:
            instances = self._orthanc.instances_of(resource.level, resource.id)
            if not instances:
                raise missing
            at = len(instances) // 2 if position is None else min(position, len(instances) - 1)
            return at, len(instances), self._orthanc.file(instances[at])
        except OrthancError as error:
            if error.status == 404:
                raise missing from error
            raise
