# SPDX-License-Identifier: GPL-3.0-or-later
"""Reads a list of codes: CSV from a spreadsheet, with the damage that spreadsheets do."""

import csv
import io
import re
from collections import Counter
from collections.abc import Iterator, Sequence
from typing import Final

from router.documents.code_list import MOST_CODES, Code
from router.documents.invalid import Invalid

#: Columns by the names that people give them, in lower case and letters only.
_COLUMNS: Final = {
    "patientid": "patient_id",
    "issuer": "issuer",
    "issuerofpatientid": "issuer",
    "code": "code",
    # The column's name in the key table.
    "pseudonym": "code",
    "name": "name",
    "patientname": "name",
    "shiftdays": "shift_days",
}
_NEEDED: Final = ("patient_id", "code")
_NAMES: Final = "patient_id, issuer, code, name, shift_days"
_SEPARATORS: Final = (",", ";", "\t")
_SEPARATOR_LINE: Final = re.compile(r'"?sep=[,;\t]"?', re.IGNORECASE)
#: The most problems reported for one list; the others are usually of the same kind.
_MOST_PROBLEMS: Final = 100
_LONGEST_LO: Final = 64
_MOST_DAYS: Final = 36_500
#: An identifier of at least this many characters is not part of a code by chance.
_TELLING: Final = 4

#: A large number as a spreadsheet shows it, a whole number with decimals, and the errors of formulas.
_ROUNDED: Final = re.compile(r"\d+(?:[.,]\d+)?E[+-]\d+", re.ASCII | re.IGNORECASE)
_DECIMAL: Final = re.compile(r"\d+[.,]0", re.ASCII)
_ERRORS: Final = re.compile(r"#(?:N/?A|REF!|VALUE!|NAME\?|NULL!|NUM!|DIV/0!|NV|#+)", re.IGNORECASE)
_CONTROL: Final = re.compile(r"[\x00-\x1f\x7f]")
_NO_LETTERS: Final = re.compile(r"[^a-z]")
#: A value that the key table marks as text (see `router.audit.cell`).
_MARKED: Final = re.compile(r"'[=+@-]")


def read_code_list(text: str) -> tuple[list[Code], list[str]]:
    """Return the codes, and warnings about valid but suspicious entries.

    The separator is a comma, a semicolon or a tab, as in the head. Raises Invalid, which numbers rows as a
    spreadsheet does (the head is row 1) and shows no value of the list.
    """
    reading = _Reading(text)
    codes = list(reading.codes())
    if reading.problems:
        told = reading.problems[:_MOST_PROBLEMS]
        if len(reading.problems) > len(told):
            told.append(("csv", f"{len(reading.problems) - len(told)} more problems are not shown"))
        raise Invalid(told)
    return codes, list(_warnings(codes))


