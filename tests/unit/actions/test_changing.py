# SPDX-License-Identifier: GPL-3.0-or-later
"""What a delivery's note says of images that came out otherwise than asked for."""

from router.actions.changing import Remarks


def test_images_with_the_same_remark_are_counted() -> None:
    remarks = Remarks()
    for instance in ("a", "b", "c"):
        remarks.add(instance, ["Left uncompressed."])
    remarks.add("b", ["Left uncompressed.", "Colours became RGB."])
    assert remarks.note(["a", "b"]) == "2 images: Left uncompressed. 1 image: Colours became RGB."


def test_without_remarks_there_is_no_note() -> None:
    remarks = Remarks()
    remarks.add("a", [])
    remarks.add("b", ["Left uncompressed."])
    assert remarks.note(["a"]) is None


def test_a_note_stays_short() -> None:
    remarks = Remarks()
    remarks.add("a", [f"Remark {number}." for number in range(9)])
    assert str(remarks.note(["a"])).endswith("1 image: Remark 4. 4 more remarks.")
