# SPDX-License-Identifier: GPL-3.0-or-later
"""The examples in docs/extending.md work: each is added as one file, or one function, and nothing else."""

import json
import re
import subprocess
import sys
from pathlib import Path
from typing import Any, cast

import pytest

from extensions import GUIDE, examples, extended_repository
from router.actions import ActionType, Work
from router.destinations import Installation, Kind
from router.documents.delivery import ActionReference, Delivery, PolicyReference, Resource, State
from router.orthanc_api import OrthancError
from router.store import LeasedDelivery
from samples import make_image
from servers.orthanc_in_memory import OrthancInMemory
from unit.actions.services_sample import ServicesSample
from unit.destinations.outgoing_samples import outgoing
from unit.store.stored_samples import NOON


def entry(source: str, module: str, name: str) -> Any:
    """What an example defines for the registry."""
    defined: dict[str, Any] = {"__name__": module}
    exec(compile(source, str(GUIDE), "exec"), defined)
    return defined[name]


def test_the_kind_takes_images() -> None:
    kind = entry(examples().kind, "router.destinations.null", "KIND")
    assert isinstance(kind, Kind)
    target = kind.open(
        "null", kind.settings.model_validate({"note": "for trying out"}), cast(Installation, None)
    )
    assert target.test()
    cast(Any, target).send(outgoing(make_image()))
    target.close()


class Annotated(OrthancInMemory):
    """An Orthanc that keeps metadata; one image is gone."""

    def __init__(self) -> None:
        super().__init__()
        self.metadata: dict[tuple[str, int], str] = {}

    def set_metadata(self, instance: str, number: int, value: str) -> None:
        if instance == "gone":
            raise OrthancError(404, "Unknown resource")
        self.metadata[instance, number] = value


def test_the_action_is_carried_out() -> None:
    action_type = entry(examples().action, "router.actions.annotate", "ACTION")
    assert isinstance(action_type, ActionType)
    action = action_type.model.model_validate({"type": "annotate", "note": "seen"})
    assert list(action_type.problems(action)) == []
    orthanc = Annotated()
    delivery = Delivery(
        id="delivery",
        state=State.RUNNING,
        lane="orthanc",
        policy=PolicyReference(id="policy", name="Policy", revision=1),
        action=ActionReference(id="action", type="annotate"),
        resource=Resource(level="instance", id="image"),
        instances=2,
        remaining=2,
        created_at=NOON,
    )
    leased = [LeasedDelivery(delivery, ["image", "gone"], "token")]
    result = action_type.perform(
        Work(action, leased, cast(Any, None), cast(Any, ServicesSample(orthanc)), NOON)
    )
    assert (result.arrived, list(result.refused)) == (["image"], ["gone"])
    assert orthanc.metadata == {("image", 1100): "seen"}


@pytest.fixture(scope="module")
def plugin(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The plugin with all examples in it."""
    return extended_repository(tmp_path_factory.mktemp("extended")) / "plugin"


def test_they_are_checked(plugin: Path, tmp_path: Path) -> None:
    """The command line reads and checks documents as an import does."""
    policy = {
        "name": "All",
        "rule": {"all": []},
        "actions": [
            {"type": "forward", "destination": "Nowhere"},
            {"type": "annotate", "note": " "},
            {"type": "label", "label": "{{ PatientName | initials }}{{ PatientName | initial }}"},
        ],
    }
    destinations = [
        {"name": "Nowhere", "kind": "null", "settings": {"note": "for trying out"}},
        {"name": "Misspelt", "kind": "null", "settings": {"notes": "for trying out"}},
    ]
    document = tmp_path / "document.json"
    document.write_text(json.dumps({"version": 1, "policies": [policy], "destinations": destinations}))
    command = [sys.executable, "-m", "router", "check", "--json", str(document)]
    printed = subprocess.run(command, cwd=plugin, capture_output=True, text=True, check=False).stdout
    found = {one["path"]: one["message"] for one in json.loads(printed)["problems"]}
    assert found.keys() == {
        "destinations[1].settings.notes",
        "policies[0].actions[1].note",
        "policies[0].actions[2].label",
    }
    assert found["policies[0].actions[1].note"] == "A note needs a text"
    assert "initials" in found["policies[0].actions[2].label"]


def test_they_are_described(plugin: Path) -> None:
    """OpenAPI has them."""
    script = """
import json
from router.api.destinations import DestinationRoutes
from router.api.openapi import openapi
from router.api.policies import PolicyRoutes
from router.api.templates import TemplateRoutes
from router.store import open_store
from pathlib import Path
import sys
store = open_store(None, "", Path(sys.argv[1]))
routes = [
    *PolicyRoutes(store, None).routes(),
    *DestinationRoutes(store, None, None, None).routes(),
    *TemplateRoutes(None).routes(),
]
print(json.dumps(openapi(routes)["components"]["schemas"]))
"""
    command = [sys.executable, "-c", script, str(plugin.parent)]
    printed = subprocess.run(command, cwd=plugin, capture_output=True, text=True, check=True).stdout
    schemas = json.loads(printed)
    assert schemas["Annotate-Input"]["properties"]["note"]["description"]
    assert "#/components/schemas/Annotate-Input" in json.dumps(schemas["PolicyDraft"])
    assert "null" in schemas["ShownKind"]["properties"]["kind"]["enum"]
    assert "initials" in schemas["TemplateFilter"]["properties"]["name"]["enum"]


def test_the_files_that_the_guide_names_are_there() -> None:
    """Those of the tables and of the text, but for the ones to be written."""
    root = GUIDE.parents[1]
    named = re.findall(r"`((?:plugin|webapp|tests|docs)/[\w./-]+)`", GUIDE.read_text("utf-8"))
    assert named
    assert [name for name in named if "NAME" not in name and not (root / name).exists()] == []
