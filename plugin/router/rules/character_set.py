"""Bytes to Unicode by Specific Character Set (PS3.3 C.12.1.1.2, PS3.5 6.1), ISO 2022 included."""

import re
from collections.abc import Sequence

from pydicom import charset

#: VRs that Specific Character Set applies to (PS3.5, 6.1.2.2); all others are ASCII.
AFFECTED_VRS = frozenset({"LO", "LT", "PN", "SH", "ST", "UC", "UN", "UT"})

#: What is read as Latin-1: ASCII, as PS3.5 has it, and what devices put there that say nothing.
DEFAULT: str = charset.default_encoding

_DELIMITERS = set(b"\\\r\n\f\t")
_NAME_DELIMITERS = set(b"\\^=")


def encodings(terms: Sequence[str]) -> list[str]:
    """Python's names for the defined terms, unknown ones being the default."""
    names = [charset.python_encoding.get(_corrected(term), DEFAULT) for term in terms]
    if terms and _corrected(terms[0]) in charset.STAND_ALONE_ENCODINGS:
        return names[:1]
    return names


def decode(value: bytes, names: Sequence[str], vr: str) -> str:
    """The text that the bytes of a value stand for; what cannot be decoded becomes U+FFFD."""
    if vr not in AFFECTED_VRS:
        return value.decode("latin-1")
    try:
        text = charset.decode_bytes(value, names, _NAME_DELIMITERS if vr == "PN" else _DELIMITERS)
    except (LookupError, ValueError):
        return value.decode("latin-1")
    # pydicom leaves the escape sequence of GB 2312 in the text.
    return text.replace("\x1b$)A", "")


def _corrected(term: str) -> str:
    """The term with the separators that some devices misspell (`ISO-IR 100`, `ISO 2022-IR-87`)."""
    term = re.sub(r"^ISO.IR.?(?=\d)", "ISO_IR ", term.strip().upper())
    return re.sub(r"^ISO.2022.IR.(?=\d)", "ISO 2022 IR ", term)
