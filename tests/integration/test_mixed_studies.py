# SPDX-License-Identifier: GPL-3.0-or-later
"""Studies whose images contradict each other: each image decides by what it says itself, and everything that
tells of it says the same."""

import copy
import random
from collections import Counter
from collections.abc import Iterator, Sequence

import pytest
from pydicom import FileDataset
from pydicom.uid import generate_uid

from mixed_studies import COUNTED, RULES, meant, mixed_study
from router.documents.policy import Level
from samples import file_bytes, make_image, unique
from servers.node import Node
from servers.orthanc import OrthancServer
from servers.router import Json, RouterClient, tag
from servers.runs import finished, studies

SEED = random.randrange(10**6)
STUDIES = 2
QUIET = {"quiet_seconds": 1}


def orders_of_arrival(images: Sequence[FileDataset], draw: random.Random) -> Iterator[list[FileDataset]]:
    """The same study again and again, each time with other UIDs, as its images may come in."""
    for order in (images, images[::-1], draw.sample(images, len(images))):
        renamed: dict[str, str] = {}
        copies = []
        for image in map(copy.deepcopy, order):
            for keyword in ("StudyInstanceUID", "SeriesInstanceUID", "SOPInstanceUID"):
                setattr(image, keyword, renamed.setdefault(str(image[keyword].value), generate_uid()))
            image.file_meta.MediaStorageSOPInstanceUID = image.SOPInstanceUID
            copies.append(image)
        yield copies


def by_study(told: Sequence[Json]) -> Counter[str]:
    """Instances of deliveries, or of what a run tells, by Orthanc's identifier of the study."""
    counts: Counter[str] = Counter()
    for one in told:
        counts[one["resource"]["study"]] += one["instances"]
    return counts


@pytest.mark.parametrize("level", ["instance", "series", "study"])
def test_deliveries_explanations_previews_simulations_and_replays_agree(
    orthanc: OrthancServer, router: RouterClient, node: Node, level: Level
) -> None:
    print(f"seed {SEED}")
    draw = random.Random(f"{SEED} {level}")
    patient_id = unique("P")
    destination = router.destination(unique("Node "), node)
    rules = [*RULES, *([] if level == "instance" else [COUNTED])]
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
    sent: dict[str, list[FileDataset]] = {}
    for _ in range(STUDIES):
        for images in orders_of_arrival(mixed_study(patient_id, draw), draw):
            for image in images:
                identifier = orthanc.rest.upload(file_bytes(image))
                if draw.random() < 0.3:
                    router.wait_until_caught_up()
            sent[orthanc.rest.get(f"/instances/{identifier}/study")["ID"]] = images
    ways = [
        (policy, rule, Counter({study: len(meant(rule, level, images)) for study, images in sent.items()}))
        for policy, rule in zip(policies, rules, strict=True)
    ]
    for policy, _, wanted in ways:
        router.wait_until_delivered(wanted.total(), policy=policy["id"])
    explained = {
        study: {one["policy"]["id"]: one for one in router.get(f"/explain/studies/{study}")["policies"]}
        for study in sent
    }
    for policy, rule, wanted in ways:
        about = f"/policies/{policy['id']}"
        assert by_study(router.deliveries(policy=policy["id"])) == wanted, rule
        preview = router.post(f"{about}/preview", {"studies": {"PatientID": patient_id}})
        simulation = router.post(f"{about}/simulate", {"days": 1})
        replay = router.post(f"{about}/replay", {"studies": {"PatientID": patient_id}})
        again = router.post(f"{about}/replay", {"studies": {"PatientID": patient_id}, "again": True})
        assert finished(router, preview)["instances"] == wanted.total(), rule
        assert by_study(studies(router, preview, verdict="matched")) == wanted, rule
        totals = finished(router, simulation)["totals"]
        assert sum(total["instances"] for total in totals) == wanted.total(), rule
        told = finished(router, replay)
        assert (told["planned"], told["skipped_already_delivered"]) == (0, wanted.total()), rule
        assert finished(router, again)["instances"] == wanted.total(), rule
        assert by_study(router.deliveries(run=again["id"])) == wanted, rule
        for study, count in wanted.items():
            verdict = explained[study][policy["id"]]
            assert verdict["matches"] is bool(count), rule
            if level == "instance":
                assert verdict["matching_instances"] == count, rule
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


def test_files_that_orthanc_compresses_decide_too(own_orthanc: OrthancServer, node: Node) -> None:
    own_orthanc.configuration["StorageCompression"] = True
    own_orthanc.start()
    router = RouterClient(own_orthanc.rest)
    router.policy("Chest", tag("PatientComments", "contains", "chest"), router.destination("Node", node))
    for comments in ("head", "chest"):
        # PatientComments lie behind what is read of the file at first.
        before = {"DerivationDescription": "x" * 60_000, "AdditionalPatientHistory": "x" * 60_000}
        own_orthanc.rest.upload(file_bytes(make_image(size=200_000, PatientComments=comments, **before)))
    router.wait_until_delivered(1)
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
