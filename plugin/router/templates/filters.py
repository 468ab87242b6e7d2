"""What a template can do to a value: `{{ StudyDate | date }}`. Each gives at most a bounded text."""

from collections.abc import Callable, Mapping
from types import MappingProxyType

#: Characters that a filter's result may have; more is an error.
LONGEST_RESULT = 1_000_000
_WIDEST_PAD = 64


def replace(text: object, old: str, new: str) -> str:
    """Every `old` becomes `new`. Raises ValueError where the result would be too long."""
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


def _text(change: Callable[[str], str]) -> Callable[[object], str]:
    return lambda value: change(str(value))


#: Every filter there is, by its name in a template.
FILTERS: Mapping[str, Callable[..., object]] = MappingProxyType(
    {
        "capitalize": _text(str.capitalize),
        "date": date,
        "default": default,
        "length": lambda value: len(str(value)),
        "lower": _text(str.lower),
        "name": name,
        "pad": pad,
        "replace": replace,
        "time": time,
        "title": _text(str.title),
        "trim": _text(str.strip),
        "truncate": truncate,
        "upper": _text(str.upper),
    }
)
