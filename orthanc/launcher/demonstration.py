# SPDX-License-Identifier: GPL-3.0-or-later
"""The demonstration: sample images come in, three policies route them, and a table shows where they went.

It uses only public interfaces: C-STORE, and the routes under `/router`.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from launcher.failure import Failure
from launcher.router_api import NoAnswer, RouterApi, RouterError
from launcher.sample_nodes import Arrivals, SampleImage, receiving_node, sample_images, send
from launcher.settings import Settings

#: The most seconds to wait until the images are routed.
UNTIL_ROUTED = 6.0

POLICIES: list[dict[str, Any]] = [
    {
        "name": "CT to research",
        "description": "Every CT image.",
        "order": 10,
        "rule": {"all": [{"tag": "Modality", "operator": "equals", "value": "CT"}]},
        "to": "Research",
    },
    {
        "name": "MR and GE ultrasound to teaching",
        "description": "MR of any manufacturer, and ultrasound of one.",
        "order": 20,
        "rule": {
            "any": [
                {"tag": "Modality", "operator": "equals", "value": "MR"},
                {
                    "all": [
                        {"tag": "Modality", "operator": "equals", "value": "US"},
                        {"tag": "Manufacturer", "operator": "starts_with", "value": "G.E."},
                    ]
                },
            ]
        },
        "to": "Teaching",
    },
    {
        "name": "Everything else to the archive",
        "description": "What no other policy has taken.",
        "order": 30,
        "rule": {"all": []},
        "fallback": True,
        "to": "Archive",
    },
]

#: The AE titles of the one receiving node.
DESTINATIONS = {"Research": "RESEARCH", "Teaching": "TEACHING", "Archive": "ARCHIVE"}


@dataclass(frozen=True)
class Routed:
    """A sample image, the policy that took it and why, and the AE titles at which it arrived."""

    image: SampleImage
    policy: str
    reason: str
    arrived_at: str


@contextmanager
def demonstrate(settings: Settings, api: RouterApi) -> Iterator[None]:
    """Show the demonstration, and run the receiving node until the block ends. Raises Failure."""
    with receiving_node() as (port, arrivals):
        try:
            _set_up(api, port)
            images = sample_images()
            print(
                f"\nSending {len(images)} sample images to {settings.aet}, port {settings.dicom_port} ...",
                flush=True,
            )
            send(images, settings.aet, settings.dicom_port)
            arrivals.wait_for(len(images), UNTIL_ROUTED)
            _show([_routed(api, image, arrivals) for image in images])
        except (NoAnswer, RouterError) as error:
            raise Failure(f"The demonstration has failed: {error}") from None
        print(f"\nLook at the policies and deliveries in the page: {settings.page}")
        yield


def _set_up(api: RouterApi, port: int) -> None:
    for name, aet in DESTINATIONS.items():
        settings = {"aet": aet, "host": "127.0.0.1", "port": port}
        api.post("router", "destinations", body={"name": name, "kind": "dicom", "settings": settings})
    for policy in POLICIES:
        document = {name: value for name, value in policy.items() if name != "to"}
        document["actions"] = [{"type": "forward", "destination": policy["to"]}]
        api.post("router", "policies", body=document)


def _routed(api: RouterApi, image: SampleImage, arrivals: Arrivals) -> Routed:
    explained = api.get("router", "explain", "instances", image.orthanc_id)
    taken_by = [verdict for verdict in explained["policies"] if verdict["matches"] and not verdict["skipped"]]
    return Routed(
        image=image,
        policy=", ".join(verdict["policy"]["name"] for verdict in taken_by) or "(none)",
        reason="; ".join(_reason(verdict) for verdict in taken_by),
        arrived_at=", ".join(sorted(arrivals.of(image))) or "(not yet)",
    )


def _reason(verdict: dict[str, Any]) -> str:
    if verdict["policy"]["fallback"]:
        return "no other policy matches"
    return " and ".join(_true_conditions(verdict["explanation"]))


def _true_conditions(explanation: dict[str, Any]) -> list[str]:
    """The conditions that made a rule match, with the values as read."""
    if "group" in explanation:
        return [condition for child in explanation["children"] for condition in _true_conditions(child)]
    actual = "\\".join(map(str, explanation["actual"]))
    return [f"{explanation['tag']} is {actual}"] if explanation["matches"] else []


def _show(rows: list[Routed]) -> None:
    table = [("Image", "Modality", "Policy", "Arrived at", "Why")]
    table += [
        (row.image.path.name, row.image.modality, row.policy, row.arrived_at, row.reason) for row in rows
    ]
    widths = [max(map(len, column)) for column in zip(*table, strict=True)]
    print()
    for line in table:
        print("  " + "  ".join(text.ljust(width) for text, width in zip(line, widths, strict=True)).rstrip())
