# SPDX-License-Identifier: GPL-3.0-or-later
"""Redactions that policies can take over from others."""

from typing import Any

from router.actions.forward import Forward
from router.administration.redaction_library import RedactionLibrary
from router.documents.device_library import DeviceLibrary
from router.documents.policy import Policy
from router.store import Store
from router.transforms import Devices
from unit.store.stored_samples import policy


def redacting(name: str, *redactions: dict[str, Any]) -> Policy:
    forward = Forward.model_validate(
        {"type": "forward", "destination": "pacs", "transform": {"redact": list(redactions)}}
    )
    return policy(name).model_copy(update={"actions": [forward]})


CONSOLE = {"name": "Our console", "when": {"Rows": 600}, "rectangles": [[0, 0, 800, 40]]}


def test_those_with_a_name_are_in_it_once_with_the_policies_that_have_them(store: Store) -> None:
    unnamed = {"rectangles": [[0, 0, 1, 1]]}
    for one in (redacting("Trial", CONSOLE, unnamed), redacting("Another", CONSOLE)):
        store.policies.create(one)
    shipped, *named = RedactionLibrary(store, Devices(store)).entries()
    assert shipped["redaction"].outside_regions
    assert shipped["policies"] == []
    [found] = named
    assert found["policies"] == ["Another", "Trial"]
    assert (found["redaction"].name, found["redaction"].when) == ("Our console", {"Rows": 600})


def test_one_that_is_shipped_and_taken_over_is_in_it_once(store: Store) -> None:
    [shipped] = RedactionLibrary(store, Devices(store)).entries()
    store.policies.create(redacting("Trial", shipped["redaction"].model_dump()))
    [found] = RedactionLibrary(store, Devices(store)).entries()
    assert found["policies"] == ["Trial"]


def test_those_of_the_library_of_devices_are_in_it_too(store: Store) -> None:
    Devices(store).save(DeviceLibrary.model_validate({"redactions": [CONSOLE], "revision": 1}))
    _, found = RedactionLibrary(store, Devices(store)).entries()
    assert (found["redaction"].name, found["policies"]) == ("Our console", [])
    store.policies.create(redacting("Trial", CONSOLE))
    _, found = RedactionLibrary(store, Devices(store)).entries()
    assert found["policies"] == ["Trial"]
