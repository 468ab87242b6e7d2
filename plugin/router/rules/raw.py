# SPDX-License-Identifier: GPL-3.0-or-later
"""Values as they are read from an image, before they are understood."""

from dataclasses import dataclass

#: VRs whose leading spaces mean something (PS3.5, table 6.2-1).
LEADING_SPACE_COUNTS = frozenset({"ST", "LT", "UT", "UC", "UR"})

#: VRs in which a backslash is a letter like any other, because they hold one value only.
SINGLE_VALUED = frozenset({"ST", "LT", "UT", "UR"})

#: Characters of a text that are compared; the rest is not read.
LONGEST_READ = 65_536
#: Values of a tag, over all items of its sequences, that are compared; the rest is not read.
MOST_READ = 10_000


@dataclass(frozen=True, slots=True)
class Opaque:
    """A value that is there but cannot be compared; the description is what people see."""

    description: str

    def __str__(self) -> str:
        return self.description


def counted(number: int, what: str) -> Opaque:
    """So many bytes, or items, which nobody can compare."""
    return Opaque(f"{number} {what}{'' if number == 1 else 's'}")


#: Text is Unicode and trimmed of padding; an empty text is an empty value.
Raw = str | int | float | Opaque


@dataclass(frozen=True, slots=True)
class Element:
    """The values of one tag in one item; `cut` where not all of it was read."""

    values: tuple[Raw, ...]
    cut: bool = False


def element_of_text(text: str, vr: str) -> Element:
    """The values that a text stands for: parted by backslashes where the VR allows, trimmed of padding."""
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
