# SPDX-License-Identifier: GPL-3.0-or-later
"""Studies whose images say different things, and what a policy is to make of them."""

import io
import random
from collections.abc import Sequence
from datetime import datetime
from typing import Any

from pydicom import FileDataset, dcmread, dcmwrite
from pydicom.uid import (
    UID,
    DeflatedExplicitVRLittleEndian,
    ExplicitVRBigEndian,
    ImplicitVRLittleEndian,
    JPEG2000Lossless,
    RLELossless,
    generate_uid,
)

from router.clock import MACHINE_ZONE, utc_now
from router.documents.policy import Level
from router.rules import Moment, Reading, compile_rule
from samples import make_image
from servers.router import Json, tag

#: What the images of one study say differently; None: nothing.
VALUES: dict[str, Sequence[str | list[str] | None]] = {
    "StudyDescription": ["CHEST CT", "HEAD", "do not send", None, ""],
    "PatientName": ["Wrong^Name", "Right^Name"],
    "AccessionNumber": ["RAD1", "CARD2", None],
    "Modality": ["CT", "MR", "SR"],
    "StationName": ["A", None],
    "InstitutionName": ["Ö" * 20, "x" * 300, None],
    "OperatorsName": [["Operator^Number" + str(number) * 30 for number in range(8)], "Somebody", None],
    "PatientComments": ["of the header alone", None],
}
RULES: Sequence[Json] = (
    tag("StudyDescription", "contains", "chest"),
    tag("StudyDescription", "not_contains", "do not send"),
    tag("AccessionNumber", "starts_with", "CARD"),
    {"all": [tag("PatientName", "starts_with", "Right"), tag("Modality", "in", ["CT", "MR"])]},
    {"any": [tag("InstitutionName", "matches", "x{300}|Ö$"), tag("StationName", "missing")]},
    tag("OperatorsName", "contains", "Number7"),
    tag("AccessionNumber", "missing"),
)
#: A condition that images which come late can make true.
COUNTED: Json = {"all": [tag("PatientComments", "exists"), tag("@InstanceCount", "greater_than", 3)]}

_STORAGE = "1.2.840.10008.5.1.4.1.1."
IMAGE_CLASSES = tuple(UID(_STORAGE + end) for end in ("1", "1.1", "2", "4", "6.1", "7", "20", "128"))
OTHER_CLASSES = tuple(UID(_STORAGE + end) for end in ("11.1", "66.4", "88.33", "88.59", "104.1", "481.3"))
_COMPRESSED = (RLELossless, JPEG2000Lossless)
_WRITTEN = (ImplicitVRLittleEndian, ExplicitVRBigEndian, DeflatedExplicitVRLittleEndian)


def mixed_study(
    patient_id: str, draw: random.Random, most: int = 6, classes: Sequence[UID] = ()
) -> list[FileDataset]:
    """Images of one study, in the order in which they come in. The same draws give the same study.

    `classes`: the SOP classes they have, each in some transfer syntax; without them all are CT images.
    """
    study = _uid(draw)
    series = [_uid(draw) for _ in range(draw.randint(1, 3))]
    images = []
    for _ in range(draw.randint(1, most)):
        tags: dict[str, Any] = {keyword: draw.choice(values) for keyword, values in VALUES.items()}
        sop_class = draw.choice(classes) if classes else None
        image = make_image(
            "SR" if sop_class in OTHER_CLASSES else "CT",
            study=study,
            series=draw.choice(series),
            size=2048,
            PatientID=patient_id,
            **tags,
        )
        image.SOPInstanceUID = image.file_meta.MediaStorageSOPInstanceUID = _uid(draw)
        if sop_class is not None:
            image.SOPClassUID = image.file_meta.MediaStorageSOPClassUID = sop_class
            image = _written_otherwise(image, draw)
        images.append(image)
    return images


def _written_otherwise(image: FileDataset, draw: random.Random) -> FileDataset:
    """Some of them in another transfer syntax than explicit VR little endian."""
    if draw.random() < 0.2 and "PixelData" in image:
        image.compress(draw.choice(_COMPRESSED), generate_instance_uid=False)
    elif draw.random() < 0.2:
        image.file_meta.TransferSyntaxUID = draw.choice(_WRITTEN)
    return big_endian(image) if image.file_meta.TransferSyntaxUID == ExplicitVRBigEndian else image


def big_endian(image: FileDataset) -> FileDataset:
    """An uncompressed image of 16 bits in explicit VR big endian (PS3.5, A.3)."""
    image.file_meta.TransferSyntaxUID = ExplicitVRBigEndian
    if "PixelData" in image:
        pixels = bytearray(image.PixelData)
        pixels[::2], pixels[1::2] = pixels[1::2], pixels[::2]
        image.PixelData = bytes(pixels)
        image["PixelData"].VR = "OW"
    file = io.BytesIO()
    dcmwrite(file, image, implicit_vr=False, little_endian=False, enforce_file_format=True)
    file.seek(0)
    return dcmread(file)


def _uid(draw: random.Random) -> UID:
    return generate_uid(entropy_srcs=[str(draw.getrandbits(128))])


def meant(rule: Json, level: Level, images: Sequence[FileDataset]) -> set[str]:
    """The SOP Instance UIDs of what a policy of this level is to send, worked out image by image."""
    compiled = compile_rule(rule, level)
    groups: dict[str, list[FileDataset]] = {}
    for image in images:
        key = {
            "instance": image.SOPInstanceUID,
            "series": image.SeriesInstanceUID,
            "study": image.StudyInstanceUID,
        }[level]
        groups.setdefault(str(key), []).append(image)
    moment = Moment(_now())
    return {
        str(one.SOPInstanceUID)
        for group in groups.values()
        if any(
            compiled.evaluate(Reading.of_dataset(image, {"@InstanceCount": len(group)}), moment)
            for image in group
        )
        for one in group
    }


def _now() -> datetime:
    return utc_now().astimezone(MACHINE_ZONE)
