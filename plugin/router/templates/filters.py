# SPDX-License-Identifier: GPL-3.0-or-later
"""The filters of templates, such as `{{ StudyDate | date }}`. Each public function here is a filter.

The API shows a function's docstring to people who write templates. Its result is a bounded text. A function
raises ValueError for a value that it cannot use.
"""

#: The most characters of a filter's result; more is an error.
LONGEST_RESULT = 1_000_000
_WIDEST_PAD = 64


def replace(text: object, old: str, new: str) -> str:
    """Every `old` becomes `new`."""
    value = str(text)
    if not old:
        raise ValueError("replace needs a text to look for")
    if len(value) + value.count(old) * (len(new) - len(old)) > LONGEST_RESULT:
        raise ValueError("replace would make the text too long")
    return value.replace(old, new)


def default(text: object, instead: str) -> str:
    """The text, or `instead` where the tag is absent or empty."""
    return str(text) or instead


def truncate(text: object, length: int) -> str:
    """The first `length` characters."""
    if length < 0:
        raise ValueError("truncate needs a length that is not negative")
    return str(text)[:length]


def pad(text: object, width: int) -> str:
    """Zeros before a number, so that it has `width` characters and sorts as a name."""
    if not 0 <= width <= _WIDEST_PAD:
        raise ValueError(f"pad goes up to {_WIDEST_PAD} characters")
    return str(text).zfill(width)


def date(text: object) -> str:
    """A DICOM date (DA, or the date of a DT) in ISO 8601's form: 2024-05-17. What is none stays as it is."""
    value = str(text)
    digits = value.replace(".", "")[:8]
    if len(digits) != 8 or not digits.isascii() or not digits.isdecimal():
        return value
    return f"{digits[:4]}-{digits[4:6]}-{digits[6:]}"


def time(text: object) -> str:
    """A DICOM time of day (TM) with colons, without fractions: 14:30:05. What is none stays as it is."""
    value = str(text)
    digits = value.replace(":", "").partition(".")[0]
    if len(digits) not in {2, 4, 6} or not digits.isascii() or not digits.isdecimal():
        return value
    return ":".join(digits[at : at + 2] for at in range(0, len(digits), 2))


def name(text: object) -> str:
    """A person name (PN, PS3.5 6.2.1) to be read: `DOE^JOHN^^DR` as `DOE, JOHN`."""
    family, _, rest = str(text).partition("=")[0].partition("^")
    given = " ".join(part for part in rest.split("^")[:2] if part)
    return ", ".join(part for part in (family.strip(), given.strip()) if part)


def capitalize(text: object) -> str:
    """The first letter large, all others small."""
    return str(text).capitalize()


def length(text: object) -> int:
    """The number of characters."""
    return len(str(text))


def lower(text: object) -> str:
    """All letters small."""
    return str(text).lower()


def title(text: object) -> str:
    """The first letter of each word large, all others small."""
    return str(text).title()


def trim(text: object) -> str:
    """Without blanks at the beginning and the end."""
    return str(text).strip()


def upper(text: object) -> str:
    """All letters large."""
    return str(text).upper()
