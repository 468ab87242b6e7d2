# SPDX-License-Identifier: GPL-3.0-or-later
"""Which addresses are this very Orthanc's."""

import pytest

from router.destinations import OwnAddress

OWN = OwnAddress(4242, 8042, "https://pacs.example.org/orthanc")


@pytest.mark.parametrize("host", ["127.0.0.1", "localhost", "::1", "127.8.8.8"])
def test_this_machine_by_any_of_its_names(host: str) -> None:
    assert OWN.is_node(host, 4242)
    assert not OWN.is_node(host, 104)


@pytest.mark.parametrize("host", ["192.0.2.1", "no-such-host.invalid", "", "a..b", "\udcff"])
def test_another_or_none(host: str) -> None:
    assert not OWN.is_node(host, 4242)


@pytest.mark.parametrize(
    ("url", "is_own"),
    [
        ("http://localhost:8042/dicom-web", True),
        ("http://127.0.0.1:8042", True),
        ("https://pacs.example.org/orthanc/dicom-web", True),
        ("https://pacs.example.org/orthanc", True),
        ("https://pacs.example.org/orthanc-2", False),
        ("http://localhost:8043/", False),
        ("http://localhost", False),
        ("http://192.0.2.1:8042/", False),
        ("http://localhost:port/", False),
        ("", False),
    ],
)
def test_urls(url: str, is_own: bool) -> None:
    assert OWN.is_url(url) is is_own


def test_what_is_not_known_is_nowhere() -> None:
    assert not OwnAddress().is_node("localhost", 0)
    assert not OwnAddress().is_url("http://localhost:0")
