# SPDX-License-Identifier: GPL-3.0-or-later
"""What policies ask is read from a header as pydicom reads the whole file, and nothing else is kept."""

import io
import struct
from collections.abc import Sequence
from pathlib import Path

import pytest
from pydicom import Dataset, dcmread, dcmwrite
from pydicom.datadict import keyword_for_tag
from pydicom.uid import (
    UID,
    DeflatedExplicitVRLittleEndian,
    ExplicitVRBigEndian,
    ExplicitVRLittleEndian,
    ImplicitVRLittleEndian,
)

from router.intake.header import Header, Odd, read_header, wanted
from router.intake.headers import Headers
from router.orthanc_api import OrthancError
from router.rules import Reading
from router.rules.problem import Unfit
from router.rules.tag_path import parse_tag
from samples import file_bytes, make_image
from servers.orthanc_in_memory import OrthancInMemory
from unit.rules.sample_files import sample_paths

PIXELS = 0x7FE00000
ENHANCED_MR = "1.2.840.10008.5.1.4.1.1.4.1"


def named(*instances: str) -> dict[str, str]:
    """Instances of which it is not known where their files are."""
    return dict.fromkeys(instances, "")


def header_of(file: bytes, *tags: str) -> Header:
    return read_header(io.BytesIO(file).read, wanted(frozenset(tags)))


def values_of(file: bytes, tag: str) -> tuple[object, ...]:
    (header,) = Headers(OrthancInMemory(files={"image": file})).read(named("image"), frozenset({tag}))
    assert header is not None
    found = Reading.of_dataset(header.dataset(), {}).found(parse_tag(tag))
    assert found is not None
    return found.values


def tags_of(dataset: Dataset) -> list[str]:
    """The tags of a data set before its pixels, as far as rules can ask for them."""
    tags = []
    for number in dataset.keys():  # noqa: SIM118
        text = keyword_for_tag(number) or f"{number >> 16:04X},{number & 0xFFFF:04X}"
        try:
            parse_tag(text)
        except Unfit:
            continue
        if number < PIXELS:
            tags.append(text)
    return tags


@pytest.mark.parametrize("path", sample_paths(), ids=lambda path: path.name)
def test_each_tag_is_what_pydicom_reads(path: Path) -> None:
    file = path.read_bytes()
    whole = dcmread(io.BytesIO(file), force=True)
    tags = [*tags_of(whole), "TransferSyntaxUID", "PatientComments", "TimezoneOffsetFromUTC"]
    (header,) = Headers(OrthancInMemory(files={"image": file})).read(named("image"), frozenset(tags))
    assert header is not None
    read, expected = (Reading.of_dataset(one, {}) for one in (header.dataset(), whole))
    for tag in tags:
        assert read.found(parse_tag(tag)) == expected.found(parse_tag(tag)), tag


def encoded(dataset: Dataset, syntax: str) -> bytes:
    dataset.file_meta.TransferSyntaxUID = UID(syntax)
    file = io.BytesIO()
    dcmwrite(
        file,
        dataset,
        implicit_vr=syntax == ImplicitVRLittleEndian,
        little_endian=syntax != ExplicitVRBigEndian,
    )
    return file.getvalue()


@pytest.mark.parametrize(
    "syntax",
    [ExplicitVRLittleEndian, ImplicitVRLittleEndian, ExplicitVRBigEndian, DeflatedExplicitVRLittleEndian],
)
@pytest.mark.parametrize("undefined_lengths", [False, True])
def test_sequences_and_what_comes_after_them(syntax: str, undefined_lengths: bool) -> None:
    image = make_image(size=2048)
    inner = Dataset()
    inner.ScheduledProcedureStepID = "step"
    protocol = Dataset()
    protocol.CodeValue = "deep"
    inner.ScheduledProtocolCodeSequence = [protocol]
    image.RequestAttributesSequence = [inner, Dataset()]
    image.PatientComments = "after"
    image.IconImageSequence = [Dataset()]
    for sequence in (image["RequestAttributesSequence"], inner["ScheduledProtocolCodeSequence"]):
        sequence.is_undefined_length = undefined_lengths
        for item in sequence.value:
            item.is_undefined_length_sequence_item = undefined_lengths
    file = encoded(image, syntax)
    assert values_of(file, "RequestAttributesSequence.ScheduledProcedureStepID") == ("step",)
    deep = "RequestAttributesSequence.ScheduledProtocolCodeSequence.CodeValue"
    assert values_of(file, deep) == ("deep",)
    assert values_of(file, "Rows") == (image.Rows,)
    assert values_of(file, "IconImageSequence") != ()
    header = header_of(file, "Rows", "PatientComments")
    assert {one.tag for one in header.elements} - {0x00080005} == {0x00104000, 0x00280010}


def test_private_tags_are_found_in_whatever_block_they_are() -> None:
    image = make_image()
    image.private_block(0x0029, "OTHER", create=True).add_new(0x10, "LO", "not this")
    image.private_block(0x0029, "MAKER", create=True).add_new(0x10, "LO", "this")
    assert values_of(file_bytes(image), '0029,"MAKER",10') == ("this",)


def enhanced(*, shared: dict[str, object] | None = None, frames: Sequence[dict[str, object]] = ()) -> Dataset:
    """A multi-frame object with measures in its functional groups (PS3.3, C.7.6.16)."""

    def groups(values: dict[str, object]) -> Dataset:
        measures, group = Dataset(), Dataset()
        for keyword, value in values.items():
            setattr(measures, keyword, value)
        referenced = Dataset()
        referenced.SliceThickness = "99"
        measures.ReferencedImageSequence = [referenced]
        group.PixelMeasuresSequence = [measures]
        return group

    image = make_image(SOPClassUID=ENHANCED_MR, NumberOfFrames=len(frames) or 1)
    if shared is not None:
        image.SharedFunctionalGroupsSequence = [groups(shared)]
    image.PerFrameFunctionalGroupsSequence = [groups(frame) for frame in frames]
    return image


