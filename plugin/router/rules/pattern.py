# SPDX-License-Identifier: GPL-3.0-or-later
"""Regular expressions as people mean them, for RE2, to which `\\w`, `\\d`, `\\s` and `\\b` mean ASCII alone.

The classes become those of Unicode. A word boundary cannot be said of Unicode's letters in RE2: where a
pattern has one, each boundary of the text is marked by a character, the pattern asks for the mark, and what
takes a character anywhere else in it passes over a mark before it.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass

from router.rules.problem import Unfit

#: Of Unicode's private use (PS3.5, 6.1 has no use for it); it is taken out of texts.
_MARK = "\uf8ff"
_CLASSES = {
    "w": r"\pL\pN_",
    "d": r"\p{Nd}",
    "s": r"\s\pZ",
}
#: What is not in a class, for use among others in brackets.
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
    """An expression for RE2, and what is to be made of a text before it is searched."""

    expression: str
    prepare: Callable[[str], str]


def understood(written: str) -> Pattern:
    """What a written pattern means. Raises Unfit for what cannot be said."""
    tokens = list(_TOKEN.finditer(written))
    marked = any(token["boundary"] for token in tokens)
    if marked and any(token["position"] == r"\B" for token in tokens):
        raise Unfit(r'must not have both "\b" and "\B"')
    any_character = "." if not marked else f"[^{_MARK}]" if _DOT_IS_ALL.search(written) else f"[^\\n{_MARK}]"
    parts = []
    before = ""
    for token in tokens:
        part = _taking(any_character, marked) if token[0] == "." else _part(token, marked)
        # Two boundaries at one place are one.
        if not (token["boundary"] and before == "boundary"):
            parts.append(part)
        before = token.lastgroup or ""
    return Pattern("".join(parts), _with_marks if marked else _as_it_is)


def _part(token: re.Match[str], marked: bool) -> str:
    """What stands for one token."""
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
    """What takes one character, and passes over a mark before it."""
    return f"(?:{_MARK}?{one})" if marked else one


def _as_it_is(text: str) -> str:
    return text


def _with_marks(text: str) -> str:
    return re.sub(r"\b", _MARK, text.replace(_MARK, ""))
