# SPDX-License-Identifier: GPL-3.0-or-later
"""Made-up studies to made-up nodes: whatever a node takes arrives, and nothing else is said to have arrived.

ROUNDS=200 SEED=1 tests/run ... # more of them, or one again
"""

import os
import random
from collections.abc import Sequence

import pytest
from pydicom import FileDataset
from pydicom.uid import UID, RLELossless, generate_uid

from integration.destinations.opening import changed, opened, stored
from router.destinations import DestinationUnavailable, InstancesRefused, Outgoing, Sender
from router.orthanc_api import OrthancApi
from samples import make_image, unique
from servers.node import OUT_OF_RESOURCES, SUCCESS, Node, abort
from servers.orthanc import OrthancServer

ROUNDS = int(os.environ.get("ROUNDS", "4"))
SEED = int(os.environ.get("SEED", "0"))
#: After so many attempts, all that a node takes must be there.
ATTEMPTS = 10

_SOP_CLASSES = [
    UID(f"1.2.840.10008.5.1.4.1.1.{end}")
    for end in (
        "1",
        "1.1",
        "2",
        "4",
        "6.1",
        "7",
        "11.1",
        "20",
        "66.4",
        "88.33",
        "88.59",
        "104.1",
        "128",
        "481.3",
    )
]
_PRIVATE = UID("1.3.12.2.1107.5.9.1")


class Moody:
    """What a node does, as drawn: it refuses some images and kinds for good, is full now and then, ends
    associations, warns, and says of what it has that it has it."""

    def __init__(self, images: Sequence[FileDataset], chance: random.Random) -> None:
        uids = [str(image.SOPInstanceUID) for image in images]
        self._chance = chance
        classes = sorted({image.SOPClassUID for image in images})
        self.refused_classes = {one for one in classes if chance.random() < 0.25} | {_PRIVATE}
        self.unwanted = {
            uid: chance.choice((0xA700, 0xC000, 0x0124, 0xA900)) for uid in uids if chance.random() < 0.1
        }
        self.deadly = {uid for uid in uids if chance.random() < 0.03}
        self.loss = chance.choice((0, 0, 0.05, 0.15))
        self.full = chance.choice((0, 0, 0.05))
        self.keeps_first = chance.random() < 0.5
        self.kept: dict[str, int] = {}
        self._full_for = 0

    def takes(self, image: FileDataset) -> bool:
        """Whether it takes an image in the end."""
        uid = str(image.SOPInstanceUID)
        return (
            image.SOPClassUID not in self.refused_classes
            and uid not in self.unwanted
            and uid not in self.deadly
        )

    def __call__(self, event: object, request: object) -> int:
        uid = str(request.AffectedSOPInstanceUID)  # type: ignore[attr-defined]
        if uid in self.deadly:
            return abort(event, request)  # type: ignore[arg-type]
        if uid in self.unwanted:
            return self.unwanted[uid]
        if self._full_for or self._chance.random() < self.full:
            self._full_for = (self._full_for or self._chance.randrange(1, 12)) - 1
            return OUT_OF_RESOURCES
        if self.keeps_first and uid in self.kept:
            return 0x0111
        if self._chance.random() < self.loss / 2:
            return abort(event, request)  # type: ignore[arg-type]
        self.kept[uid] = self.kept.get(uid, 0) + 1
        if self._chance.random() < self.loss / 2:
            return abort(event, request)  # type: ignore[arg-type]
        return self._chance.choice((SUCCESS, SUCCESS, SUCCESS, 0xB000, 0xB007))


def made_up(chance: random.Random) -> list[FileDataset]:
    """A study of mixed objects."""
    study = generate_uid()
    classes = chance.sample(_SOP_CLASSES, chance.randrange(1, 5))
    images = []
    for _ in range(chance.randrange(1, 40)):
        image = make_image(study=study)
        image.SOPClassUID = chance.choice([*classes, _PRIVATE] if chance.random() < 0.2 else classes)
        image.file_meta.MediaStorageSOPClassUID = image.SOPClassUID
        if chance.random() < 0.2:
            image.compress(RLELossless, generate_instance_uid=False)
        images.append(image)
    return images


def attempted(sender: Sender, images: list[Outgoing], attempt: int) -> tuple[set[str], set[str]]:
    """What has arrived by one attempt, and what was refused."""
    again = [Outgoing(one.instance, one.read, one.is_stored, may_be_there=attempt > 0) for one in images]
    try:
        sender.send(again)
    except InstancesRefused as error:
        return {one.instance for one in images} - error.reasons.keys(), set(error.reasons)
    except DestinationUnavailable as error:
        return set(error.arrived), set()
    return {one.instance for one in images}, set()


@pytest.mark.parametrize("seed", range(SEED, SEED + ROUNDS))
def test_what_a_node_takes_arrives(seed: int, here: OrthancServer, api: OrthancApi) -> None:
    chance = random.Random(seed)
    images = made_up(chance)
    moody = Moody(images, chance)
    is_stored = chance.random() < 0.7
    outgoing = stored(here, api, *images) if is_stored else changed(*images)
    by_instance = dict(zip((one.instance for one in outgoing), images, strict=True))
    with Node(unique("NODE"), moody, refused_contexts=moody.refused_classes) as node:
        sender = opened(api, "dicom", aet=node.aet, host=node.host, port=node.port, timeout_seconds=10)
        left, arrived = list(outgoing), set[str]()
        for attempt in range(ATTEMPTS):
            if not left:
                break
            now, refused = attempted(sender, left, attempt)
            assert not now & refused
            arrived |= now
            left = [one for one in left if one.instance not in now]
        sender.close()
    said = {str(by_instance[instance].SOPInstanceUID) for instance in arrived}
    assert said <= moody.kept.keys(), f"seed {seed}: said to have arrived, but is not there"
    missing = {str(one.SOPInstanceUID) for one in images if moody.takes(one)} - said
    assert not missing, f"seed {seed}: {len(missing)} images that the node takes have not arrived"
