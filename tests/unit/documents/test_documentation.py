# SPDX-License-Identifier: GPL-3.0-or-later
"""The pages that people read name what the program has."""

from pathlib import Path

import pytest

from router.documents.transform import Anonymization
from router.transforms.confidentiality_profile import free_texts, table

PAGE = (Path(__file__).parents[3] / "docs" / "de-identification.md").read_text("utf-8")


@pytest.mark.parametrize("option", list(Anonymization.model_fields))
def test_each_option_of_the_de_identification_is_explained(option: str) -> None:
    assert f"`{option}" in PAGE


def test_the_figures_are_true() -> None:
    assert f"all {len(table())} rows" in PAGE
    assert f"{len(free_texts())} attributes that hold texts" in PAGE
