# SPDX-License-Identifier: GPL-3.0-or-later
"""The library of devices: one correction reaches all transforms that refer to it, on all nodes."""

import io
from pathlib import Path

import pytest
from pydicom import dcmread

from router.documents.device_library import DeviceLibrary, DeviceLibraryDraft
from router.documents.invalid import Invalid, validated
from router.documents.transform import Redaction, Transform
from router.secrets import Vault
from router.store import NotFound, RevisionConflict, Store
from router.transforms import Transforms
from samples import file_bytes, make_image
from unit.store.conftest import OpenStore

ROWS = 16
PIXELS = bytes([7, 0]) * ROWS * ROWS
FILE = file_bytes(
    make_image(
        size=len(PIXELS),
        PixelData=PIXELS,
        Rows=ROWS,
        Columns=ROWS,
        ManufacturerModelName="Echo 3",
        PixelPaddingValue=0,
    )
)


def library(revision: int, *rectangles: tuple[int, int, int, int]) -> DeviceLibrary:
    echo = Redaction(
        name="Echo 3", when={"ManufacturerModelName": "Echo 3"}, rectangles=list(rectangles) or [(0, 0, 4, 4)]
    )
    return DeviceLibrary(redactions=[echo], revision=revision)


def transforms_of(store: Store, folder: Path) -> Transforms:
    return Transforms(store, Vault(folder / "secret.key"))


def blackened(transforms: Transforms, **transform: object) -> int:
    """How many of the image's pixels are made dark."""
    file = transforms.of(Transform.model_validate(transform))(FILE)
    before, after = (dcmread(io.BytesIO(one)).pixel_array for one in (FILE, file))
    return int((before != after).sum())


def test_a_correction_reaches_all_that_refer_to_it_on_all_nodes(
    open_again: OpenStore, tmp_path: Path
) -> None:
    one, other = (transforms_of(open_again(), tmp_path) for _ in range(2))
    assert blackened(other, redact_devices=True) == 0
    one.devices.save(library(1))
    first = blackened(other, redact_devices=True)
    assert 0 < first <= 16
    one.devices.save(library(2, (0, 0, 8, 8)))
    assert blackened(other, redact_devices=True) > first
    # What does not refer to it stays as it is, and what an action has itself goes on to count.
    assert blackened(other) == 0
    own = [{"rectangles": [(0, 0, 12, 12)]}]
    assert blackened(other, redact=own, redact_devices=True) == blackened(other, redact=own)


def test_of_two_who_save_at_once_one_is_told(open_again: OpenStore, tmp_path: Path) -> None:
    one, other = (transforms_of(open_again(), tmp_path) for _ in range(2))
    one.devices.save(library(1))
    with pytest.raises(RevisionConflict):
        other.devices.save(library(1, (1, 1, 1, 1)))
    assert other.devices.current() == library(1)


def test_the_last_ones_are_kept(store: Store, tmp_path: Path) -> None:
    devices = transforms_of(store, tmp_path).devices
    for revision in range(1, 24):
        devices.save(library(revision))
    assert devices.revisions() == list(range(4, 24))
    assert devices.revision(4) == library(4)
    with pytest.raises(NotFound):
        devices.revision(3)


@pytest.mark.parametrize("names", [["", "B"], ["B", "b "]])
def test_each_entry_has_a_name_of_its_own(names: list[str]) -> None:
    entries = [{"name": name, "rectangles": [[0, 0, 1, 1]]} for name in names]
    with pytest.raises(Invalid, match=r"redactions\[\d\]"):
        validated(DeviceLibraryDraft, {"redactions": entries})
