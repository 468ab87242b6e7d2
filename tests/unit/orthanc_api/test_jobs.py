# SPDX-License-Identifier: GPL-3.0-or-later
"""What Orthanc is asked to send and told of it, and what it says where that fails."""

import json
from collections.abc import Callable
from typing import Any

import pytest

from router.orthanc_api import OrthancApi
from router.orthanc_api.errors import error_of


class Asked(OrthancApi):
    """An Orthanc that keeps the bodies of requests."""

    def __init__(self) -> None:
        super().__init__(1, "")
        self.bodies: list[dict[str, Any]] = []

    def _call(
        self,
        method: str,  # noqa: ARG002
        path: str,  # noqa: ARG002
        body: object = None,
        seconds: float | None = None,  # noqa: ARG002
    ) -> bytes:
        assert isinstance(body, dict)
        self.bodies.append(body)
        return b"{}"


@pytest.mark.parametrize(
    "send",
    [
        lambda orthanc: orthanc.store("node", ["a"], {"Timeout": 5}),
        lambda orthanc: orthanc.peer_store("peer", ["a"]),
        lambda orthanc: orthanc.dicomweb_store("server", ["a"]),
    ],
    ids=["modality", "peer", "DICOMweb"],
)
def test_jobs_name_the_deliveries_that_they_are_for(send: Callable[[OrthancApi], None]) -> None:
    orthanc = Asked()
    with orthanc.acting_for(["one", "two"]):
        send(orthanc)
    send(orthanc)
    named, unnamed = orthanc.bodies
    assert named.pop("UserData") == {"RouterDeliveries": ["one", "two"]}
    assert named == unnamed
    assert unnamed["Resources"] == ["a"]


@pytest.mark.parametrize(
    ("payload", "status"),
    [
        ({"Type": "Dimse", "Content": {"DimseErrorStatus": 42752}}, 0xA700),
        ({"Type": "Other", "Content": {"DimseErrorStatus": 42752}}, None),
        ({"Type": "Dimse", "Content": "unknown"}, None),
        (None, None),
    ],
)
def test_the_status_of_a_node_is_read_where_orthanc_tells_it(payload: object, status: int | None) -> None:
    told = {"Details": "It has failed", "OrthancStatus": 9, "ErrorPayload": payload}
    error = error_of(500, json.dumps(told).encode())
    assert (error.message, error.code, error.dimse_status) == ("It has failed", 9, status)
