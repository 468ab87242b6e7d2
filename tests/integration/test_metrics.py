# SPDX-License-Identifier: GPL-3.0-or-later
"""What Orthanc's own metrics tell of the router (`/tools/metrics-prometheus`)."""

from samples import make_series, unique
from servers.node import Node
from servers.orthanc import OrthancServer
from servers.router import RouterClient, patient
from servers.sender import send
from servers.waiting import wait_until


def metrics(orthanc: OrthancServer) -> dict[str, float]:
    """The router's figures, by name."""
    lines = orthanc.rest.text("/tools/metrics-prometheus").splitlines()
    return {name: float(value) for name, value, *_ in map(str.split, lines) if name.startswith("router_")}


def metric_of(destination: str) -> str:
    """How the names of a destination's figures begin."""
    return f"router_destination_{destination.replace(' ', '_').lower()}"


def test_they_tell_of_the_intake_and_of_each_destination(
    orthanc: OrthancServer, router: RouterClient, node: Node
) -> None:
    someone = unique("PAT")
    name = unique("Metrics ")
    router.policy(name, patient(someone), router.destination(name, node))
    send(orthanc.dicom_port, make_series(5, PatientID=someone))
    router.wait_until_delivered(5)
    destination = metric_of(name)
    told: dict[str, float] = {}

    def all_told() -> bool:
        told.update(metrics(orthanc))
        return told.get(f"{destination}_instances_total") == 5 and told["router_intake_lag_changes"] == 0

    wait_until(all_told, 20, lambda: told)
    assert told["router_up"] == 1
    assert told["router_intake_instances_total"] >= 5
    assert told["router_intake_lag_seconds"] == 0
    assert told["router_deliveries_succeeded"] >= told[f"{destination}_succeeded"] >= 1
    assert told[f"{destination}_attempts_total"] >= 1
    assert told[f"{destination}_failed_attempts_total"] == 0
    assert told[f"{destination}_bytes_total"] > 0
    assert told[f"{destination}_seconds_total"] > 0
    assert told[f"{destination}_breaker"] == 0


def test_a_destination_that_is_gone_does_not_seem_to_wait_for_ever(
    orthanc: OrthancServer, router: RouterClient
) -> None:
    name = unique("Gone ")
    someone = unique("PAT")
    away = router.destination(name, Node("AWAY"))  # which was not started
    policy = router.policy(name, patient(someone), away)
    send(orthanc.dicom_port, make_series(1, PatientID=someone))
    waiting = f"{metric_of(name)}_retrying"
    wait_until(lambda: metrics(orthanc).get(waiting) == 1, 20, lambda: metrics(orthanc))
    router.delete(f"/policies/{policy['id']}")
    router.delete(f"/destinations/{away['id']}")
    wait_until(lambda: metrics(orthanc)[waiting] == 0, 20, lambda: metrics(orthanc))
