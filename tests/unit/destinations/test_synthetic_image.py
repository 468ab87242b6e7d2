# SPDX-License-Identifier: GPL-3.0-or-later
"""The made-up image that shows whether a destination takes images."""

from collections.abc import Sequence
from datetime import UTC, datetime

import pytest

from router.destinations import DestinationUnavailable, InstancesRefused, Outgoing, Unconfirmed
from router.destinations.synthetic_image import send_synthetic_image, synthetic_image
from router.transforms.writing import write
from unit.transforms.second_tools import errors_of, gdcm_pixels

NOW = datetime(2026, 3, 4, 5, 6, 7, tzinfo=UTC)
INSTANCE = "test-image"


class Target:
    """A destination that answers in a given way."""

    def __init__(self, raises: Exception | None = None, note: str | None = None) -> None:
        self._raises = raises
        self._note = note

    def test(self) -> str:
        return ""

    def close(self) -> None:
        pass

    def send(self, images: Sequence[Outgoing]) -> str | None:
        assert [image.instance for image in images] == [INSTANCE]
        if self._raises is not None:
            raise self._raises
        return self._note


def test_other_tools_find_nothing_wrong_with_it() -> None:
    file = write(synthetic_image(NOW))
    assert errors_of(file, "dciodvfy") == []
    assert gdcm_pixels(file)[0, 77, :, 0].tolist() == list(range(0, 256, 2))


def test_each_is_a_study_of_its_own() -> None:
    uids = [
        (image.StudyInstanceUID, image.SeriesInstanceUID, image.SOPInstanceUID)
        for image in (synthetic_image(NOW), synthetic_image(NOW))
    ]
    assert len({uid for of_one in uids for uid in of_one}) == 6


@pytest.mark.parametrize(
    ("target", "told"),
    [
        (Target(), "The destination has taken the image (patient ROUTER-TEST, "),
        (Target(note="Decompressed for it"), " Decompressed for it."),
        (
            Target(Unconfirmed("", {INSTANCE: "receipt"}, {}, (), 1)),
            "The destination has taken the image, and has yet to confirm that it keeps it (",
        ),
    ],
)
def test_it_is_told_what_became_of_it(target: Target, told: str) -> None:
    assert told in send_synthetic_image(target, NOW)


@pytest.mark.parametrize(
    "raised",
    [
        DestinationUnavailable("Why not"),
        InstancesRefused("1 of 1 refused", {INSTANCE: "Why not"}),
        InstancesRefused("Why not"),
        Unconfirmed("", {}, {INSTANCE: "Why not"}, (), 1),
        Unconfirmed("", {INSTANCE: "receipt"}, {}, (), 1, "Why not"),
    ],
)
def test_it_is_told_why_it_was_not_taken(raised: Exception) -> None:
    with pytest.raises(DestinationUnavailable, match="Why not"):
        send_synthetic_image(Target(raised), NOW)
