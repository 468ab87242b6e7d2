# SPDX-License-Identifier: GPL-3.0-or-later
"""Actions: what a matching policy does. This is what all actions share; `router.actions` has each of them."""

from collections.abc import Collection, Mapping
from functools import cache, reduce
from operator import or_
from types import MappingProxyType
from typing import Annotated, Any, ClassVar, Literal

from pydantic import Discriminator, Field, GetCoreSchemaHandler, GetJsonSchemaHandler, TypeAdapter
from pydantic.json_schema import JsonSchemaValue
from pydantic_core import CoreSchema, core_schema

from router.documents.document import Document
from router.documents.transform import Transform
from router.documents.window import Window

Priority = Literal["urgent", "normal", "bulk"]

#: An access to images, as DICOM's audit messages tell accesses apart (PS3.15, A.5.3.4).
Access = Literal["", "create", "update", "delete"]


class BaseAction(Document):
    """What all actions share. The model of an action derives from it and gives `type` its own value."""

    #: The models by their type. `router.actions` sets them on import: documents cannot import actions.
    models: ClassVar[Mapping[str, type["BaseAction"]]] = MappingProxyType({})

    #: Whether a large delivery is cut into parts, each of the destination's batch size.
    in_parts: ClassVar[bool] = False
    #: Whether the action stores new images in this Orthanc. These may fire policies.
    stores_images: ClassVar[bool] = False
    #: Whether a service works on the images. A service may store results before it names them as its own.
    uses_service: ClassVar[bool] = False
    #: What the action does to the images in this Orthanc, for DICOM's audit messages; empty if it sends them.
    accesses: ClassVar[Access] = ""

    type: str
    #: The server gives the id and keeps it over revisions, so that deliveries can name the action.
    id: str | None = Field(default=None, pattern=r"^[A-Za-z0-9_-]{1,64}$")
    #: The order of deliveries that wait for the same destination: urgent, normal, bulk.
    priority: Priority = "normal"
    #: When to deliver; None means at any time.
    window: Window | None = None
    #: On series and studies: the whole resource, or only the instances that match the rule.
    select: Literal["all", "matching"] = "all"

    @property
    def changes(self) -> Transform | None:
        """The changes that the action makes to images; None where the images stay as they are."""
        return None

    def makes_images(self, here: Collection[str]) -> bool:  # noqa: ARG002 - for those that send images
        """Whether the action brings in new images. `here`: the ids of the destinations that lead to this
        Orthanc."""
        return self.stores_images


class DestinationAction(BaseAction):
    """What all actions share that use a destination."""

    #: The destination's name or id; stored as its id.
    destination: str = Field(min_length=1)


class ImagesAction(DestinationAction):
    """What all actions share that give images to a destination."""

    #: Whether the destination also gets images that came from it, and results that it made of images it got.
    send_back: bool = False

    @property
    def form(self) -> str:
        """How the action gives images to the destination: equal for two actions that give them alike."""
        return self.model_dump_json(exclude=set(ImagesAction.model_fields))


class SendingAction(ImagesAction):
    """What all actions share that send images to a destination, unchanged or changed on the way."""

    #: What to change in the images on the way. The changed images are not stored here.
    transform: Transform | None = None

    @property
    def changes(self) -> Transform | None:
        return self.transform

    def makes_images(self, here: Collection[str]) -> bool:
        return self.stores_images or (self.transform is not None and self.destination in here)


def model_of(type_name: str) -> type[BaseAction]:
    """The model of a type; `BaseAction` for an unknown type."""
    return BaseAction.models.get(type_name, BaseAction)


class _ByType:
    """Reads and describes an action as the model of its `type`."""

    def __get_pydantic_core_schema__(self, _source: Any, _handler: GetCoreSchemaHandler) -> CoreSchema:
        return core_schema.no_info_plain_validator_function(
            _read, serialization=core_schema.simple_ser_schema("any")
        )

    def __get_pydantic_json_schema__(
        self, _schema: CoreSchema, handler: GetJsonSchemaHandler
    ) -> JsonSchemaValue:
        return handler(_any_of(tuple(BaseAction.models.values())).core_schema)


def _read(value: Any) -> BaseAction:
    """Return the action as the model of its `type`. Raises ValidationError."""
    name = value.get("type") if isinstance(value, Mapping) else getattr(value, "type", None)
    model = BaseAction.models.get(name) if isinstance(name, str) else None
    if model is not None:
        return model.model_validate(value)
    return _any_of(tuple(BaseAction.models.values())).validate_python(value)


@cache
def _any_of(models: tuple[type[BaseAction], ...]) -> TypeAdapter[BaseAction]:
    if not models:
        raise RuntimeError("No action is known: router.actions has not been imported")
    any_of_them: Any = reduce(or_, models)
    return TypeAdapter(Annotated[any_of_them, Discriminator("type")])


#: An action of a policy, of any type.
Action = Annotated[BaseAction, _ByType()]
