# SPDX-License-Identifier: GPL-3.0-or-later
"""Files that are broken in any way are refused by what reads them, each time with an error it tells of."""

import contextlib
from datetime import UTC, datetime

from hypothesis import example, given, settings
from hypothesis import strategies as st

from router.intake.stored_instances import StoredInstance, StoredInstances
from router.lineage import ResultRefused, _place
from router.rules import Moment, compile_rule
from router.templates import FileTags, NotDicom, Template, TemplateError
from router.transforms.untransformable import Untransformable
from samples import file_bytes, make_image, pydicom_file
from servers.orthanc_in_memory import OrthancInMemory
from unit.transforms.transform_samples import transformer

WHOLE = [
    file_bytes(make_image(PatientName="DOE^JANE", StudyDate="20240531", StudyDescription="chest")),
    file_bytes(pydicom_file("MR_small_RLE.dcm")),
    file_bytes(pydicom_file("rtplan.dcm")),
]
RULE = compile_rule(
    {
        "any": [
            {"tag": "StudyDate", "operator": "less_than", "value": "2024-01-01"},
            {"tag": "BeamSequence.BeamName", "operator": "contains", "value": "x"},
            {"tag": "Rows", "operator": "greater_than", "value": 1000},
        ]
    },
    "instance",
)
TEXT = Template("{{ PatientName | name }} {{ StudyDate | date }} {{ Rows }}")
CHANGES = [
    transformer(replace={"PatientID": "{{ PatientID }}-x"}, remove=["StudyDescription"]),
    transformer(anonymize=True),
    transformer(transfer_syntax="1.2.840.10008.1.2.1"),
]


@st.composite
def broken(draw: st.DrawFn) -> bytes:
    """A file with bytes changed, most often in its header, or cut off."""
    file = bytearray(draw(st.sampled_from(WHOLE)))
    places = st.one_of(st.integers(128, 1000), st.integers(0, 10**6))
    for at, value in draw(st.lists(st.tuples(places, st.binary(min_size=1, max_size=8)), max_size=8)):
        at %= len(file)
        file[at : at + len(value)] = value
    length = draw(st.one_of(st.none(), places))
    return bytes(file if length is None else file[: length % len(file)])


@settings(max_examples=300, derandomize=True)
@given(broken())
@example(b"")
@example(b"\0" * 128 + b"DICM")
def test_whatever_is_broken_is_refused(file: bytes) -> None:
    with contextlib.suppress(ResultRefused):
        _place(file)
    with contextlib.suppress(NotDicom, TemplateError):
        TEXT.render(FileTags(file))
    for change in CHANGES:
        with contextlib.suppress(Untransformable):
            change(file)


@settings(max_examples=200, derandomize=True)
@given(broken())
def test_policies_are_asked_all_the_same(file: bytes) -> None:
    stored = StoredInstance("image", series="s", study="t", parents={}, tags={}, facts={}, size=len(file))
    stored_instances = StoredInstances(OrthancInMemory(files={"image": file}))
    stored_instances.asked = RULE.tags
    reading = stored_instances.reading_of_header(stored, stored_instances.headers_of([stored])[0], {})
    # None: that a tag is not known is an answer too.
    assert RULE.evaluate(reading, Moment(datetime(2024, 5, 31, tzinfo=UTC))) in {True, False, None}
