"""What a matching policy does. One model an action; `router.actions` carries them out."""

from typing import Literal

from pydantic import Field

from router.documents.document import Document
from router.documents.window import Window

Priority = Literal["urgent", "normal", "bulk"]


class Forward(Document):
    """Send the matched instances to a destination."""

    #: Given by the server and kept over revisions, so that deliveries can name the action.
    id: str | None = Field(default=None, pattern=r"^[A-Za-z0-9_-]{1,64}$")
    type: Literal["forward"]
    #: The destination's name or id; stored as its id.
    destination: str = Field(min_length=1)
    priority: Priority = "normal"
    #: Deliver only then; at any time where there is none.
    window: Window | None = None
    #: On series and studies: the whole resource, or only the instances that match the rule.
    select: Literal["all", "matching"] = "all"


Action = Forward
