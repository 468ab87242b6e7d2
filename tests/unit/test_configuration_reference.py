# SPDX-License-Identifier: GPL-3.0-or-later
"""The configuration reference says what there is, and says something of all of it."""

from configuration_reference import PLACE, reference, undescribed


def test_it_is_as_the_models_are() -> None:
    made = reference()
    assert PLACE.read_text("utf-8") == made, "run: python tests/configuration_reference.py"


def test_every_setting_is_described() -> None:
    assert undescribed() == []


def test_it_tells_of_what_is_not_in_the_models_themselves() -> None:
    made = reference()
    for told in ("`ORTHANC_AET`", "`RetentionDays`", "### `sftp`: SFTP", "### `forward`", "| `days` |"):
        assert told in made
