# SPDX-License-Identifier: GPL-3.0-or-later
"""The dashboard that Grafana is given shows only what Orthanc publishes (`/tools/metrics-prometheus`)."""

import json
import re
from pathlib import Path

import pytest

from samples import make_image, unique
from servers.node import Node
from servers.orthanc import REPOSITORY, OrthancServer
from servers.router import RouterClient, patient
from servers.sender import send
from servers.waiting import wait_until

DASHBOARD = REPOSITORY / "orthanc" / "grafana" / "orthanc-router.json"


def figures(orthanc: OrthancServer) -> dict[str, float]:
    lines = orthanc.rest.text("/tools/metrics-prometheus").splitlines()
    return {name: float(value) for name, value, *_ in (line.split() for line in lines if line)}


@pytest.fixture(scope="module")
def published(orthanc: OrthancServer, router: RouterClient) -> dict[str, float]:
    """What is published once an image has been delivered."""
    someone = unique("PAT")
    with Node(unique("NODE")) as node:
        router.policy("Out", patient(someone), router.destination("Research & co", node))
        send(orthanc.dicom_port, [make_image(PatientID=someone)])
        router.wait_until_delivered(1)
        delivered = "router_destination_research_co_instances_total"
        wait_until(lambda: figures(orthanc).get(delivered) == 1, 15, lambda: str(figures(orthanc)))
    return figures(orthanc)


def test_all_that_the_dashboard_shows_is_published(published: dict[str, float]) -> None:
    panels = json.loads(Path(DASHBOARD).read_text("utf-8"))["panels"]
    asked = [target["expr"] for panel in panels for target in panel["targets"]]
    patterns = {found for expression in asked for found in re.findall(r'__name__=~"([^"]+)"', expression)}
    names = {
        found
        for expression in asked
        for found in re.findall(r"\b(?:router|orthanc)_\w+(?=\{)", re.sub(r'"[^"]*"', '""', expression))
    }
    assert len(names) > 10
    assert len(patterns) > 5
    assert names - published.keys() == set()
    assert [
        pattern for pattern in patterns if not any(re.fullmatch(pattern, name) for name in published)
    ] == []
