# SPDX-License-Identifier: GPL-3.0-or-later
"""The action `label`, against an HTTP server that answers as an Orthanc with labels does (Orthanc Book)."""

import json
from collections.abc import Iterator
from typing import Any

import pytest

from router.actions import SendResult, ThisOrthanc, Work, label
from router.actions.label import Label
from router.administration.fitness import faults
from router.documents.delivery import ActionReference, Delivery, PolicyReference, Resource, State
from router.documents.policy import Level
from router.orthanc_api import OrthancApi
from router.store import LeasedDelivery
from samples import file_bytes, make_image
from servers.scripted_http import Answer, Asked, ScriptedHttp
from unit.actions.services_sample import ServicesSample
from unit.store.stored_samples import NOON

FILE = file_bytes(make_image(StudyDescription="CT: chest", AccessionNumber=""))


class Labels:
    """An Orthanc with the instance `image` and those of `more`, in one series of one study."""

    def __init__(self, version: str) -> None:
        self.given: list[str] = []
        self.asked: list[str] = []
        self.bytes = 0
        self.more: set[str] = set()
        self._version = version

    def __call__(self, asked: Asked) -> Answer:
        self.asked.append(asked.path)
        answer = self._answer(asked)
        self.bytes += len(answer.body)
        return answer

    def _answer(self, asked: Asked) -> Answer:
        images = {"image", *self.more}
        _, kind, *rest = asked.path.split("/")
        if asked.path == "/system":
            return Answer(body=json.dumps({"Version": self._version}).encode())
        if asked.path == "/tools/bulk-content":
            wanted = json.loads(asked.body)["Resources"]
            found = [{"ID": one, "ParentSeries": "series"} for one in wanted if one in images]
            return Answer(body=json.dumps(found).encode())
        if kind == "instances" and rest[0] not in images:
            return Answer(404, b'{"Message": "Unknown resource"}')
        if asked.method == "PUT":
            self.given.append(asked.path)
            return Answer()
        return Answer(body=FILE)


@pytest.fixture(params=["1.12.4"])
def labels(request: pytest.FixtureRequest) -> Labels:
    return Labels(request.param)


@pytest.fixture
def orthanc(labels: Labels) -> Iterator[OrthancApi]:
    with ScriptedHttp(labels) as server:
        api = OrthancApi(server.port, "token")
        yield api
        api.close()


def performed(
    orthanc: OrthancApi, instances: list[str], about: Level = "instance", **fields: Any
) -> SendResult:
    """What comes of labelling instances of the study, for which a policy of this level has fired."""
    action = Label(type="label", **fields)
    delivery = Delivery(
        id="delivery",
        state=State.RUNNING,
        lane="orthanc",
        policy=PolicyReference(id="policy", name="Policy", revision=1),
        action=ActionReference(id="action", type="label"),
        resource=Resource(
            level=about, id=instances[0], study="study", series="" if about == "study" else "series"
        ),
        instances=len(instances),
        remaining=len(instances),
        created_at=NOON,
    )
    leased = [LeasedDelivery(delivery, instances, "token")]
    return label.perform(Work(action, leased, ThisOrthanc(), ServicesSample(orthanc), NOON))  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("level", "path"),
    [
        (None, "/instances/image/labels/seen"),
        ("series", "/series/series/labels/seen"),
        ("study", "/studies/study/labels/seen"),
    ],
)
def test_what_the_policy_fired_for_or_what_it_is_in(
    orthanc: OrthancApi, labels: Labels, level: str | None, path: str
) -> None:
    assert performed(orthanc, ["image"], label="seen", level=level).arrived == ["image"]
    assert labels.given == [path]


def test_what_a_label_cannot_hold_becomes_an_underscore(orthanc: OrthancApi, labels: Labels) -> None:
    performed(orthanc, ["image"], label="{{ StudyDescription }}")
    assert labels.given == ["/instances/image/labels/CT_chest"]


def test_an_empty_label_is_refused(orthanc: OrthancApi, labels: Labels) -> None:
    sent = performed(orthanc, ["image"], label="{{ AccessionNumber }}")
    assert "empty" in sent.refused["image"]
    assert labels.given == []


def test_what_is_gone_is_refused_and_the_rest_is_labelled(orthanc: OrthancApi) -> None:
    sent = performed(orthanc, ["gone", "image"], label="seen")
    assert sent.arrived == ["image"]
    assert "not in Orthanc" in sent.refused["gone"]


@pytest.mark.parametrize("level", [None, "series", "study"])
@pytest.mark.parametrize("about", ["series", "study"])
def test_a_thousand_images_cost_no_more_than_a_few_questions(
    orthanc: OrthancApi, labels: Labels, level: str | None, about: Level
) -> None:
    images = [f"image-{n}" for n in range(1000)]
    labels.more = set(images)
    sent = performed(orthanc, images, about=about, label="{{ StudyDescription }}", level=level)
    assert sent.arrived == images
    assert len(labels.given) == 1
    assert len(labels.asked) <= 4
    assert labels.bytes < 100_000


def test_a_study_is_labelled_for_the_images_that_are_still_there(orthanc: OrthancApi, labels: Labels) -> None:
    sent = performed(orthanc, ["gone", "image", "gone-too"], about="study", label="{{ StudyDescription }}")
    assert sent.arrived == ["image"]
    assert sent.refused.keys() == {"gone", "gone-too"}
    assert labels.given == ["/studies/study/labels/CT_chest"]


def test_a_text_without_tags_needs_no_file(orthanc: OrthancApi, labels: Labels) -> None:
    assert performed(orthanc, ["image"], label="seen").arrived == ["image"]
    assert labels.asked == ["/instances/image/labels/seen"]


@pytest.mark.parametrize(
    ("labels", "has_labels"),
    [("1.10.1", False), ("1.11.3", False), ("1.12.0", True), ("1.13.0", True), ("mainline", True)],
    indirect=["labels"],
)
def test_an_orthanc_without_labels_is_told_when_the_policy_is_saved(
    orthanc: OrthancApi, has_labels: bool
) -> None:
    problems = list(faults(Label(type="label", label="seen"), lambda: str(orthanc.system()["Version"])))
    assert [path for path, _ in problems] == ([] if has_labels else ["type"])


@pytest.mark.parametrize("text", ["two words", "x" * 65, "{{ Nothing }}"])
def test_what_can_never_be_a_label_is_told(text: str) -> None:
    assert [path for path, _ in faults(Label(type="label", label=text), lambda: "mainline")] == ["label"]
