# SPDX-License-Identifier: GPL-3.0-or-later
"""Values as read from an image, before interpretation."""

from dataclasses import dataclass

#: VRs in which leading spaces are significant (PS3.5, table 6.2-1).
LEADING_SPACE_COUNTS = frozenset({"ST", "LT", "UT", "UC", "UR"})

#: VRs with a single value, in which a backslash is an ordinary character.
SINGLE_VALUED = frozenset({"ST", "LT", "UT", "UR"})

#: The most characters of a text that are compared; the rest is not read.
LONGEST_READ = 65_536
#: The most values of a tag, over all items of its sequences, that are compared; the rest is not read.
MOST_READ = 10_000


@dataclass(frozen=True, slots=True)
class Opaque:
    """A value that exists but cannot be compared; people see the description."""

    description: str

    def __str__(self) -> str:
        return self.description


def counted(number: int, what: str) -> Opaque:
    """A number of bytes or items, as a value that cannot be compared."""
    return Opaque(f"{number} {what}{'' if number == 1 else 's'}")


#: Texts are Unicode without padding; an empty text is an empty value.
Raw = str | int | float | Opaque


@dataclass(frozen=True, slots=True)
class Element:
    """The values of one tag in one item; `cut` where some of it was not read."""

    values: tuple[Raw, ...]
    cut: bool = False


def element_of_text(text: str, vr: str) -> Element:
    """The values of a text: split at backslashes where the VR allows, and trimmed of padding."""
    cut = len(text) > LONGEST_READ
    text = text[:LONGEST_READ]
    parts = [text] if vr in SINGLE_VALUED else text.split("\\")
    if cut and len(parts) > 1:
        parts.pop()
    if len(parts) > MOST_READ:
        parts, cut = parts[:MOST_READ], True
    return Element(tuple(_without_padding(part, vr) for part in parts), cut)


def trimmed(text: str, vr: str) -> str:
    """The text without the padding that its VR allows."""
    text = text.rstrip("\0 ")
    return text if vr in LEADING_SPACE_COUNTS else text.lstrip(" ")


def _without_padding(text: str, vr: str) -> str:
    text = trimmed(text, vr)
    return "" if vr == "PN" and not text.strip("^= ") else text
