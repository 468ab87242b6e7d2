# SPDX-License-Identifier: GPL-3.0-or-later
"""Which mail addresses are taken."""

import time

import pytest

from router.destinations.addresses import is_address, named_address


@pytest.mark.parametrize(
    "text", ["a@example.org", "first.last+tag@mail.example.org", "o'neil@localhost", "x_y@192-168-1-1.lan"]
)
def test_addresses(text: str) -> None:
    assert is_address(text)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "a",
        "@example.org",
        "a@",
        "a@@example.org",
        "a b@example.org",
        ".a@example.org",
        "a..b@example.org",
        "a@example..org",
        "a@-example.org",
        "a@example.org\n",
        "a@example.org\r\nBcc: b@example.org",
        "a@example.org, b@example.org",
        "<a@example.org>",
        "grüße@example.org",
        f"{'a' * 65}@example.org",
        f"a@{'b' * 254}.org",
    ],
)
def test_what_is_none(text: str) -> None:
    assert not is_address(text)


def test_no_text_takes_long() -> None:
    began = time.monotonic()
    for text in ("a" * 250, "a." * 120 + "!", f"a@{'b-' * 120}", f"a@{'b.' * 120}-"):
        assert not is_address(text)
    assert time.monotonic() - began < 1


def test_a_name_may_stand_before_it() -> None:
    assert named_address('"Router, Köln" <r@example.org>') == ("Router, Köln", "r@example.org")
    assert named_address(" r@example.org ") == ("", "r@example.org")
    for wrong in ("Router <r@>", "Router r@example.org", "A\r\nB <r@example.org>", "<>"):
        with pytest.raises(ValueError, match="must be an address"):
            named_address(wrong)
