# SPDX-License-Identifier: GPL-3.0-or-later
"""Bytes that a fuzzer makes up, guided by what they reach in the code (atheris, libFuzzer).

    tests/fuzz/run SECONDS [TARGET...]

Each target names the errors with which it may refuse; any other is a fault, as is an input that takes longer
than ten seconds or more than two gigabytes. What is found lies in tests/output/fuzz, to be tried again:

    .venv/fuzz/bin/python tests/fuzz/fuzz.py TARGET FILE
"""

import io
import sys
from collections.abc import Callable, Mapping
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final

import atheris

REPOSITORY: Final = Path(__file__).parents[2]
sys.path.insert(0, str(REPOSITORY / "plugin"))

with atheris.instrument_imports(["router", "pydicom", "python_multipart"], enable_loader_override=False):
    from pydicom.data import get_testdata_file

    from router.administration.case_running import CaseRunner
    from router.administration.policy_drafts import PolicyDrafts
    from router.destinations.bundle import BrokenBundle, read_bundle
    from router.documents.invalid import Invalid
    from router.documents.policy import Case
    from router.documents.transform import Transform
    from router.documents.yaml_text import NotYaml, read_yaml
    from router.intake.stored_instances import StoredInstance, StoredInstances
    from router.lineage import ResultRefused, _place
    from router.orthanc_api import OrthancApi, OrthancError
    from router.review import CaseResult
    from router.rules import Moment, Rule, compile_rule
    from router.templates import FileTags, NotDicom, Template, TemplateError
    from router.transforms.pseudonyms import Pseudonyms
    from router.transforms.transformer import Transformer
    from router.transforms.untransformable import Untransformable

NOW: Final = datetime(2024, 5, 31, tzinfo=UTC)
RULE: Final = compile_rule(
    {
        "any": [
            {"tag": "StudyDate", "operator": "less_than", "value": "today-7d"},
            {"tag": "StudyTime", "operator": "between", "value": ["08:00", "17:00"]},
            {"tag": "PatientAge", "operator": "less_than", "value": "18Y"},
            {"tag": "PatientName", "operator": "matches", "value": "^DOE"},
            {"tag": "BeamSequence[0].BeamName", "operator": "contains", "value": "x"},
            {"tag": "Rows", "operator": "greater_than", "value": 1000},
            {"tag": '0029,"SIEMENS CSA HEADER",10', "operator": "exists"},
        ]
    },
    "instance",
)
TEXT: Final = Template("{{ PatientName | name }} {{ StudyDate | date }} {{ Rows }}")
CHANGES: Final = [
    Transformer(Transform.model_validate(change), Pseudonyms(bytes(32)))
    for change in (
        {"anonymize": True},
        {"replace": {"PatientID": "{{ pseudonym(PatientID) }}"}, "remove": ["StudyDescription"]},
        {"redact": [{"rectangles": [[0, 0, 9, 9]]}]},
    )
]
CONTENT_TYPES: Final = (
    "application/dicom",
    "application/octet-stream",
    "multipart/related; boundary=b",
    "application/zip",
)
POLICIES: Final = (
    """
name: CT chest
trigger: {level: study, quiet_seconds: 60}
rule:
  all:
    - {tag: Modality, operator: in, value: [CT, MR]}
    - not: {tag: PatientAge, operator: less_than, value: 018Y}
    - {tag: "@RemoteAET", operator: matches, value: "^CT[0-9]+$"}
actions:
  - {type: modify, transform: {anonymize: true, replace: {PatientID: "{{ pseudonym(PatientID) }}"}}}
  - {type: label, label: seen}
  - {type: delete, window: {days: [monday], from: "22:00", to: "06:00", timezone: Europe/Vienna}}
cases: [{name: one, tags: {Modality: CT, PatientAge: 060Y}, matches: false}]
""",
    """
{"name": "x", "rule": {"any": [{"tag": "0008,1030", "operator": "between", "value": [1, 2.5]},
 {"tag": "RequestAttributesSequence[0].ScheduledProcedureStepID", "operator": "exists"}]},
 "enabled": false, "stop": true, "fallback": true, "order": -1}
""",
)


class Archive(OrthancApi):
    """Has one file."""

    def __init__(self, file: bytes) -> None:
        self._file = file

    def headers(
        self, files: Mapping[str, str], take: Callable[[Callable[[int], bytes]], Any]
    ) -> list[tuple[Any] | OrthancError]:
        return [(take(io.BytesIO(self._file).read),) for _ in files]


class NothingStored:
    """`router.administration.case_running.StoredCases` of an empty archive."""

    def run(self, case: Case, _rule: Rule) -> CaseResult:
        return CaseResult(case.name, True, case.matches)


DRAFTS: Final = PolicyDrafts(CaseRunner(NothingStored(), lambda: NOW), lambda: "mainline")


def dicom(data: bytes) -> None:
    """A DICOM file, as policies, templates and transforms read it."""
    stored = StoredInstance("i", series="s", study="t", parents={}, tags={}, facts={}, size=len(data))
    stored_instances = StoredInstances(Archive(data))
    stored_instances.asked = RULE.tags
    (header,) = stored_instances.headers_of([stored])
    RULE.evaluate(stored_instances.reading_of_header(stored, header, {}), Moment(NOW))
    with suppress(NotDicom, TemplateError):
        TEXT.render(FileTags(data))
    for change in CHANGES:
        with suppress(Untransformable):
            change(data)


def policy(data: bytes) -> None:
    """A policy as somebody writes it, in JSON or YAML."""
    with suppress(NotYaml, Invalid):
        DRAFTS.checked(read_yaml(data.decode("utf-8", "replace")), [])


def result(data: bytes) -> None:
    """What a service answers; the first byte chooses the type."""
    content_type = CONTENT_TYPES[data[0] % len(CONTENT_TYPES)] if data else ""
    with suppress(BrokenBundle):
        for file in read_bundle(io.BytesIO(data[1:]), content_type, 1_000_000):
            with suppress(ResultRefused):
                _place(file)


TARGETS: Final[Mapping[str, Callable[[bytes], None]]] = {
    "dicom": dicom,
    "policy": policy,
    "result": result,
}


def seeds(target: str) -> list[bytes]:
    """What to begin with."""
    files = []
    for name in ("CT_small.dcm", "MR_small_RLE.dcm", "rtplan.dcm", "reportsi.dcm"):
        path = get_testdata_file(name, download=False)
        if path is not None:
            files.append(Path(str(path)).read_bytes())
    if target == "policy":
        return [text.encode() for text in POLICIES]
    if target == "dicom":
        return files
    part = b"--b\r\nContent-Type: application/dicom\r\n\r\n" + files[0][:2000] + b"\r\n--b--\r\n"
    return [b"\0" + files[0], b"\1" + files[0], b"\2" + part, b"\3PK\5\6" + bytes(18)]


def main() -> None:
    """The target, then what libFuzzer takes."""
    target, *arguments = sys.argv[1:]
    if not any(Path(argument).is_file() for argument in arguments):
        corpus = REPOSITORY / "tests" / "output" / "fuzz" / target
        corpus.mkdir(parents=True, exist_ok=True)
        for number, seed in enumerate(seeds(target)):
            (corpus / f"seed-{number}").write_bytes(seed)
        arguments += [f"-artifact_prefix={corpus}.", str(corpus)]
    limits = ["-timeout=10", "-rss_limit_mb=2048", "-max_len=100000"]
    atheris.Setup([sys.argv[0], *limits, *arguments], TARGETS[target])
    atheris.Fuzz()


if __name__ == "__main__":
    main()
