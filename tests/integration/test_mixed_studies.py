"""Studies whose images contradict each other: each image decides by what it says itself, and everything that
tells of it says the same."""

import random
from collections.abc import Sequence
from typing import Any

import pytest
from pydicom import Dataset
from pydicom.uid import generate_uid

from router.clock import MACHINE_ZONE, utc_now
from router.rules import Moment, Reading, compile_rule
from samples import file_bytes, make_image, unique
from servers.node import Node
from servers.orthanc import OrthancServer
from servers.router import Json, RouterClient, tag
from servers.runs import finished, studies

SEED = random.randrange(10**6)
STUDIES = 4
QUIET = {"quiet_seconds": 1}
#: What the images of one study say differently; None: nothing.
VALUES: dict[str, Sequence[str | list[str] | None]] = {
    "StudyDescription": ["CHEST CT", "HEAD", "do not send", None, ""],
    "PatientName": ["Wrong^Name", "Right^Name"],
    "AccessionNumber": ["RAD1", "CARD2", None],
    "Modality": ["CT", "MR", "SR"],
    "StationName": ["A", None],
    "InstitutionName": ["Ö" * 20, "x" * 300, None],
    "OperatorsName": [["Operator^Number" + str(number) * 30 for number in range(8)], "Somebody", None],
    "PatientComments": ["of the header alone", None],
}
RULES: list[Json] = [
    tag("StudyDescription", "contains", "chest"),
    tag("StudyDescription", "not_contains", "do not send"),
    tag("AccessionNumber", "starts_with", "CARD"),
    {"all": [tag("PatientName", "starts_with", "Right"), tag("Modality", "in", ["CT", "MR"])]},
    {"any": [tag("InstitutionName", "matches", "x{300}|Ö$"), tag("StationName", "missing")]},
    tag("OperatorsName", "contains", "Number7"),
    {"all": [tag("PatientComments", "exists"), tag("@InstanceCount", "greater_than", 3)]},
    tag("AccessionNumber", "missing"),
]


def mixed_study(patient_id: str, draw: random.Random) -> list[Dataset]:
    """Images of one study, in the order in which they come in."""
    study, series = generate_uid(), [generate_uid() for _ in range(2)]
    images: list[Dataset] = []
    for _ in range(draw.randint(2, 6)):
        tags: dict[str, Any] = {keyword: draw.choice(values) for keyword, values in VALUES.items()}
        images.append(make_image(study=study, series=draw.choice(series), PatientID=patient_id, **tags))
    return images


def expected(rule: Json, level: str, images: Sequence[Dataset]) -> int:
    """How many images a policy of this level sends, worked out image by image."""
    compiled = compile_rule(rule, level)  # type: ignore[arg-type]
    groups: dict[object, list[Dataset]] = {}
    for image in images:
        key = {"instance": image.SOPInstanceUID, "series": image.SeriesInstanceUID, "study": 0}[level]
        groups.setdefault(key, []).append(image)
    moment = Moment(utc_now().astimezone(MACHINE_ZONE))
    return sum(
        len(group)
        for group in groups.values()
        if any(
            compiled.evaluate(Reading.of_dataset(image, {"@InstanceCount": len(group)}), moment)
            for image in group
        )
    )


