# SPDX-License-Identifier: GPL-3.0-or-later
"""Regular expressions for Unicode in RE2, in which `\\w`, `\\d`, `\\s` and `\\b` match ASCII only.

The classes are translated to those of Unicode. RE2 has no word boundary for Unicode letters. So for a pattern
with one, a mark character is put at each boundary of the text and replaces `\\b` in the pattern. Every other
part that takes a character also skips a mark before it.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass

from router.rules.problem import Unfit

#: A character of Unicode's private use (PS3.5, 6.1 has no use for it). It is first removed from texts.
_MARK = "\uf8ff"
_CLASSES = {
    "w": r"\pL\pN_",
    "d": r"\p{Nd}",
    "s": r"\s\pZ",
}
#: The complements of the classes, for use with others in brackets.
_OPPOSITES = {
    "W": r"\pM\pZ\pS\pC\p{Pd}\p{Ps}\p{Pe}\p{Pi}\p{Pf}\p{Po}",
    "D": r"\pL\pM\pZ\pS\pC\pP\p{Nl}\p{No}",
    "S": r"\S",
}
_TOKEN = re.compile(
    r"""
      \\Q (?P<quoted> .*? ) (?: \\E | \Z )
    | (?P<boundary> \\b )
    | \\ (?P<class> [wWdDsS] )
    | (?P<position> \\[ABz] | [\^$] )
    | (?P<escape> \\ (?: [pP]\{[^}]*\} | [pP]. | x\{[^}]*\} | x[0-9A-Fa-f]{2} | [0-7]{1,3} | . ) )
    | \[ (?P<brackets> \^? \]? (?: \[:\^?\w+:\] | \\ . | [^\]\\] )* ) \]
    | (?P<group> \( (?: \? (?: P?<\w+> | [a-zA-Z-]*:? ) )? )
    | (?P<other> [)|] | [*+?]\?? | \{\d+(?:,\d*)?\}\?? )
    | (?P<character> . )
    """,
    re.VERBOSE | re.DOTALL,
)
_DOT_IS_ALL = re.compile(r"\(\?[a-zA-Z]*s")
_IN_BRACKETS = re.compile(r"\\([wWdDsS])")


@dataclass(frozen=True, slots=True)
class Pattern:
    """An expression for RE2, and the preparation of a text before the search."""

    expression: str
    prepare: Callable[[str], str]


def understood(written: str) -> Pattern:
    """Translate a written pattern. Raises Unfit for a pattern that RE2 cannot express."""
    tokens = list(_TOKEN.finditer(written))
    marked = any(token["boundary"] for token in tokens)
    if marked and any(token["position"] == r"\B" for token in tokens):
        raise Unfit(r'must not have both "\b" and "\B"')
    any_character = "." if not marked else f"[^{_MARK}]" if _DOT_IS_ALL.search(written) else f"[^\\n{_MARK}]"
    parts = []
    before = ""
    for token in tokens:
        part = _taking(any_character, marked) if token[0] == "." else _part(token, marked)
        # Two boundaries in the same place count as one.
        if not (token["boundary"] and before == "boundary"):
            parts.append(part)
        before = token.lastgroup or ""
    return Pattern("".join(parts), _with_marks if marked else _as_it_is)


def _part(token: re.Match[str], marked: bool) -> str:
    """The translation of one token."""
    kind, text = token.lastgroup, token[0]
    if kind == "boundary":
        return _MARK
    if kind in {"position", "group", "other"}:
        return f"{_MARK}?{text}" if marked and text in {"$", r"\z"} else text
    if kind == "quoted":
        return "".join(_taking(re.escape(letter), marked) for letter in token["quoted"])
    if kind == "class":
        name = token["class"]
        inside = _CLASSES[name.lower()]
        return _taking(
            f"[{'^' if name.isupper() else ''}{inside}{_MARK if marked and name.isupper() else ''}]", marked
        )
    if kind == "brackets":
        return _taking(f"[{_brackets(token['brackets'], marked)}]", marked)
    if marked and kind == "escape" and text[1] in "PC":
        raise Unfit(rf'must not have both "\b" and "{text}"')
    return _taking(text, marked)


def _brackets(inside: str, marked: bool) -> str:
    translated = _IN_BRACKETS.sub(lambda found: (_CLASSES | _OPPOSITES)[found[1]], inside)
    return f"{translated}{_MARK}" if marked and inside.startswith("^") else translated


def _taking(one: str, marked: bool) -> str:
    """Match one character, after skipping a mark before it."""
    return f"(?:{_MARK}?{one})" if marked else one


def _as_it_is(text: str) -> str:
    return text


def _with_marks(text: str) -> str:
    return re.sub(r"\b", _MARK, text.replace(_MARK, ""))
