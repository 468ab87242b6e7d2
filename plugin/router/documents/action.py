"""What a matching policy does. One model an action; `router.actions` carries them out."""

from typing import Annotated, Any, ClassVar, Literal

from pydantic import Field

from router.documents.document import Document
from router.documents.transform import Transform
from router.documents.window import Window

Priority = Literal["urgent", "normal", "bulk"]


class AnyAction(Document):
    """What all actions have."""

    #: Whether a delivery of many instances is cut into parts, as large as the destination takes at once.
    in_parts: ClassVar[bool] = False

    type: str
    #: Given by the server and kept over revisions, so that deliveries can name the action.
    id: str | None = Field(default=None, pattern=r"^[A-Za-z0-9_-]{1,64}$")
    priority: Priority = "normal"
    #: Deliver only then; at any time where there is none.
    window: Window | None = None
    #: On series and studies: the whole resource, or only the instances that match the rule.
    select: Literal["all", "matching"] = "all"


class DestinationAction(AnyAction):
    """What all actions have that use a destination."""

    #: The destination's name or id; stored as its id.
    destination: str = Field(min_length=1)


class ImagesAction(DestinationAction):
    """What actions have that send images to a destination."""

    #: Whether it is sent, too, what came from it, or what it has made of what it was sent.
    send_back: bool = False


class Forward(ImagesAction):
    """Send the matched instances to a destination."""

    in_parts: ClassVar[bool] = True

    type: Literal["forward"]
    #: What is changed in the images on the way; nothing of it is stored here.
    transform: Transform | None = None


class Attachments(Document):
    """What goes with a mail."""

    #: A picture of the image in the middle; a mail about what has no picture (a report) goes without.
    preview: bool = False
    #: A table of the series.
    series_csv: bool = False
    #: Bytes of all together; what would be more is left out, and the mail says so.
    max_bytes: int = Field(default=5_000_000, ge=10_000, le=50_000_000)


class Notify(DestinationAction):
    """Tell people (destination kind `email`) or a program (`http`); all texts are templates."""

    type: Literal["notify"]
    #: Addresses; one whose template gives an empty text is left out.
    to: list[str] = Field(default_factory=list, max_length=100)
    cc: list[str] = Field(default_factory=list, max_length=100)
    bcc: list[str] = Field(default_factory=list, max_length=100)
    subject: str = ""
    body: str = ""
    html: str = ""
    attachments: Attachments = Attachments()
    #: For a program, instead of the router's own event: JSON whose texts are templates.
    payload: dict[str, Any] | None = None


class Process(ImagesAction):
    """Have a service make something of the instances, and store what it gives back."""

    type: Literal["process"]
    #: One request for each instance, or one for all: `multipart/related`, or a ZIP archive.
    send: Literal["instance", "multipart", "zip"] = "multipart"
    #: How long a service that answers "later" (HTTP status 202) may take until it calls back.
    deadline_seconds: int = Field(default=3600, ge=1, le=7 * 86400)


class Modify(AnyAction):
    """Store a changed copy of each instance in this Orthanc."""

    in_parts: ClassVar[bool] = True

    type: Literal["modify"]
    transform: Transform
    #: False deletes the original once the copy is stored and all other deliveries of it have succeeded.
    keep_original: bool = True


class Delete(AnyAction):
    """Delete the instances from this Orthanc, once all other deliveries of them have succeeded."""

    type: Literal["delete"]


class Label(AnyAction):
    """Give the resource a label (Orthanc 1.12 and newer)."""

    type: Literal["label"]
    #: A template; what a label cannot hold becomes an underscore.
    label: str = Field(min_length=1, max_length=1000)
    #: What is labelled: what the policy fires for, or the series or study that it is in.
    level: Literal["instance", "series", "study"] | None = None


Action = Annotated[
    Forward | Notify | Process | Modify | Delete | Label,
    Field(discriminator="type"),
]
