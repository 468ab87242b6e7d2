# SPDX-License-Identifier: GPL-3.0-or-later
"""Every file of pydicom's goes through every operator, and dcmtk is asked what stands in it."""

import re
import subprocess
from functools import lru_cache
from pathlib import Path
from typing import Any

import pytest
from pydicom import Dataset, dcmread

from router.rules import Reading, Rule, RuleError, operators
from unit.rules.rule_samples import MOMENT, condition, explained_condition
from unit.rules.sample_files import sample_paths

PATHS = sample_paths()
NAMES = [path.name for path in PATHS]
ENTRIES = operators()
OPPOSITES = {entry.negates: entry.name for entry in ENTRIES if entry.negates}

#: Operators that hold, and do not, between a value and itself.
REFLEXIVE = {
    "equals",
    "in",
    "contains",
    "starts_with",
    "ends_with",
    "less_or_equal",
    "greater_or_equal",
    "between",
}
IRREFLEXIVE = {"less_than", "greater_than"}

pytestmark = pytest.mark.filterwarnings("ignore::UserWarning")


@lru_cache(maxsize=100_000)
def rule_upon(tag: str, operator: str, value: str | int | float | None) -> Rule | None:
    """The rule that compares a tag with one value, in the form the operator wants; None where refused."""
    form = next(entry.value for entry in ENTRIES if entry.name == operator)
    try:
        return condition(
            tag, operator, {"none": None, "one": value, "two": [value, value], "list": [value]}[form]
        )
    except RuleError:
        return None


def paths_of(dataset: Dataset, before: str = "") -> list[str]:
    """Written tags of all levels; private ones by creator."""
    paths: list[str] = []
    for element in dataset:
        tag = element.tag
        if tag.is_private and not tag.is_private_creator:
            if (
                not element.private_creator
                or '"' in element.private_creator
                or "\\" in element.private_creator
            ):
                continue
            written = f'{tag.group:04X},"{element.private_creator}",{tag.element & 0xFF:02X}'
        else:
            written = f"{tag.group:04X},{tag.element:04X}"
        paths.append(before + written)
        if element.VR == "SQ" and before.count(".") < 3:
            for index, item in enumerate(element.value[:2]):
                paths.extend(paths_of(item, f"{before}{written}[{index}]."))
    return paths


def readable_paths(path: Path) -> list[str]:
    """Paths of a file as pydicom finds them; the uppermost level alone where pydicom cannot read on."""
    dataset = dcmread(path, force=True)
    try:
        return paths_of(dataset)
    except Exception:  # noqa: BLE001 - it is pydicom's failure, and the reason to have a fallback
        return [f"{tag.group:04X},{tag.element:04X}" for tag in dcmread(path, force=True).keys()]  # noqa: SIM118


@pytest.mark.parametrize("path", PATHS, ids=NAMES)
def test_every_tag_of_a_file_through_every_operator(path: Path) -> None:
    reading = Reading.of_dataset(dcmread(path, force=True), {"@RemoteAET": "CT1"})
    for tag in readable_paths(path):
        presence = rule_upon(tag, "exists", None)
        if presence is None:
            continue
        values = explained_condition(presence, reading)["actual"]
        own = len(values) == 1 and len(str(values[0])) < 200
        value: Any = values[0] if own else "1"
        for entry in ENTRIES:
            rule = rule_upon(tag, entry.name, value)
            if rule is None:
                continue
            verdict = rule.evaluate(reading, MOMENT)
            explained = explained_condition(rule, reading)
            assert explained["matches"] is verdict
            if entry.name in OPPOSITES:
                opposite = rule_upon(tag, OPPOSITES[entry.name], value)
                assert opposite is not None
                assert opposite.evaluate(reading, MOMENT) is not verdict
            comparable = "cannot be compared" not in explained["reason"]
            if own and comparable:
                if entry.name in REFLEXIVE:
                    assert verdict is True, explained
                if entry.name in IRREFLEXIVE:
                    assert verdict is False, explained


