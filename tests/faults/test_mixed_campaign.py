# SPDX-License-Identifier: GPL-3.0-or-later
"""Generated studies of mixed objects to nodes that refuse, are full, break off and warn: nothing is lost.

`--studies` says how many (hundreds take a while: about a second each), `--seed` repeats the choices of an
earlier campaign. What each policy is to send is worked out image by image, and compared with what was
planned, what is said to have arrived, and what each node has.
"""

import random
from collections import Counter
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import pytest
from pydicom import FileDataset, dcmread
from pydicom.uid import UID, AllTransferSyntaxes, ExplicitVRLittleEndian, ImplicitVRLittleEndian

from faults.comparison import settled_deliveries
from mixed_studies import IMAGE_CLASSES, OTHER_CLASSES, RULES, meant, mixed_study
from router.documents.policy import Level
from samples import differences, file_bytes, unique
from servers.moody import Moody
from servers.node import Node
from servers.orthanc import OrthancServer
from servers.router import Json, RouterClient, patient
from servers.sender import send
from servers.storescp import StoreScp

CLASSES = (*IMAGE_CLASSES, *OTHER_CLASSES)
PATIENT = "SOMEONE"
#: Bad luck at all of these is possible: what a node takes is then retried by hand, as a person would.
EAGER = {"attempts": 5, "initial_seconds": 0.05, "max_seconds": 0.3}
NODES = 5
#: The longest study.
MOST = 60


@dataclass
class Way:
    """A policy, and the node that it sends to."""

    policy: Json
    rule: Json
    level: Level
    node: Node
    mood: Moody


def test_what_nodes_take_arrives_and_what_they_refuse_is_told(
    orthanc: OrthancServer, tmp_path: Path, chance: random.Random, pytestconfig: pytest.Config
) -> None:
    router = RouterClient(orthanc.rest)
    number = pytestconfig.getoption("--studies")
    studies = [mixed_study(PATIENT, chance, _size(chance), _classes(chance)) for _ in range(number)]
    images = {str(image.SOPInstanceUID): image for study in studies for image in study}
    classes = {image.SOPClassUID for image in images.values()}
    print(f"{len(studies)} studies, {len(images)} objects, {len(classes)} SOP classes")
    with ExitStack() as stack:
        everything = stack.enter_context(StoreScp(tmp_path / "everything", unique("ALL")))
        all_of_it = router.policy("All", patient(PATIENT), router.destination("All", everything, retry=EAGER))
        ways = [_way(router, stack, chance, index) for index in range(NODES)]
        with ThreadPoolExecutor(2) as senders:
            seeds = [chance.random() for _ in studies]
            list(senders.map(partial(_send, orthanc), studies, seeds))
        assert orthanc.sop_instance_uids() == images.keys()
        router.wait_until_caught_up(timeout=120)
        identifiers = _identifiers(orthanc)
        for way in ways:
            wanted = set().union(*(meant(way.rule, way.level, study) for study in studies))
            _compare(router, way, {uid: images[uid] for uid in wanted}, identifiers)
        settled_deliveries(router, all_of_it, len(images))
        files = everything.files()
        assert files.keys() == images.keys(), f"{len(images.keys() - files.keys())} have not arrived"
        changed = {
            uid: told for uid, image in images.items() if (told := differences(image, dcmread(files[uid])))
        }
        assert changed == {}


def _size(chance: random.Random) -> int:
    """Most studies are small, some as large as they get."""
    return chance.choice((3, 6, 12, 24, MOST))


def _classes(chance: random.Random) -> Sequence[UID]:
    return chance.sample(CLASSES, chance.randrange(1, 6))


def _way(router: RouterClient, stack: ExitStack, chance: random.Random, index: int) -> Way:
    rule: Json = {"all": [*patient(PATIENT)["all"], chance.choice(RULES)]}
    level: Level = ("instance", "study", "series")[index % 3]
    mood = Moody(chance.random(), CLASSES)
    uncompressed = [ExplicitVRLittleEndian, ImplicitVRLittleEndian]
    syntaxes = chance.choice((uncompressed, uncompressed[1:])) if index % 2 else AllTransferSyntaxes
    node = Node(unique("NODE"), mood, refused_contexts=mood.refused_classes, syntaxes=syntaxes)
    stack.enter_context(node)
    destination = router.destination(f"Node {index}", node, retry=EAGER, concurrency=1 + index % 2)
    trigger = {"level": level} | ({} if level == "instance" else {"quiet_seconds": 1})
    policy = router.policy(f"Way {index}", rule, destination, trigger=trigger)
    return Way(policy, rule, level, node, mood)


