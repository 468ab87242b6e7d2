# SPDX-License-Identifier: GPL-3.0-or-later
"""A small hospital's worth of images, policies and deliveries, so that every page has something to show."""

from dataclasses import asdict, dataclass

from samples import make_image, make_series
from servers.orthanc import OrthancServer
from servers.process import free_port
from servers.router import Json, RouterClient, tag
from servers.runs import finished
from servers.sender import send
from servers.storescp import StoreScp


@dataclass(frozen=True, slots=True)
class Hospital:
    """The identifiers that its pages have in their addresses."""

    study: str
    changed_study: str
    series: str
    instance: str
    policy: str
    destination: str
    delivery: str
    failed_delivery: str
    preview: str
    replay: str
    simulation: str

    def as_identifiers(self) -> dict[str, str]:
        """By name, to be filled into addresses."""
        return asdict(self)


def furnish(orthanc: OrthancServer, archive: StoreScp) -> Hospital:
    """Make destinations and policies, send images in, and wait until all has come of them that will."""
    router = RouterClient(orthanc.rest)
    good = router.destination("Archive", archive)
    router.destination("Research", archive, settings={"local_aet": "RESEARCH"}, enabled=False)
    once = {"attempts": 1, "initial_seconds": 1, "max_seconds": 1}
    nobody = {"name": "Teaching", "kind": "dicom", "retry": once}
    nobody["settings"] = {"aet": "TEACHING", "host": "127.0.0.1", "port": free_port()}
    router.post("/destinations", nobody)
    chest = {
        "all": [
            tag("Modality", "equals", "CT"),
            {
                "any": [
                    tag("StudyDescription", "contains", "chest"),
                    tag("BodyPartExamined", "equals", "CHEST"),
                ]
            },
            {"not": tag("PatientAge", "less_than", "18Y")},
        ]
    }
    policy = router.policy("CT chest to the archive", chest, good, description="Reporting reads from there")
    router.policy("MR to teaching", {"all": [tag("Modality", "equals", "MR")]}, "Teaching")
    router.policy("Everything to research", {"all": []}, "Research", enabled=False, fallback=True)
    pseudonymise = {"type": "modify", "transform": {"replace": {"PatientName": "Trial^One"}}}
    once_only = {"all": [tag("Modality", "equals", "CT"), tag("PatientName", "not_equals", "Trial^One")]}
    router.post("/policies", {"name": "Copy for the trial", "rule": once_only, "actions": [pseudonymise]})

    study = make_series(
        3, StudyDescription="CT CHEST", PatientName="Doe^Jane", PatientID="P1001", AccessionNumber="A-2001"
    )
    others = [
        make_image("MR", StudyDescription="MR HEAD", PatientName="Roe^Richard", PatientID="P1002"),
        make_image("US", StudyDescription="US ABDOMEN", PatientName="Lang^Rosa", PatientID="P1003"),
    ]
    send(orthanc.dicom_port, [*study, *others])
    router.wait_for_deliveries(lambda found: any(one["state"] == "failed" for one in found))
    router.wait_for_deliveries(
        lambda found: (
            {one["action"]["type"] for one in found if one["state"] == "succeeded"} == {"forward", "modify"}
            and not any(one["state"] in {"waiting", "running", "retrying"} for one in found)
        )
    )
    deliveries = router.deliveries()
    preview = router.post(f"/policies/{policy['id']}/preview")
    simulation = router.post(f"/policies/{policy['id']}/simulate")
    for run in (preview, simulation):
        finished(router, run)
    replay = router.post(f"/policies/{policy['id']}/replay", {"run": preview["id"], "again": True})
    finished(router, replay)
    study_id = _study_of(deliveries, "P1001", "modify")
    (made,) = {step["result"]["id"] for step in router.get(f"/lineage/studies/{study_id}")["results"]}
    return Hospital(
        study=study_id,
        changed_study=made,
        series=orthanc.rest.get(f"/studies/{study_id}")["Series"][0],
        instance=orthanc.rest.get(f"/studies/{study_id}/instances")[0]["ID"],
        policy=policy["id"],
        destination=good["id"],
        delivery=next(one["id"] for one in deliveries if one["state"] == "succeeded"),
        preview=preview["id"],
        replay=replay["id"],
        simulation=simulation["id"],
        failed_delivery=next(one["id"] for one in deliveries if one["state"] == "failed"),
    )


def _study_of(deliveries: list[Json], patient: str, action: str) -> str:
    """The study of this patient that an action of this type was carried out on."""
    studies: list[str] = [
        one["resource"]["study"]
        for one in deliveries
        if one["resource"]["patient_id"] == patient and one["action"]["type"] == action
    ]
    return studies[0]
