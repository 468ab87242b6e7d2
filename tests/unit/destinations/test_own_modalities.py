# SPDX-License-Identifier: GPL-3.0-or-later
"""What the nodes of destinations are called in Orthanc."""

import pytest

from router.destinations.own_modalities import is_own, own_name

IDENTIFIER = "01a22d8b3106aac1ae88b6e6"


@pytest.mark.parametrize(
    ("name", "called"),
    [
        ("Research", "router-Research-ae88b6e6"),
        ("PACS, 2nd floor / CT_1", "router-PACS-2nd-floor-CT_1-ae88b6e6"),
        ("Düren", "router-Duren-ae88b6e6"),
        ("研究", "router-destination-ae88b6e6"),
        ("-", "router-destination-ae88b6e6"),
        ("x" * 200, f"router-{'x' * 40}-ae88b6e6"),
    ],
)
def test_a_node_is_called_as_its_destination(name: str, called: str) -> None:
    assert own_name(IDENTIFIER, name) == called
    assert is_own(called)
    assert is_own(f"{called}-test")


@pytest.mark.parametrize("name", ["pacs", "router", "router-1", "router-pacs-2", "my-router-x-ae88b6e6"])
def test_what_people_have_entered_is_not_ours(name: str) -> None:
    assert not is_own(name)


@pytest.mark.parametrize(
    "name",
    [f"router-{IDENTIFIER}", f"router-{IDENTIFIER}-test", f"router-draft-{IDENTIFIER}-test"],
)
def test_names_of_earlier_versions_are_known(name: str) -> None:
    assert is_own(name)
