# SPDX-License-Identifier: GPL-3.0-or-later
"""Where Orthanc Explorer 2 shows a study."""

import json

import pytest

from router.orthanc_api import OrthancApi, OrthancError

STUDY = "filtered-studies?StudyInstanceUID={uid}&expand=study"


class WithPlugin(OrthancApi):
    """An Orthanc that says this of Explorer 2; None where it is not loaded."""

    def __init__(self, plugin: dict[str, str] | None) -> None:
        super().__init__(1, "")
        self._plugin = plugin

    def _call(self, method: str, path: str, *_: object, **__: object) -> bytes:
        assert (method, path) == ("GET", "/plugins/orthanc-explorer-2")
        if self._plugin is None:
            raise OrthancError(404, "Unknown resource")
        return json.dumps(self._plugin).encode()


@pytest.mark.parametrize(
    ("plugin", "address"),
    [
        ({"Version": "1.14.0", "RootUri": "../ui/app/"}, f"ui/app/{STUDY}"),
        ({"Version": "mainline", "RootUri": "../ui/app/"}, f"ui/app/{STUDY}"),
        ({"Version": "1.13", "RootUri": "../deep/er/ui/app/"}, f"deep/er/ui/app/{STUDY}"),
        ({"Version": "1.12.2", "RootUri": "../ui/app/"}, f"ui/app/#/{STUDY}"),
        ({"Version": "1.8.0", "RootUri": "../ui/app/"}, f"ui/app/#/{STUDY}"),
        # Loaded, but switched off.
        ({"Version": "1.14.0"}, ""),
        (None, ""),
    ],
)
def test_the_address_of_a_study(plugin: dict[str, str] | None, address: str) -> None:
    assert WithPlugin(plugin).explorer_2_study() == address
