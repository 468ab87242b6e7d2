# SPDX-License-Identifier: GPL-3.0-or-later
"""Moving dates in all forms that they are met in."""

from typing import Any

import pytest
from pydicom import DataElement, config

from router.transforms import Untransformable
from router.transforms.dates import NotMovable, is_time, moved
from samples import make_image
from unit.transforms.transform_samples import changed


@pytest.mark.parametrize(
    ("text", "becomes"),
    [
        ("20240229", "20240130"),
        ("2024.02.29 ", "2024.01.30"),
        ("2024-02-29", "2024-01-30"),
        ("20240302101112.5+0100", "20240201101112.5+0100"),
        ("2024022910", "2024013010"),
        ("", ""),
        ("\0", ""),
        ("20240229-20240305", "20240130-20240204"),
        ("20240229-", "20240130-"),
        ("-20240229", "-20240130"),
        ("20240229101112-0330-20240302", "20240130101112-0330-20240201"),
        ("202402", "202401"),
        ("202402-0500", "202401-0500"),
        ("2024", "2024"),
        ("19500000", "19500000"),
        ("19500100", "19491200"),
    ],
)
def test_a_date_goes_back_in_the_form_that_it_has(text: str, becomes: str) -> None:
    assert moved(text, 30) == becomes


@pytest.mark.parametrize(
    "text", ["20240229 Jane", "Jane", "20241399", "20240229-Jane", "29.02.2024", "00000000", "-"]
)
def test_what_is_no_date_cannot_be_moved(text: str) -> None:
    with pytest.raises(NotMovable):
        moved(text, 30)


@pytest.mark.parametrize(
    ("text", "is_one"),
    [
        ("101112.5", True),
        ("10:11", True),
        ("", True),
        ("1000-1200", True),
        ("10 Jane", False),
        ("Jane", False),
    ],
)
def test_a_time_of_day_is_nothing_else(text: str, is_one: bool) -> None:
    assert is_time(text) is is_one


def with_value(tag: int, vr: str, value: str) -> Any:
    image = make_image(PatientID="P", StudyDate="20240301")
    image[tag] = DataElement(tag, vr, value, validation_mode=config.IGNORE)
    return image


@pytest.mark.parametrize("document", [{"date_shift": 365}, {"date_shift": 365, "anonymize": True}])
@pytest.mark.parametrize(
    ("tag", "vr", "value"),
    [
        pytest.param(0x0008_0022, "LO", "20240301", id="a date in another VR"),
        pytest.param(0x0008_0022, "DA", "20240229-20240301", id="a range"),
        pytest.param(0x0008_002A, "DT", "20240301", id="a moment without its time"),
    ],
)
def test_every_date_is_moved_alike(document: dict[str, Any], tag: int, vr: str, value: str) -> None:
    result = changed(with_value(tag, vr, value), **document)
    assert str(result[tag].value).endswith(result.StudyDate)
    assert "2024030" not in str(result[tag].value)


def test_a_legal_part_of_a_date_stays_a_part_of_one() -> None:
    for document in ({"date_shift": 365}, {"date_shift": 365, "anonymize": True}):
        shifted = changed(with_value(0x0008_002A, "DT", "202403"), **document)
        assert shifted.AcquisitionDateTime in {shifted.StudyDate[:6], "202402", "202303", "202304"} or (
            len(shifted.AcquisitionDateTime) == 6
        )


@pytest.mark.parametrize(
    ("tag", "vr"), [(0x0008_0022, "DA"), (0x0008_002A, "DT"), (0x0008_0032, "TM")], ids=["DA", "DT", "TM"]
)
def test_a_name_behind_a_date_goes_or_the_image_is_refused(tag: int, vr: str) -> None:
    image = with_value(tag, vr, "202403 Jane" if vr == "DT" else "20240301 Jane")
    assert "Jane" not in str(changed(image, anonymize=True, date_shift=10)[tag].value)
    assert "Jane" not in str(changed(image, anonymize={"retain_dates": True})[tag].value)
    if vr != "TM":
        with pytest.raises(Untransformable, match="is no date") as refused:
            changed(image, date_shift=10)
        assert "Jane" not in str(refused.value)


@pytest.mark.parametrize(
    "document", [{"date_shift": 365}, {"date_shift": 365, "anonymize": {"retain_private": ['0029,"M",10']}}]
)
def test_private_dates_that_stay_do_not_give_the_shift_away(document: dict[str, Any]) -> None:
    image = make_image(StudyDate="20240301")
    image.private_block(0x0029, "M", create=True).add_new(0x10, "DT", "20240301101112")
    result = changed(image, **document)
    assert result.private_block(0x0029, "M")[0x10].value == f"{result.StudyDate}101112"