def dumped(path: Path) -> dict[str, str]:
    """What dcmdump reads in the uppermost level, as UTF-8: tag to values parted by backslashes."""
    done = subprocess.run(
        ["dcmdump", "-q", "+L", "-Un", "+U8", "+R", "4", str(path)],
        capture_output=True,
        check=False,
        timeout=60,
    )
    if done.returncode != 0:
        return {}
    line = re.compile(
        r"^\(([0-9a-f]{4},[0-9a-f]{4})\) ([A-Z]{2}) (?:\[(.*)\]|([^(\[\s]\S*))\s+# ", re.MULTILINE
    )
    return {
        f"{match[1].upper()}|{match[2]}": match[3] if match[3] is not None else match[4]
        for match in line.finditer(done.stdout.decode("utf-8", "replace"))
    }


#: Big enough a part of the files, of every kind; those in ISO 2022 of Japan dcmdump cannot convert.
SECOND_OPINION = (
    "CT_small.dcm|MR_small.dcm|MR_small_bigendian.dcm|MR_small_implicit.dcm|ExplVR_BigEnd.dcm|JPEG2000.dcm|rtplan.dcm"
    "|rtdose.dcm|rtstruct.dcm|reportsi.dcm|test-SR.dcm|waveform_ecg.dcm|image_dfl.dcm|liver_1frame.dcm|693_J2KI.dcm"
    "|examples_overlay.dcm|examples_palette.dcm|chrArab.dcm|chrFren.dcm|chrFrenMulti.dcm|chrGerm.dcm"
    "|chrGreek.dcm|chrHbrw.dcm|chrI2.dcm|chrKoreanMulti.dcm|chrRuss.dcm|chrX1.dcm|chrX2.dcm"
).split("|")


@pytest.mark.parametrize(
    "path", [path for path in PATHS if path.name in SECOND_OPINION], ids=lambda path: path.name
)
def test_dcmtk_reads_the_same_values(path: Path) -> None:
    reading = Reading.of_dataset(dcmread(path, force=True), {})
    compared = 0
    for key, text in dumped(path).items():
        tag, vr = key.split("|")
        rule = rule_upon(tag, "exists", None)
        if rule is None or tag == "0008,0005" or vr in {"OB", "OW", "UN", "AT", "FD", "FL"}:
            continue
        actual = [str(value) for value in explained_condition(rule, reading)["actual"]]
        if len(actual) >= 20 or any("bytes" in value for value in actual):
            continue
        parts = [text] if vr in {"ST", "LT", "UT"} else text.split("\\")
        expected = [part.rstrip() if vr in {"ST", "LT", "UT"} else part.strip() for part in parts]
        assert actual == [part for part in expected if part.strip("^=" if vr == "PN" else "")], (tag, vr)
        compared += 1
    assert compared >= 1


@pytest.mark.parametrize(
    ("name", "patient"),
    [
        ("chrH31.dcm", "Yamada^Tarou=山田^太郎=やまだ^たろう"),
        ("chrH32.dcm", "ﾔﾏﾀﾞ^ﾀﾛｳ=山田^太郎=やまだ^たろう"),
        ("chrI2.dcm", "Hong^Gildong=洪^吉洞=홍^길동"),
        ("chrX1.dcm", "Wang^XiaoDong=王^小東="),
        ("chrSQEncoding.dcm", "ﾔﾏﾀﾞ^ﾀﾛｳ=山田^太郎=やまだ^たろう"),
    ],
)
def test_the_examples_of_the_standard(name: str, patient: str) -> None:
    """PS3.5, annexes H to K."""
    (path,) = [path for path in PATHS if path.name == name]
    dataset = dcmread(path)
    tag = "PatientName" if "PatientName" in dataset else "RequestedProcedureCodeSequence.PatientName"
    explained = explained_condition(
        condition(tag, "equals", patient.rstrip("=")), Reading.of_dataset(dataset, {})
    )
    assert explained["actual"] == [patient]
    assert explained["matches"] is True
