# SPDX-License-Identifier: GPL-3.0-or-later
"""Decode bytes by Specific Character Set (PS3.3 C.12.1.1.2, PS3.5 6.1), ISO 2022 included."""

import re
from collections.abc import Sequence

from pydicom import charset

#: VRs that Specific Character Set applies to (PS3.5, 6.1.2.2); all others are ASCII.
AFFECTED_VRS = frozenset({"LO", "LT", "PN", "SH", "ST", "UC", "UN", "UT"})

#: The default is Latin-1. It covers ASCII, the default of PS3.5, and the letters of devices that name no set.
DEFAULT: str = charset.default_encoding

_DELIMITERS = set(b"\\\r\n\f\t")
_NAME_DELIMITERS = set(b"\\^=")


#: Wrong terms that devices write, with letters and digits only, and Python's name for the encoding. Where a
#: term may mean several encodings, it is the one that has all characters of the others.
_MISSPELT = {
    "ASCII": DEFAULT,
    "USASCII": DEFAULT,
    "UTF8": "UTF8",
    "UNICODE": "UTF8",
    "LATIN1": "latin_1",
    "LATIN9": "iso8859_15",
    "WINDOWS1252": "cp1252",
    "CP1252": "cp1252",
    "GB2312": "GB18030",
    "GB231280": "GB18030",
    "EUCCN": "GB18030",
    "CP936": "GBK",
    "BIG5": "big5",
    "EUCKR": "euc_kr",
    "KSC5601": "euc_kr",
    "KSX1001": "euc_kr",
    "SHIFTJIS": "shift_jis",
    "SJIS": "shift_jis",
}
#: Encodings by their ISO-IR number: those of code extension terms, and some that pydicom does not know.
_BY_NUMBER = {
    **{
        re.sub(r"[^0-9]", "", term.removeprefix("ISO 2022")): name
        for term, name in charset.python_encoding.items()
        if term.startswith("ISO 2022 IR")
    },
    "13": "shift_jis",
    "192": "UTF8",
    "203": "iso8859_15",
}
_STAND_ALONE = frozenset(charset.python_encoding[term] for term in charset.STAND_ALONE_ENCODINGS)


def encodings(terms: Sequence[str]) -> list[str]:
    """Python's names for the defined terms. An unknown term becomes the default."""
    names = [_encoding(term) for term in terms]
    return names[:1] if names and names[0] in _STAND_ALONE else names


def decode(value: bytes, names: Sequence[str], vr: str) -> str:
    """Return the text of a value. Latin-1 replaces an unusable encoding; bad bytes become U+FFFD."""
    if vr not in AFFECTED_VRS:
        return value.decode("latin-1")
    try:
        text = charset.decode_bytes(value, names, _NAME_DELIMITERS if vr == "PN" else _DELIMITERS)
    except (LookupError, ValueError):
        return value.decode("latin-1")
    # pydicom leaves the escape sequence of GB 2312 in the text.
    return text.replace("\x1b$)A", "")


def _encoding(term: str) -> str:
    """Python's name for a defined term, even a misspelt one (`ISO-IR 100`, `UTF-8`)."""
    term = term.strip().upper()
    if term in charset.python_encoding:
        return charset.python_encoding[term]
    bare = re.sub(r"[^A-Z0-9]", "", term)
    numbered = re.fullmatch(r"ISO(?:2022)?IR(\d+)", bare)
    if numbered:
        return _BY_NUMBER.get(numbered[1], DEFAULT)
    part = re.fullmatch(r"(?:ISO)?8859(\d{1,2})", bare)
    if part:
        return f"iso8859_{part[1]}"
    return _MISSPELT.get(bare) or charset.python_encoding.get(bare, DEFAULT)
