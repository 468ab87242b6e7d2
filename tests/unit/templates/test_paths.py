# SPDX-License-Identifier: GPL-3.0-or-later
"""Path templates: no value of an image leads out of the folder, and none is lost by two becoming one."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from router.templates import PathTemplate, TemplateError, safe_component

TEXT = st.text(st.characters(exclude_categories=["Cs"]), max_size=300)


@pytest.mark.parametrize(
    ("text", "tags", "parts"),
    [
        ("{{ PatientID }}/{{ StudyDate }}", {"PatientID": "1", "StudyDate": "20240517"}, ["1", "20240517"]),
        ("{{ PatientID }}/x", {"PatientID": "../../etc"}, ["_._.._etc", "x"]),
        ("{{ PatientID }}/x", {"PatientID": ".."}, ["_", "x"]),
        ("{{ PatientID }}/x", {"PatientID": "/"}, ["_", "x"]),
        ("{{ PatientID }}/x", {}, ["_", "x"]),
        ("{{ PatientID }}", {"PatientID": "a\0b\nc"}, ["a_b_c"]),
        ("{{ PatientID }}", {"PatientID": ".ssh"}, ["_ssh"]),
        ("{{ PatientID }}", {"PatientID": "C:\\x|y?"}, ["C__x_y_"]),
        ("{{ PatientID | replace('-', '/') }}/x", {"PatientID": "a-b"}, ["a_b", "x"]),
        ("a/{{ PatientID ~ '/b' }}", {"PatientID": "1"}, ["a", "1_b"]),
        ("{% if PatientID %}a/{% endif %}b", {"PatientID": "1"}, ["a", "b"]),
        ("/srv/in/{{ PatientID }}/", {"PatientID": "1"}, ["srv", "in", "1"]),
        ("", {"PatientID": "1"}, []),
    ],
)
def test_paths(text: str, tags: dict[str, str], parts: list[str]) -> None:
    assert PathTemplate(text).render(tags) == parts


@pytest.mark.parametrize(
    "text", ["../{{ PatientID }}", "a//b", "a/./b", ".hidden/x", "a/b\n/c", "x/" * 40 + "x"]
)
def test_fixed_text_that_is_no_path_is_refused(text: str) -> None:
    with pytest.raises(TemplateError):
        PathTemplate(text)


@pytest.mark.parametrize(
    ("text", "fixed"),
    [
        ("/srv/in/{{ PatientID }}/x", ["srv", "in"]),
        ("a/b{{ PatientID }}", ["a"]),
        ("a/b/", ["a", "b"]),
        ("", []),
    ],
)
def test_the_folders_that_are_the_same_for_all_images(text: str, fixed: list[str]) -> None:
    assert PathTemplate(text).fixed == fixed


@given(TEXT)
def test_a_component_is_always_a_name(text: str) -> None:
    name = safe_component(text)
    assert name not in {"", ".", ".."}
    assert not name.startswith(".")
    assert "/" not in name
    assert "\\" not in name
    assert name.isprintable()
    assert len(name.encode()) <= 200
    assert safe_component(name) == name


@given(TEXT)
def test_a_value_never_makes_a_folder_of_its_own(value: str) -> None:
    assert (
        len(PathTemplate("{{ PatientID }}/{{ StudyID }}").render({"PatientID": value, "StudyID": value})) == 2
    )


def test_long_values_that_differ_only_at_the_end_stay_apart() -> None:
    names = {safe_component("x" * 300 + end) for end in ("a", "b")}
    assert len(names) == 2
