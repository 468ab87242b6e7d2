# SPDX-License-Identifier: GPL-3.0-or-later
"""Destinations opened as the router opens them, and what they are given to send."""

from functools import partial

from pydicom import Dataset

from router.destinations import (
    KINDS,
    Installation,
    Outgoing,
    Sender,
)
from router.destinations.own_modalities import own_name
from router.documents.document import new_id
from router.orthanc_api import OrthancApi
from samples import file_bytes
from servers.orthanc import PASSWORD, USERNAME, OrthancServer

LOGIN = {"username": USERNAME, "password": PASSWORD}


def opened(api: OrthancApi, kind: str, **settings: object) -> Sender:
    """A destination of this kind, opened."""
    checked = KINDS[kind].settings.model_validate(settings)
    sender = KINDS[kind].open(own_name(new_id(), "A node"), checked, Installation(api))
    assert isinstance(sender, Sender)
    return sender


def stored(here: OrthancServer, api: OrthancApi, *images: Dataset) -> list[Outgoing]:
    """Images that the sending Orthanc stores."""
    instances = [here.rest.upload(file_bytes(image)) for image in images]
    return [Outgoing(instance, partial(api.file, instance)) for instance in instances]


def changed(*images: Dataset) -> list[Outgoing]:
    """Images that no Orthanc stores, as a transform makes them."""
    return [
        Outgoing(str(image.SOPInstanceUID), partial(bytes, file_bytes(image)), is_stored=False)
        for image in images
    ]


def gone(api: OrthancApi) -> Outgoing:
    """An image that was deleted before it could be sent."""
    instance = "-".join(["00000000"] * 5)
    return Outgoing(instance, partial(api.file, instance))
