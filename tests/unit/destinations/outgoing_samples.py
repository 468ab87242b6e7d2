"""Images on their way out, and what opens a destination for them."""

from collections.abc import Callable
from functools import partial

from pydicom import Dataset

from router.destinations import Outgoing, Sender
from samples import file_bytes

#: Opens a destination of a kind with these settings.
Open = Callable[..., Sender]


def outgoing(*images: Dataset) -> list[Outgoing]:
    """Images that Orthanc does not store; their SOP Instance UIDs stand for its identifiers."""
    return [
        Outgoing(str(image.SOPInstanceUID), partial(bytes, file_bytes(image)), is_stored=False)
        for image in images
    ]