def _send(orthanc: OrthancServer, study: Sequence[FileDataset], seed: float) -> None:
    """Send a study in some order and in parts, by several senders; some images come twice."""
    chance = random.Random(seed)
    shuffled = chance.sample(study, len(study))
    cut = chance.randrange(len(study) + 1)
    again = chance.sample(study, len(study) // 3) if chance.random() < 0.2 else []
    for part in (shuffled[:cut], shuffled[cut:], again):
        if part and chance.random() < 0.7:
            send(orthanc.dicom_port, part, aet=chance.choice(("CT1", "MR2", "WORKSTATION")))
        else:
            for image in part:
                orthanc.rest.upload(file_bytes(image))


def _identifiers(orthanc: OrthancServer) -> dict[str, str]:
    """SOP Instance UIDs by Orthanc's identifier."""
    found = orthanc.rest.call(
        "POST", "/tools/find", json={"Level": "Instance", "Query": {}, "Expand": True}, timeout=300
    )
    return {one["ID"]: one["MainDicomTags"]["SOPInstanceUID"] for one in found}


def _compare(
    router: RouterClient, way: Way, wanted: dict[str, FileDataset], identifiers: dict[str, str]
) -> None:
    about = f"{way.policy['name']}, {way.level}, {way.rule['all'][-1]}"
    deliveries, by_hand = _until_no_bad_luck_is_left(router, way, wanted, identifiers)
    planned: Counter[str] = Counter()
    for delivery, of_it in deliveries:
        planned.update(of_it)
        refused = _refused(way, wanted, of_it)
        missing = [uid for uid in of_it if uid not in refused and uid not in way.mood.kept]
        assert not missing, f"{about}: {len(missing)} have not arrived: {delivery}"
        assert delivery["remaining"] == len(refused), f"{about}: {delivery}"
        assert delivery["state"] == ("failed" if refused else "succeeded"), f"{about}: {delivery}"
    assert planned == Counter(wanted.keys()), f"{about}: planned otherwise than the rule says"
    attempts = sum(len(delivery["attempts"]) for delivery, _ in deliveries)
    print(
        f"{about}: {len(wanted)} objects in {len(deliveries)} deliveries and {attempts} attempts,"
        f" {by_hand} retried by hand;"
        f" {len(way.mood.kept)} kept, {len(way.mood.refused_classes)} classes refused; {dict(way.mood.done)}"
    )


def _until_no_bad_luck_is_left(
    router: RouterClient, way: Way, wanted: dict[str, FileDataset], identifiers: dict[str, str]
) -> tuple[list[tuple[Json, list[str]]], int]:
    """All deliveries, each with its SOP Instance UIDs, once none has failed for an image that the node takes;
    and how many were retried by hand for that."""
    by_hand = 0
    #: By delivery. They stay the same however often it is retried, and each costs a request.
    objects: dict[str, list[str]] = {}
    while True:
        settled = settled_deliveries(router, way.policy, len(wanted))
        for one in settled:
            if one["id"] not in objects:
                instances = router.get(f"/deliveries/{one['id']}")["instance_ids"]
                objects[one["id"]] = [identifiers[each] for each in instances]
        deliveries = [(one, objects[one["id"]]) for one in settled]
        unlucky = [
            one["id"] for one, of_it in deliveries if one["remaining"] > len(_refused(way, wanted, of_it))
        ]
        if not unlucky or by_hand > len(wanted):
            return deliveries, by_hand
        for identifier in unlucky:
            router.post(f"/deliveries/{identifier}/retry")
        by_hand += len(unlucky)


def _refused(way: Way, wanted: dict[str, FileDataset], of_it: Sequence[str]) -> list[str]:
    """Those that the node takes in no attempt."""
    return [uid for uid in of_it if uid not in wanted or not way.mood.takes(wanted[uid])]
