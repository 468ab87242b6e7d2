# SPDX-License-Identifier: GPL-3.0-or-later
"""Numbers (DS, IS, FL, FD, US, SS, UL, SL, SV, UV) and ages (AS) as in PS3.5, 6.2."""

import math
import re
import struct
from decimal import Decimal

from router.rules.problem import Unfit, quoted
from router.rules.raw import Opaque, Raw
from router.rules.span import Number, Span

_NUMBER = re.compile(r"[+-]?(\d{1,64}(\.\d{0,64})?|\.\d{1,64})([eE][+-]?\d{1,3})?", re.ASCII)
_AGE = re.compile(r"(\d{1,3})([DWMY])", re.ASCII | re.IGNORECASE)

#: The most bits of a whole number; no VR has longer ones.
_MOST_BITS = 256

#: The ranges of the whole-number VRs. IS holds 32-bit integers (PS3.5, table 6.2-1).
WHOLE_RANGES: dict[str, tuple[int, int]] = {
    "IS": (-(2**31), 2**31 - 1),
    "US": (0, 2**16 - 1),
    "SS": (-(2**15), 2**15 - 1),
    "US or SS": (-(2**15), 2**16 - 1),
    "UL": (0, 2**32 - 1),
    "SL": (-(2**31), 2**31 - 1),
    "UV": (0, 2**64 - 1),
    "SV": (-(2**63), 2**63 - 1),
}

# Ages are counted in 1/4800 of a day, in which day, week, month and year of the Gregorian calendar
# (146,097 days in 400 years) are all whole numbers.
_YEAR = 146_097 * 12
_AGE_UNITS = {"D": 4800, "W": 7 * 4800, "M": 146_097, "Y": _YEAR}


def number(raw: Raw) -> Number:
    """The exact number. Raises Unfit if it is none."""
    if isinstance(raw, str):
        text = raw.strip()
        if not _NUMBER.fullmatch(text):
            raise Unfit(f"{quoted(raw)} is not a number")
        return Decimal(text)
    if isinstance(raw, Opaque):
        raise Unfit(f"{raw} is not a number")
    if isinstance(raw, float) and not math.isfinite(raw):
        raise Unfit(f"{raw} is not a finite number")
    if isinstance(raw, int) and raw.bit_length() > _MOST_BITS:
        raise Unfit("the number is too long")
    return raw


def number_span(raw: Raw, vr: str) -> Span:
    """A number as it is compared: FL and FD in their own precision, so that 0.1 equals 0.1."""
    value = number(raw)
    if vr == "FL":
        value = _single(value)
    elif vr in {"FD", "OD"}:
        value = float(value)
    elif isinstance(value, float):
        value = Decimal(repr(value))
    return Span(value, value)


def wanted_number(written: object, vr: str, operator: str) -> Span:
    """The number to compare with. Raises Unfit if it is none, or if the VR cannot hold it."""
    if isinstance(written, bool) or not isinstance(written, str | int | float):
        raise Unfit("must be a number")
    span = number_span(written, vr)
    if operator in {"equals", "in"} and vr in WHOLE_RANGES:
        low, high = WHOLE_RANGES[vr]
        if not low <= span.first <= high or span.first % 1 != 0:
            raise Unfit(f"must be a whole number from {low} to {high}, because the tag's VR is {vr}")
    return span


def age_span(raw: Raw) -> Span:
    """An age (`018Y`, `18Y`) as a duration. Raises Unfit if it is none."""
    match = _AGE.fullmatch(raw.strip()) if isinstance(raw, str) else None
    if match is None:
        raise Unfit(f"{quoted(raw)} is not an age such as 045Y, 018M, 003W or 012D")
    duration = int(match[1]) * _AGE_UNITS[match[2].upper()]
    return Span(duration, duration)


def wanted_age(written: object) -> Span:
    """The age to compare with; a number, or digits only, means years. Raises Unfit."""
    if isinstance(written, str) and not written.strip().replace(".", "", 1).isdecimal():
        try:
            return age_span(written)
        except Unfit:
            raise Unfit("must be an age such as 45Y, 18M, 3W or 12D, or a number of years") from None
    if isinstance(written, bool) or not isinstance(written, str | int | float):
        raise Unfit("must be an age such as 45Y, 18M, 3W or 12D, or a number of years")
    years = number(written)
    if not 0 <= years <= 999:
        raise Unfit("must be an age from 0 to 999 years")
    duration = Decimal(str(years)) * _YEAR
    return Span(duration, duration)


def _single(value: Number) -> float:
    """The nearest number in FL precision."""
    try:
        (single,) = struct.unpack("<f", struct.pack("<f", float(value)))
    except OverflowError:
        return math.inf if value > 0 else -math.inf
    return float(single)