@pytest.mark.parametrize("level", ["instance", "series", "study"])
def test_deliveries_explanations_previews_and_simulations_agree(
    orthanc: OrthancServer, router: RouterClient, node: Node, level: str
) -> None:
    print(f"seed {SEED}")
    draw = random.Random(f"{SEED} {level}")
    patient_id = unique("P")
    destination = router.destination(unique("Node "), node)
    rules = [rule for rule in RULES if level != "instance" or "@InstanceCount" not in str(rule)]
    trigger = {"level": level, **(QUIET if level != "instance" else {})}
    policies = [
        router.policy(
            unique("Mixed "),
            {"all": [tag("PatientID", "equals", patient_id), rule]},
            destination,
            trigger=trigger,
        )
        for rule in rules
    ]
    sent: dict[str, list[Dataset]] = {}
    for _ in range(STUDIES):
        images = mixed_study(patient_id, draw)
        for image in images:
            identifier = orthanc.rest.upload(file_bytes(image))
            if draw.random() < 0.3:
                router.wait_until_caught_up()
        sent[orthanc.rest.get(f"/instances/{identifier}/study")["ID"]] = images
    explained = {}
    for policy, rule in zip(policies, rules, strict=True):
        wanted = {study: expected(rule, level, images) for study, images in sent.items()}
        router.wait_for_deliveries(
            lambda found, wanted=wanted: sum(one["instances"] for one in found) >= sum(wanted.values()),  # type: ignore[misc]
            policy=policy["id"],
        )
    for policy, rule in zip(policies, rules, strict=True):
        wanted = {study: expected(rule, level, images) for study, images in sent.items()}
        delivered = dict.fromkeys(sent, 0)
        for delivery in router.deliveries(policy=policy["id"]):
            delivered[delivery["resource"]["study"]] += delivery["instances"]
        assert delivered == wanted, rule
        previewed = router.post(f"/policies/{policy['id']}/preview", {"studies": {"PatientID": patient_id}})
        simulated = router.post(f"/policies/{policy['id']}/simulate", {"days": 1})
        assert finished(router, previewed)["instances"] == sum(wanted.values()), rule
        found = {
            one["resource"]["study"]: one["instances"]
            for one in studies(router, previewed, verdict="matched")
        }
        assert found == {study: count for study, count in wanted.items() if count}, rule
        totals = finished(router, simulated)["totals"]
        assert sum(total["instances"] for total in totals) == sum(wanted.values()), rule
        for study, count in wanted.items():
            if study not in explained:
                explained[study] = {
                    one["policy"]["id"]: one for one in router.get(f"/explain/studies/{study}")["policies"]
                }
            told = explained[study][policy["id"]]
            assert told["matches"] is bool(count), rule
            if level == "instance":
                assert told["matching_instances"] == count, rule
    for policy in policies:
        router.post(f"/policies/{policy['id']}/disable")


def test_an_image_that_is_overwritten_decides_anew(own_orthanc: OrthancServer, node: Node) -> None:
    own_orthanc.configuration["OverwriteInstances"] = True
    own_orthanc.start()
    router = RouterClient(own_orthanc.rest)
    router.policy("Chest", tag("StudyDescription", "contains", "chest"), router.destination("Node", node))
    image = make_image(StudyDescription="HEAD")
    own_orthanc.rest.upload(file_bytes(image))
    router.wait_until_caught_up()
    assert router.deliveries() == []
    image.StudyDescription = "CHEST"
    own_orthanc.rest.upload(file_bytes(image))
    router.wait_until_delivered(1)
    image.StudyDescription = "HEAD again"
    own_orthanc.rest.upload(file_bytes(image))
    router.wait_until_caught_up()
    assert len(router.deliveries()) == 1


@pytest.mark.parametrize("change", ["deleted", "overwritten", "reconstructed"])
def test_a_study_is_seen_as_it_is_when_late_images_come(
    own_orthanc: OrthancServer, node: Node, change: str
) -> None:
    own_orthanc.configuration["OverwriteInstances"] = True
    own_orthanc.start()
    router = RouterClient(own_orthanc.rest)
    destination = router.destination("Node", node)
    rule = {"all": [tag("StudyDescription", "contains", "chest"), tag("@InstanceCount", "less_than", 4)]}
    policy = router.policy("Chest", rule, destination, trigger={"level": "study", **QUIET})
    study = generate_uid()
    head, *others = [make_image(study=study, StudyDescription=text) for text in ("HEAD", "HEAD", "HEAD")]
    first = own_orthanc.rest.upload(file_bytes(head))
    for image in others:
        own_orthanc.rest.upload(file_bytes(image))
    identifier = own_orthanc.rest.get(f"/instances/{first}/study")["ID"]
    router.policy("All", {"all": []}, destination, trigger={"level": "study", **QUIET})
    router.wait_until_delivered(3)
    if change == "deleted":
        own_orthanc.rest.delete(f"/instances/{first}")
        own_orthanc.rest.upload(file_bytes(make_image(study=study, StudyDescription="CHEST")))
    elif change == "overwritten":
        head.StudyDescription = "CHEST"
        own_orthanc.rest.upload(file_bytes(head))
    else:
        own_orthanc.rest.post(f"/studies/{identifier}/reconstruct")
        own_orthanc.rest.upload(file_bytes(make_image(study=study, StudyDescription="HEAD")))
    late = router.wait_for_deliveries(lambda found: len(found) >= (2 if change == "reconstructed" else 3))
    chest = [one["instances"] for one in late if one["policy"]["id"] == policy["id"]]
    assert chest == ([] if change == "reconstructed" else [3])
