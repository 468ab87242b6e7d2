# SPDX-License-Identifier: GPL-3.0-or-later
"""Evaluating and explaining: what would match, what has matched, and why."""

import pytest

from samples import file_bytes, make_image, uids, unique
from servers.node import Node
from servers.orthanc import OrthancServer
from servers.router import Json, RouterClient, patient, tag
from servers.sender import send

RULE = {
    "all": [
        tag("Modality", "equals", "CT"),
        {
            "any": [
                tag("BodyPartExamined", "in", ["CHEST", "LUNG"]),
                tag("PatientAge", "less_than", "18Y"),
            ]
        },
    ]
}


class TestEvaluate:
    @pytest.mark.parametrize(
        ("tags", "matches"),
        [
            ({"Modality": "CT", "BodyPartExamined": "chest"}, True),
            ({"Modality": "CT", "PatientAge": "030M"}, True),
            ({"Modality": "CT", "PatientAge": "018Y"}, False),
            ({"Modality": "MR", "BodyPartExamined": "CHEST"}, False),
            ({}, False),
        ],
    )
    def test_given_tags(self, router: RouterClient, tags: Json, matches: bool) -> None:
        answer = router.post("/evaluate", {"rule": RULE, "tags": tags})
        assert answer["matches"] is matches
        assert answer["explanation"]

    def test_nested_tags_and_facts(self, router: RouterClient) -> None:
        rule = {
            "all": [
                tag("RequestAttributesSequence.ScheduledProcedureStepID", "equals", "B"),
                tag("@RemoteAET", "equals", "CT1"),
                tag("ImageType", "equals", "AXIAL"),
            ]
        }
        tags = {
            "RequestAttributesSequence": [
                {"ScheduledProcedureStepID": "A"},
                {"ScheduledProcedureStepID": "B"},
            ],
            "@RemoteAET": "CT1",
            "ImageType": "ORIGINAL\\PRIMARY\\AXIAL",
        }
        assert router.post("/evaluate", {"rule": rule, "tags": tags})["matches"] is True

    def test_a_stored_image(self, orthanc: OrthancServer, router: RouterClient) -> None:
        image = make_image(PatientID=unique("PAT"), PatientAge="012Y")
        send(orthanc.dicom_port, [image])
        [instance] = orthanc.rest.post(
            "/tools/find", {"Level": "Instance", "Query": {"SOPInstanceUID": image.SOPInstanceUID}}
        )
        document = {"rule": RULE, "resource": {"level": "instance", "id": instance}}
        assert router.post("/evaluate", document)["matches"] is True

    def test_a_whole_policy(self, router: RouterClient) -> None:
        policy = {"name": "x", "rule": RULE, "actions": []}
        answer = router.post("/evaluate", {"policy": policy, "tags": {"Modality": "MR"}})
        assert answer["matches"] is False

    @pytest.mark.parametrize(
        ("document", "path"),
        [
            ({"tags": {}}, "rule"),
            ({"rule": {"all": []}}, "tags"),
            ({"rule": tag("Nonsense", "equals", "x"), "tags": {}}, "rule.tag"),
            ({"rule": {"all": []}, "tags": {"Nonsense": "x"}}, "tags.Nonsense"),
        ],
    )
    def test_what_cannot_be_evaluated_is_refused(
        self, router: RouterClient, document: Json, path: str
    ) -> None:
        response = router.rest.request("POST", "/router/evaluate", json=document)
        assert response.status_code == 422, response.text
        assert response.json()["error"]["details"][0]["path"] == path


class TestExplain:
    def test_why_an_image_was_not_routed(
        self, orthanc: OrthancServer, router: RouterClient, node: Node, destination: Json
    ) -> None:
        someone = unique("PAT")
        rule = {"all": [tag("PatientID", "equals", someone), tag("Modality", "equals", "MR")]}
        matching = router.policy(unique("Matching "), patient(someone), destination, order=900)
        failing = router.policy(unique("Failing "), rule, destination, order=901)
        disabled = router.policy(unique("Disabled "), patient(someone), destination, enabled=False)
        image = make_image(PatientID=someone)
        send(orthanc.dicom_port, [image])
        node.wait_for(uids([image]))
        [delivery] = router.wait_until_delivered(1, policy=matching["id"])
        [instance] = orthanc.rest.post(
            "/tools/find", {"Level": "Instance", "Query": {"SOPInstanceUID": image.SOPInstanceUID}}
        )
        answer = router.get(f"/explain/instances/{instance}")
        verdicts = {verdict["policy"]["id"]: verdict for verdict in answer["policies"]}
        assert verdicts[matching["id"]]["matches"] is True
        assert verdicts[failing["id"]]["matches"] is False
        assert "'CT'" in str(verdicts[failing["id"]])
        assert disabled["id"] in verdicts
        assert delivery["id"] in {one["id"] for one in answer["deliveries"]}

    @pytest.mark.parametrize(("order", "how"), [("anonymize", "anonymized"), ("modify", "modified")])
    def test_what_somebody_had_orthanc_make_of_another_names_it(
        self, orthanc: OrthancServer, router: RouterClient, order: str, how: str
    ) -> None:
        instance = orthanc.rest.upload(file_bytes(make_image(PatientID=unique("PAT"))))
        study = orthanc.rest.get(f"/instances/{instance}/study")["ID"]
        made = orthanc.rest.post(f"/studies/{study}/{order}", {"Replace": {"StudyDescription": "New"}})["ID"]
        original = {"how": how, "level": "study", "id": study}
        assert router.get(f"/explain/studies/{made}")["made_from"] == original
        assert router.get(f"/explain/studies/{study}")["made_from"] is None

    @pytest.mark.parametrize("level", ["instances", "series", "studies"])
    def test_what_is_not_there(self, router: RouterClient, level: str) -> None:
        assert router.rest.request("GET", f"/router/explain/{level}/none").status_code == 404


class TestForPeopleWhoBuildRules:
    @pytest.mark.parametrize(
        ("query", "keyword"),
        [
            ("study desc", "StudyDescription"),
            ("0008,1030", "StudyDescription"),
            ("patientname", "PatientName"),
        ],
    )
    def test_tags_are_found_by_name_and_number(self, router: RouterClient, query: str, keyword: str) -> None:
        found = router.get("/tags", query=query)["items"]
        assert found[0]["keyword"] == keyword
        assert found[0]["vr"]

    def test_every_operator_is_listed(self, router: RouterClient) -> None:
        names = {operator["name"] for operator in router.get("/operators")["items"]}
        assert names == {
            *(
                "equals",
                "contains",
                "starts_with",
                "ends_with",
                "matches",
                "in",
                "exists",
                "missing",
                "between",
            ),
            *("less_than", "less_or_equal", "greater_than", "greater_or_equal"),
            *("not_equals", "not_contains", "not_matches", "not_in"),
        }
