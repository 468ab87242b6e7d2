# SPDX-License-Identifier: GPL-3.0-or-later
"""Templates: what they say of an image, what is refused when they are saved, and that they always end."""

import time

import pydicom
import pytest

from router.templates import FileTags, NotDicom, Template, TemplateError, check_template, render
from samples import file_bytes, make_image

TAGS = {
    "PatientID": "12345",
    "PatientName": "DOE^JOHN^M",
    "StudyDate": "20240517",
    "StudyTime": "143005.250",
    "InstanceNumber": "7",
}


@pytest.mark.parametrize(
    ("text", "made"),
    [
        ("CT {{ PatientID }} is here", "CT 12345 is here"),
        ("{{ AccessionNumber }}", ""),
        ("{{ AccessionNumber | default('none') }}", "none"),
        ("{{ PatientID | default('none') }}", "12345"),
        ("{% if AccessionNumber %}{{ AccessionNumber }}{% else %}-{% endif %}", "-"),
        ("{{ 'old' if StudyDate < '2025' else 'new' }}", "old"),
        ("{{ PatientID[:3] }}{{ PatientID[-1:] }}", "1235"),
        ("{{ PatientID ~ '-' ~ InstanceNumber | pad(4) }}", "12345-0007"),
        ("{{ StudyDate | date }} {{ StudyTime | time }}", "2024-05-17 14:30:05"),
        ("{{ 'no date' | date }}", "no date"),
        ("{{ PatientName | name }}", "DOE, JOHN M"),
        ("{{ PatientName | replace('^', ' ') | title }}", "Doe John M"),
        ("{{ PatientName | truncate(3) | lower }}", "doe"),
        ("{{ 'yes' if PatientID in ['1', '12345'] else 'no' }}", "yes"),
        ("{# nothing #}{% raw %}{{ x }}{% endraw %}", "{{ x }}"),
        ("last line\n", "last line\n"),
    ],
)
def test_what_a_template_says(text: str, made: str) -> None:
    assert check_template(text) == []
    assert render(text, TAGS) == made


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("{{ PatientNam }}", "did you mean PatientName"),
        ("\n\n{{ Patient_ID }}", "line 3"),
        ("{{ PatientID", "not a template"),
        ("{{ PatientID | uper }}", "did you mean upper"),
        ("{{ RequestAttributesSequence }}", "sequence"),
        ("{{ PixelData }}", "no text"),
        ("{{ tag('Nothing') }}", "not in the DICOM dictionary"),
        ("{{ tag('@RemoteAET') }}", "@RemoteAET"),
        ("{{ tag(PatientID) }}", "one written tag"),
        ("{% for i in [1] %}x{% endfor %}", "no loops"),
        ("{% set x = 1 %}", "set"),
        ("{% include 'x' %}", "include"),
        ("{% macro m() %}{% endmacro %}", "macro"),
        ("{% block b %}{% endblock %}", "cannot be used"),
        ("{{ 'x' * 1000000000 }}", "does not calculate"),
        ("{{ 9 ** 9 ** 9 }}", "cannot be used"),
        ("{{ '%9999999999d' % 1 }}", "does not calculate"),
        ("{{ PatientID.__class__.__mro__ }}", "dot"),
        ("{{ PatientID['__class__'] }}", "stretches"),
        ("{{ ''.join(['a']) }}", "can be called"),
        ("{{ range(10) }}", "can be called"),
        ("{{ cycler }}", "not in the DICOM dictionary"),
        ("{{ self }}", "not in the DICOM dictionary"),
        ("{{ PatientID | replace('', 'xx') }}", "to look for"),
        ("{{ '1' | pad(100000) }}", "64"),
        ("{% if Rows > 512 %}x{% endif %}", "cannot be filled in"),
        ("{{" + "(" * 5000 + "1" + ")" * 5000 + "}}", "nested"),
        ("{{" + "not " * 500 + "1 }}", "nested"),
        ("{{ " + "9" * 5000 + " }}", "number"),
        ("x" * 100_000, "65536"),
    ],
)
def test_what_is_refused_when_it_is_saved(text: str, said: str) -> None:
    problems = check_template(text)
    assert problems
    assert said in "; ".join(problems)


def test_all_problems_are_told() -> None:
    assert len(check_template("{{ PatientNam }} {{ StudyDat }}")) == 2


def test_a_function_and_a_name_that_the_caller_gives() -> None:
    template = Template(
        "{{ pseudonym(PatientID) }} of {{ Count }}",
        names=["Count"],
        functions={"pseudonym": lambda text: text[::-1]},
    )
    assert template.render(TAGS, {"Count": "3"}) == "54321 of 3"
    assert check_template("{{ pseudonym(PatientID) }}") != []


def test_values_cannot_be_markup_where_the_text_is_html() -> None:
    assert Template("<b>{{ PatientID }}</b>", escape=True).render({"PatientID": "<i>"}) == "<b>&lt;i&gt;</b>"


def test_a_text_that_would_grow_without_end_is_an_error() -> None:
    template = Template("{{ PatientComments | replace('a', '" + "b" * 60_000 + "') }}")
    with pytest.raises(TemplateError, match="too long"):
        template.render({"PatientComments": "a" * 60_000})
    many = Template("{{ PatientComments }}" * 400)
    with pytest.raises(TemplateError, match="characters"):
        many.render({"PatientComments": "a" * 60_000})


@pytest.mark.parametrize(
    "part",
    [
        "{{ PatientComments | replace('a', '" + "b" * 16 + "') | length }}",
        "{{ PatientComments" + " | upper | title | lower" * 10 + " | length }}",
        "{% if PatientComments | replace('a', 'bb') == PatientName | replace('a', 'bb') %}{% endif %}",
    ],
)
def test_the_dearest_template_that_is_taken_ends_soon(part: str) -> None:
    """As many dear parts as fit, on values as long as DICOM's longest texts."""
    fits = next(count for count in (600, 300, 100, 60, 30) if not check_template(part * count))
    template = Template(part * fits)
    began = time.process_time()
    template.render({"PatientComments": "a" * 60_000, "PatientName": "a" * 60_000})
    assert time.process_time() - began < 5


class TestFileTags:
    """Values as they are read from a file."""

    def test_values_are_decoded_joined_and_without_padding(self) -> None:
        image = make_image(
            PatientName="MÜLLER^JÜRGEN^^^", ImageType=["ORIGINAL", "PRIMARY"], AccessionNumber=" A "
        )
        tags = FileTags(file_bytes(image))
        text = "{{ PatientName }} {{ ImageType }} {{ AccessionNumber }} {{ Rows }}{{ PatientComments }}"
        assert render(text, tags) == "MÜLLER^JÜRGEN ORIGINAL, PRIMARY A 16"

    def test_a_tag_inside_a_sequence_and_a_private_one(self) -> None:
        image = make_image()
        item = pydicom.Dataset()
        item.ScheduledProcedureStepID = "SPS1"
        image.RequestAttributesSequence = [item]
        image.private_block(0x0029, "ACME", create=True).add_new(0x10, "LO", "private")
        tags = FileTags(file_bytes(image))
        step = """{{ tag("RequestAttributesSequence[0].ScheduledProcedureStepID") }}"""
        assert render(step, tags) == "SPS1"
        assert render("""{{ tag('0029,"ACME",10') }}""", tags) == "private"

    def test_what_is_not_dicom(self) -> None:
        with pytest.raises(NotDicom):
            FileTags(b"garbage")
