# SPDX-License-Identifier: GPL-3.0-or-later
"""Elements that are read and made as bytes only.

pydicom makes an object of every value that is read or set, and checks it. De-identification only replaces
most values of an image, and these objects would take most of its time.
"""

from collections.abc import Sequence
from typing import Final

from pydicom import DataElement, Dataset
from pydicom.dataelem import RawDataElement
from pydicom.tag import BaseTag

Element = DataElement | RawDataElement

#: The padding to an even length (PS3.5, 6.2); a space for other VRs.
_PADDING: Final = {"UI": b"\0"}


def text_element(tag: BaseTag, vr: str, values: str | Sequence[str]) -> RawDataElement:
    """An element of one or several ASCII texts, written unchanged."""
    joined = values if isinstance(values, str) else "\\".join(values)
    value = joined.encode("ascii")
    if len(value) % 2:
        value += _PADDING.get(vr, b" ")
    return encoded_element(tag, vr, value)


def encoded_element(tag: BaseTag, vr: str, value: bytes, level: Dataset | None = None) -> RawDataElement:
    """An element with an encoded value; numbers and items are in the encoding of `level`."""
    is_implicit, is_little = (False, True) if level is None else level.original_encoding
    return RawDataElement(tag, vr, len(value), value, 0, bool(is_implicit), is_little is not False)


def texts_of(element: Element) -> list[str] | None:
    """The values of an element as read, if it is ASCII text; None where pydicom must convert it.

    Padding is left out.
    """
    value = element.value
    if not isinstance(element, RawDataElement) or not isinstance(value, bytes):
        return None
    if element.VR in {None, "UN"}:
        return None
    # An escape sequence switches to another character set (PS3.5, 6.1.2.5).
    if not value.isascii() or b"\x1b" in value:
        return None
    return [one.rstrip("\0 ") for one in value.decode("ascii").split("\\")]


def text_of(level: Dataset, tag: BaseTag) -> str:
    """The text of an element; empty where it is missing."""
    element = level.get_item(tag)
    if element is None:
        return ""
    texts = texts_of(element)
    return texts[0] if texts is not None and len(texts) == 1 else str(level[tag].value or "")
