# SPDX-License-Identifier: GPL-3.0-or-later
"""Text, identifiers and person names: trimmed of padding, compared as Unicode.

Case is ignored by folding. A letter that Unicode can write in two ways (one character, or a base letter and
an accent) is brought to one (normal form C).
"""

import re
import unicodedata
from collections.abc import Callable, Iterable, Sequence
from typing import NamedTuple

import re2  # type: ignore[import-untyped]

from router.rules.pattern import understood
from router.rules.problem import LONGEST_PATTERN, LONGEST_VALUE, Unfit, quoted
from router.rules.quantities import number
from router.rules.raw import LEADING_SPACE_COUNTS, SINGLE_VALUED, Opaque, Raw

#: The most memory of one regular expression, in bytes.
_PATTERN_MEMORY = 1 << 20

_PIECE = 3

_UID = re.compile(r"[0-9.]{1,64}", re.ASCII)


class Text(NamedTuple):
    """A text in the forms that are compared: as written, and folded.

    A person name has several forms (see `name_forms`). A comparison is true if any of them fulfils it.
    """

    forms: tuple[str, ...]
    folded: tuple[str, ...]


#: A test of a text; the second argument is the moment, which texts do not need.
TextTest = Callable[[Text, object], bool]


def composed(text: str) -> str:
    """The text in Unicode's normal form C; invalid Unicode becomes a replacement character."""
    if text.isascii():
        return text
    return unicodedata.normalize("NFC", text.encode("utf-8", "replace").decode("utf-8"))


def fold(text: str) -> str:
    """The text for comparison without regard to case."""
    return text.casefold() if text.isascii() else unicodedata.normalize("NFC", text.casefold())


def read_text(raw: Raw) -> Text:
    """A value of any text VR. Raises Unfit if it cannot be shown as text."""
    if isinstance(raw, Opaque):
        raise Unfit(f"{raw} cannot be compared")
    text = composed(raw) if isinstance(raw, str) else str(raw)
    return Text((text,), (fold(text),))


def read_name(raw: Raw) -> Text:
    """A person name (PN; PS3.5, 6.2.1): its groups (alphabetic, ideographic, phonetic) compare separately."""
    if not isinstance(raw, str):
        return read_text(raw)
    forms = name_forms(raw)
    return Text(forms, tuple(fold(form) for form in forms))


def name_groups(text: str) -> tuple[str, ...]:
    """The component groups without trailing carets and without spaces around components."""
    groups = (
        "^".join(component.strip() for component in group.split("^")).rstrip("^")
        for group in composed(text).split("=")
    )
    return tuple(groups)


def name_forms(text: str) -> tuple[str, ...]:
    """The forms that a comparison may match: the name as written, its non-empty groups, last the whole."""
    groups = name_groups(text)
    whole = "=".join(groups).rstrip("=")
    others = dict.fromkeys((composed(text), *(group for group in groups if group)))
    others.pop(whole, None)
    return (*others, whole)


def wanted_text(written: object, vr: str, operator: str) -> str:
    """The text to compare with; numbers count as written. Raises Unfit."""
    if isinstance(written, bool) or not isinstance(written, str | int | float):
        raise Unfit("must be a text")
    if not isinstance(written, str):
        number(written)
    text = str(written)
    if len(text) > LONGEST_VALUE:
        raise Unfit(f"must have at most {LONGEST_VALUE} characters")
    if any("\ud800" <= letter <= "\udfff" for letter in text):
        raise Unfit("must be valid Unicode")
    if operator in {"equals", "in", "ends_with"}:
        text = text.rstrip("\0 ")
    if operator in {"equals", "in", "starts_with"} and vr not in LEADING_SPACE_COUNTS:
        text = text.lstrip(" ")
    if not text or (vr == "PN" and not text.strip("^= ")):
        raise Unfit('must not be empty; use "exists" or "missing"')
    if "\\" in text and vr not in SINGLE_VALUED and vr != "UN":
        raise Unfit('must not hold a backslash, which separates values; use "in", or conditions in an "all"')
    if vr == "UI" and not _UID.fullmatch(text):
        raise Unfit("must be a UID: digits and dots, at most 64")
    return composed(text)


def pieces(text: str) -> set[str]:
    """All runs of three characters. A text has all pieces of a text that it contains."""
    return {text[at : at + _PIECE] for at in range(len(text) - _PIECE + 1)}


def pattern_test(written: object, case_sensitive: bool) -> TextTest:
    """The test of a regular expression: RE2's syntax, matched anywhere in the text in linear time, with
    Unicode's classes and word boundaries (see `pattern`). Raises Unfit."""
    if not isinstance(written, str) or not written:
        raise Unfit("must be a regular expression")
    if len(written) > LONGEST_PATTERN:
        raise Unfit(f"must have at most {LONGEST_PATTERN} characters")
    options = re2.Options()
    options.case_sensitive = case_sensitive
    options.log_errors = False
    options.never_capture = True
    options.max_mem = _PATTERN_MEMORY
    pattern = understood(composed(written))
    try:
        search = re2.compile(pattern.expression, options).search
    except re2.error as error:
        reason = error.args[0] if error.args else ""
        said = reason.decode("utf-8", "replace") if isinstance(reason, bytes) else str(reason)
        raise Unfit(f"{quoted(written)} is not a regular expression that can be used: {said}") from None

    def matches(read: Text, _: object) -> bool:
        return any(search(pattern.prepare(form)) is not None for form in read.forms)

    return matches


def text_test(operator: str, wanted: str, case_sensitive: bool) -> TextTest:
    """The test of `contains`, `starts_with` or `ends_with`."""
    sought = wanted if case_sensitive else fold(wanted)

    def contains(read: Text, _: object) -> bool:
        forms = read.forms if case_sensitive else read.folded
        return sought in forms[0] if len(forms) == 1 else any(sought in form for form in forms)

    def starts_with(read: Text, _: object) -> bool:
        return any(form.startswith(sought) for form in (read.forms if case_sensitive else read.folded))

    def ends_with(read: Text, _: object) -> bool:
        return any(form.endswith(sought) for form in (read.forms if case_sensitive else read.folded))

    return {"contains": contains, "starts_with": starts_with, "ends_with": ends_with}[operator]


def text_equality(wanted: Iterable[str], case_sensitive: bool) -> TextTest:
    """The test for equality with one of several texts."""
    if case_sensitive:
        exact = frozenset(wanted)
        return lambda read, _: not exact.isdisjoint(read.forms)
    folded = frozenset(map(fold, wanted))
    return lambda read, _: not folded.isdisjoint(read.folded)


def name_equality(wanted: Sequence[str], case_sensitive: bool) -> TextTest:
    """The test for equality with one of several names. Only the given groups must be equal.

    A name of one group equals any group.
    """
    one_group = text_equality((name for name in wanted if "=" not in name), case_sensitive)
    several = [name_groups(name if case_sensitive else fold(name)) for name in wanted if "=" in name]

    def equal(read: Text, _: object) -> bool:
        whole = name_groups((read.forms if case_sensitive else read.folded)[-1])
        return one_group(read, None) or any(
            all(not group or whole[at : at + 1] == (group,) for at, group in enumerate(groups))
            for groups in several
        )

    return equal