class _Reading:
    """Reads one list, and collects its problems."""

    def __init__(self, text: str) -> None:
        self.problems: list[tuple[str, str]] = []
        self._text = text.removeprefix("\ufeff")
        #: The row of each patient.
        self._rows: dict[tuple[str, str], int] = {}

    def codes(self) -> Iterator[Code]:
        """Yield the codes of the valid rows."""
        if "\0" in self._text:
            self._problem("The text is UTF-16, or no text at all: save it as CSV UTF-8")
            return
        rows = self._parsed()
        head = next(rows, None)
        if head is None:
            self._problem("It is empty")
            return
        columns = self._columns(*head)
        if columns is None:
            return
        number = 0
        for row, values in rows:
            number += 1
            if number > MOST_CODES:
                self._problem(f"It has more than {MOST_CODES:,} rows")
                return
            if len(values) != len(columns):
                self._wrong(
                    row, "", f"has {len(values)} values, and the head {len(columns)}: look at its quotes"
                )
                continue
            code = self._code(row, dict(zip(columns, map(_plain, values), strict=True)))
            if code is not None:
                yield code
        if not number and not self.problems:
            self._problem("It has a head, and no rows")

    def _parsed(self) -> Iterator[tuple[int, Sequence[str]]]:
        """Yield the rows that are not empty, with their numbers."""
        lines = list(io.StringIO(self._text, newline=""))
        # A first line such as `sep=;` tells spreadsheets the separator.
        row = int(bool(lines) and _SEPARATOR_LINE.fullmatch(lines[0].rstrip("\r\n")) is not None)
        head = lines[row] if len(lines) > row else ""
        separator = max(_SEPARATORS, key=head.count)
        try:
            for values in csv.reader(lines[row:], delimiter=separator, strict=True):
                row += 1
                if any(value.strip() for value in values):
                    yield row, values
        except csv.Error:
            self._wrong(row + 1, "", "has a quote that does not end, or something behind one")

    def _columns(self, row: int, head: Sequence[str]) -> list[str] | None:
        """Return the field of each column; None where the head is not understood."""
        found = [_COLUMNS.get(_NO_LETTERS.sub("", name.lower()), "") for name in head]
        missing = [field for field in _NEEDED if field not in found]
        if missing:
            self._wrong(
                row, "", f"has no column {' and '.join(missing)}: it has to name the columns ({_NAMES})"
            )
        for number, field in enumerate(found, 1):
            if not field:
                self._wrong(row, "", f"does not say what column {number} is: there are {_NAMES}")
            elif field in found[: number - 1]:
                self._wrong(row, "", f"has two columns {field}")
        return None if self.problems else found

    def _code(self, row: int, values: dict[str, str]) -> Code | None:
        before = len(self.problems)
        for field, value in values.items():
            if field != "shift_days":
                self._check(row, field, value)
        identifier, code = values["patient_id"], values["code"]
        if code and code == identifier:
            self._wrong(row, "code", "is the Patient ID itself")
        days = self._days(row, values.get("shift_days", ""))
        key = identifier, values.get("issuer", "")
        other = self._rows.setdefault(key, row)
        if identifier and other != row:
            self._wrong(row, "patient_id", f"is the same patient as in row {other}")
        if len(self.problems) > before:
            return None
        return Code(
            patient_id=identifier, issuer=key[1], code=code, name=values.get("name", ""), shift_days=days
        )

    def _check(self, row: int, field: str, value: str) -> None:
        if not value:
            if field in _NEEDED:
                self._wrong(row, field, "is empty")
            return
        if "\ufffd" in value:
            self._wrong(row, field, "has a letter that was lost: save the list as CSV UTF-8")
        elif _ERRORS.fullmatch(value):
            self._wrong(row, field, "is an error of a spreadsheet, and no value")
        elif field in _NEEDED and _ROUNDED.fullmatch(value):
            self._wrong(
                row,
                field,
                "is a large number that a spreadsheet has rounded: have the column be text, and enter it"
                " again",
            )
        elif field in _NEEDED and _DECIMAL.fullmatch(value):
            self._wrong(row, field, "is a whole number that a program has given decimals")
        elif _CONTROL.search(value):
            self._wrong(row, field, "has a line break, a tab or another control character")
        elif "\\" in value:
            self._wrong(row, field, "has a backslash, which separates values in DICOM")
        elif field in {"code", "name"} and not value.isascii():
            self._wrong(row, field, "has letters beyond ASCII, which not every image can hold")
        elif len(value) > _LONGEST_LO:
            self._wrong(row, field, f"has more than {_LONGEST_LO} characters, which an image cannot hold")
        elif field == "name" and not _is_name(value):
            self._wrong(row, field, "is no Person Name of DICOM (PS3.5, 6.2)")

    def _days(self, row: int, value: str) -> int | None:
        if not value:
            return None
        if not (value.isascii() and value.isdecimal() and 1 <= int(value) <= _MOST_DAYS):
            self._wrong(
                row,
                "shift_days",
                f"must be a whole number from 1 to {_MOST_DAYS}: by so many days dates go back",
            )
            return None
        return int(value)

    def _wrong(self, row: int, field: str, message: str) -> None:
        if field:
            self.problems.append((f"csv[{row}].{field}", f"Row {row}, {field}, {message}"))
        else:
            self.problems.append((f"csv[{row}]", f"Row {row} {message}"))

    def _problem(self, message: str) -> None:
        self.problems.append(("csv", message))


def _plain(value: str) -> str:
    """Return a value without the mark that keeps spreadsheets from taking a text for a formula."""
    value = value.strip()
    return value[1:] if _MARKED.match(value) else value


def _is_name(value: str) -> bool:
    """Whether the value has at most three groups of at most five components (PS3.5, 6.2)."""
    groups = value.split("=")
    return len(groups) <= 3 and all(group.count("^") < 5 for group in groups)


def _warnings(codes: Sequence[Code]) -> Iterator[str]:
    """Yield warnings about codes that are possible, but often wrong."""
    identifiers = [code.patient_id for code in codes]
    lengths = {len(one) for one in identifiers}
    is_numbers = all(one.isascii() and one.isdecimal() for one in identifiers)
    if is_numbers and len(lengths) > 1 and not any(one.startswith("0") for one in identifiers):
        yield (
            f"All identifiers are numbers, of {min(lengths)} to {max(lengths)} digits, and none begins with a"
            " zero: if those of the images do, a spreadsheet has taken the zeros away"
        )
    shared = sum(count for count in Counter(code.code for code in codes).values() if count > 1)
    if shared:
        yield f"{shared} rows share their code with others: their images will look like those of one patient"
    told = sum(len(one.patient_id) >= _TELLING and one.patient_id in one.code for one in codes)
    if told:
        yield f"{told} codes have the Patient ID in them"