@pytest.mark.parametrize("syntax", [ExplicitVRLittleEndian, ImplicitVRLittleEndian])
@pytest.mark.parametrize(
    ("image", "thickness"),
    [
        (enhanced(shared={"SliceThickness": "5"}), (5,)),
        (
            enhanced(frames=[{"SliceThickness": "1"}, {"SliceThickness": "1"}, {"SliceThickness": "3"}]),
            (1, 3),
        ),
        (enhanced(shared={"SliceThickness": "5"}, frames=[{"SliceThickness": "1"}]), (5,)),
        (enhanced(shared={}, frames=[{}]), ()),
        (make_image(SliceThickness="2"), (2,)),
    ],
    ids=["shared", "frames", "both", "neither", "no frames"],
)
def test_functional_groups_stand_for_what_an_image_does_not_say(
    image: Dataset, thickness: tuple[int, ...], syntax: str
) -> None:
    file = encoded(image, syntax)
    tag = parse_tag("SliceThickness")
    whole = Reading.of_dataset(dcmread(io.BytesIO(file)), {}).found(tag)
    (header,) = Headers(OrthancInMemory(files={"image": file})).read(
        named("image"), frozenset({"SliceThickness"})
    )
    assert header is not None
    read = Reading.of_dataset(header.dataset(), {}).found(tag)
    assert read is not None
    assert whole is not None
    assert tuple(int(str(value)) for value in read.values) == thickness
    assert (read.where, read.present) == (whole.where, whole.present)
    assert list(dict.fromkeys(whole.values)) == list(read.values)


@pytest.mark.parametrize(
    "beside", ["PixelData", "PerFrameFunctionalGroupsSequence", "SharedFunctionalGroupsSequence"]
)
@pytest.mark.parametrize("shared", [{"SliceThickness": "5"}, {}])
def test_functional_groups_are_seen_whatever_else_is_asked(beside: str, shared: dict[str, object]) -> None:
    file = file_bytes(enhanced(shared=shared, frames=[{"SliceThickness": "5"}]))
    header = header_of(file, "SliceThickness", beside)
    found = Reading.of_dataset(header.dataset(), {}).found(parse_tag("SliceThickness"))
    assert found is not None
    assert [int(str(value)) for value in found.values] == [5]


def test_frames_that_say_the_same_are_held_once() -> None:
    frames: list[dict[str, object]] = [{"SliceThickness": "1"}] * 500
    header = header_of(file_bytes(enhanced(frames=frames)), "SliceThickness")
    assert [len(found) for _, found in header.groups] == [1]


def test_what_follows_what_was_asked_is_not_read() -> None:
    taken: list[int] = []
    stream = io.BytesIO(file_bytes(make_image(size=4_000_000)))

    def read(size: int) -> bytes:
        taken.append(size)
        return stream.read(size)

    read_header(read, wanted(frozenset({"StudyDescription", "SliceThickness"})))
    assert sum(taken) < 50_000


def test_long_values_are_passed_over() -> None:
    image = make_image(PatientComments="x" * 5_000_000)
    image.add_new(0x00420011, "OB", bytes(4_000_000))
    header = header_of(file_bytes(image), "PatientComments", "EncapsulatedDocument", "Rows")
    assert header.size < 400_000
    assert values_of(file_bytes(image), "Rows") == (image.Rows,)
    assert [str(value) for value in values_of(file_bytes(image), "EncapsulatedDocument")] == ["4000000 bytes"]


@pytest.mark.parametrize(
    "file",
    [
        b"",
        bytes(200),
        bytes(128) + b"DICM",
        file_bytes(make_image())[:400],
        bytes(128) + b"DICM" + struct.pack("<HH2sHI", 8, 0x16, b"??", 0, 0),
    ],
)
def test_what_is_no_file_is_odd(file: bytes) -> None:
    with pytest.raises(Odd):
        header_of(file, "Rows")


def test_each_header_is_read_once() -> None:
    archive = OrthancInMemory(
        files={name: file_bytes(make_image(StudyDescription="chest")) for name in "abc"}
    )
    headers = Headers(archive)
    first = headers.read(named("a", "b", "gone"), frozenset({"StudyDescription", "Modality"}))
    again = headers.read(named("a", "b", "gone", "c"), frozenset({"StudyDescription"}))
    assert archive.read == ["a", "b", "gone", "c"]
    assert first[:2] == again[:2]
    assert first[0] is first[1]
    assert first[2] is None
    headers.forget(["a"])
    headers.read(named("a", "b"), frozenset({"StudyDescription"}))
    headers.read(named("b"), frozenset({"PatientName"}))
    assert archive.read[4:] == ["a", "b"]


def test_a_file_that_orthanc_cannot_read_holds_nothing_up_for_ever(
    caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    archive = OrthancInMemory(files={"a": file_bytes(make_image())})
    monkeypatch.setattr(archive, "headers", lambda *_, **__: [OrthancError(500, "Cannot read from the disk")])
    headers = Headers(archive)
    failures = 0
    while True:
        try:
            read = headers.read(named("a"), frozenset({"Modality"}))
            break
        except OrthancError:
            failures += 1
    assert (read, failures) == ([None], 19)
    assert "Cannot read from the disk" in caplog.text
