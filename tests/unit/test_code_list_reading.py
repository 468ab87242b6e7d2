# SPDX-License-Identifier: GPL-3.0-or-later
"""Lists of codes as spreadsheets write and damage them."""

import pytest

from router.administration.code_list_reading import read_code_list
from router.documents.code_list import MOST_CODES, Code
from router.documents.invalid import Invalid

PLAIN = [Code(patient_id="0077", code="T-1"), Code(patient_id="0078", code="T-2")]


@pytest.mark.parametrize(
    "text",
    [
        "patient_id,code\n0077,T-1\n0078,T-2\n",
        "patient_id;code\r\n0077;T-1\r\n0078;T-2\r\n",
        "patient_id\tcode\r0077\tT-1\r0078\tT-2",
        "\ufeffPatientID,Code\n 0077 , T-1 \n\n0078,T-2\n,\n",
        'sep=;\n"Patient ID";"Pseudonym"\n"0077";"T-1"\n"0078";"T-2"\n',
        "code,patient_id,issuer,name,shift_days\nT-1,0077,,,\nT-2,0078,,,\n",
    ],
    ids=["comma", "semicolon", "tab", "byte order mark", "quoted", "all columns"],
)
def test_it_is_read_in_each_form_that_spreadsheets_write(text: str) -> None:
    assert read_code_list(text) == (PLAIN, [])


def test_issuer_name_and_shift_are_read() -> None:
    text = "PatientID,IssuerOfPatientID,Code,PatientName,shift days\n77,A,T-1,Trial^One,12\n77,*,T-2,,\n"
    codes = [
        Code(patient_id="77", issuer="A", code="T-1", name="Trial^One", shift_days=12),
        Code(patient_id="77", issuer="*", code="T-2"),
    ]
    assert read_code_list(text) == (codes, [])


def test_the_mark_of_a_text_that_is_no_formula_is_taken_away() -> None:
    [code], _ = read_code_list("patient_id,code\n'=1+1,'-5\n")
    assert (code.patient_id, code.code) == ("=1+1", "-5")


@pytest.mark.parametrize(
    ("text", "path", "words"),
    [
        ("", "csv", "empty"),
        ("patient_id,code\n", "csv", "no rows"),
        ("p\0a\0", "csv", "UTF-16"),
        ("0077,T-1\n", "csv[1]", "has to name the columns"),
        ("patient_id,code,age\n77,T-1,3\n", "csv[1]", "column 3"),
        ("patient_id,code,patientid\n77,T-1,3\n", "csv[1]", "two columns"),
        ("patient_id,code\n77,T-1,3\n", "csv[2]", "3 values"),
        ('patient_id,code\n77,"T-1\n78,T-2\n', "csv[2]", "quote"),
        ("patient_id,code\n77,\n", "csv[2].code", "empty"),
        ("patient_id,code\n,T-1\n", "csv[2].patient_id", "empty"),
        ("patient_id,code\n78,T-1\n\n77,T-2\n78,T-3\n", "csv[5].patient_id", "row 2"),
        ("patient_id,code\n1E+05,T-1\n", "csv[2].patient_id", "rounded"),
        ("patient_id;code\n1,23457E+11;T-1\n", "csv[2].patient_id", "rounded"),
        ("patient_id,code\n77,1.5e+10\n", "csv[2].code", "rounded"),
        ("patient_id,code\n77.0,T-1\n", "csv[2].patient_id", "decimals"),
        ("patient_id,code\n77,#N/A\n", "csv[2].code", "error"),
        ("patient_id,code\n77,#######\n", "csv[2].code", "error"),
        ("patient_id,code\n77,77\n", "csv[2].code", "itself"),
        (f"patient_id,code\n77,{'T' * 65}\n", "csv[2].code", "64"),
        ("patient_id,code\n77,T\\1\n", "csv[2].code", "backslash"),
        ('patient_id,code\n77,"T\n1"\n', "csv[2].code", "line break"),
        ("patient_id,code\n77,Tü\n", "csv[2].code", "ASCII"),
        ("patient_id,code\nM\ufffdller,T-1\n", "csv[2].patient_id", "lost"),
        ("patient_id,code,name\n77,T-1,a^b^c^d^e^f\n", "csv[2].name", "Person Name"),
        ("patient_id,code,shift_days\n77,T-1,0\n", "csv[2].shift_days", "from 1"),
        ("patient_id,code,shift_days\n77,T-1,-3\n", "csv[2].shift_days", "from 1"),
        ("patient_id,code,shift_days\n77,T-1,1.5\n", "csv[2].shift_days", "from 1"),
    ],
)
def test_damage_is_told_by_row_and_without_values(text: str, path: str, words: str) -> None:
    with pytest.raises(Invalid) as refused:
        read_code_list(text)
    [(found, message)] = [one for one in refused.value.problems if words in one[1]]
    assert found == path
    assert not {"77", "T-1", "T-2", "1E+05"} & set(message.replace(",", "").split())


def test_all_rows_are_told_but_not_without_end() -> None:
    text = "patient_id,code\n" + "".join(f"P{number},\n" for number in range(150))
    with pytest.raises(Invalid) as refused:
        read_code_list(text)
    assert len(refused.value.problems) == 101
    assert refused.value.problems[-1] == ("csv", "50 more problems are not shown")


def test_there_is_an_end_to_its_length() -> None:
    rows = "".join(f"P{number},T{number}\n" for number in range(MOST_CODES))
    assert len(read_code_list(f"patient_id,code\n{rows}")[0]) == MOST_CODES
    with pytest.raises(Invalid, match="100,000"):
        read_code_list(f"patient_id,code\n{rows}one more,T\n")


@pytest.mark.parametrize(
    ("rows", "words"),
    [
        ("1077,A\n78,B\n", "zeros away"),
        ("77,A\n78,A\n", "2 rows share"),
        ("MUELLER1,T-MUELLER1\n", "1 codes have"),
    ],
)
def test_what_may_be_wrong_is_said(rows: str, words: str) -> None:
    codes, [warning] = read_code_list(f"patient_id,code\n{rows}")
    assert words in warning
    assert codes
