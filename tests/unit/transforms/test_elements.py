# SPDX-License-Identifier: GPL-3.0-or-later
"""Elements that are read and made as bytes."""

import pytest
from pydicom import DataElement, Dataset
from pydicom.dataelem import RawDataElement
from pydicom.tag import BaseTag

from router.transforms.elements import text_element, text_of, texts_of

_NAME = BaseTag(0x0010_0010)


def _read(vr: str | None, value: bytes) -> RawDataElement:
    return RawDataElement(_NAME, vr, len(value), value, 0, vr is None, True)


@pytest.mark.parametrize(
    ("vr", "values", "written"),
    [
        ("LO", "ABC", b"ABC "),
        ("UI", "1.2.3", b"1.2.3\0"),
        ("UI", ["1.2", "1.4.5"], b"1.2\\1.4.5\0"),
        ("LO", "", b""),
    ],
)
def test_texts_are_written_with_an_even_length(vr: str, values: str | list[str], written: bytes) -> None:
    """By a space, and for UIDs by a zero (PS3.5, 6.2)."""
    made = text_element(_NAME, vr, values)
    assert (made.value, made.length) == (written, len(written))


@pytest.mark.parametrize(
    ("vr", "value", "texts"),
    [
        ("UI", b"1.2\\1.3\0", ["1.2", "1.3"]),
        ("LO", b"", [""]),
        ("PN", b"Yamada\x1b$B;3ED", None),  # ASCII bytes that are Japanese letters
        ("PN", b"M\xfcller", None),
        ("UN", b"1.2", None),  # its VR has to be looked up first
        (None, b"1.2", None),
    ],
)
def test_texts_are_read_where_they_are_ascii(vr: str | None, value: bytes, texts: list[str] | None) -> None:
    """All else is left to pydicom."""
    assert texts_of(_read(vr, value)) == texts


def test_a_text_that_is_no_ascii_is_converted() -> None:
    """By the character set of its data set."""
    dataset = Dataset()
    dataset.add(DataElement(_NAME, "PN", "Müller"))
    assert text_of(dataset, _NAME) == "Müller"
    assert text_of(dataset, BaseTag(0x0010_0020)) == ""
