# SPDX-License-Identifier: GPL-3.0-or-later
"""What the router says of a policy before it is switched on: its problems, its cases, and warnings."""

from typing import Any

import pytest
from pydicom import Dataset

from samples import make_image, unique
from servers.orthanc import OrthancServer
from servers.router import Json, RouterClient, as_read, tag
from servers.sender import send

RULE = {"all": [tag("Modality", "equals", "CT"), tag("StudyDescription", "contains", "chest")]}
CHEST = {"Modality": "CT", "StudyDescription": "CT CHEST"}


def policy(**fields: object) -> Json:
    """A policy without actions."""
    return {"name": unique("Policy "), "rule": RULE, "actions": [], **fields}


def case(name: str, matches: bool, **tags: object) -> Json:
    """A case."""
    return {"name": name, "tags": {**CHEST, **tags}, "matches": matches}


def refused(router: RouterClient, path: str, document: Json | None = None) -> list[Json]:
    """The details of what the router does not take."""
    response = router.rest.request("POST", f"/router{path}", json=document or {})
    assert response.status_code == 422, response.text
    details: list[Json] = response.json()["error"]["details"]
    return details


def stored_study(orthanc: OrthancServer, **tags: Any) -> str:
    """Send an image; Orthanc's identifier of its study."""
    someone = unique("PAT")
    send(orthanc.dicom_port, [make_image(PatientID=someone, **tags)])
    [found] = orthanc.rest.post("/tools/find", {"Level": "Study", "Query": {"PatientID": someone}})
    return str(found)


class TestCheck:
    def test_all_is_well(self, router: RouterClient) -> None:
        told = router.post("/check", {"draft": policy(cases=[case("a chest", True)])})
        assert (told["ok"], told["problems"], told["warnings"]) == (True, [], [])
        [result] = told["cases"]
        assert (result["name"], result["ok"], result["expected"], result["matches"]) == (
            "a chest",
            True,
            True,
            True,
        )

    def test_what_is_wrong_is_an_answer_and_no_error(self, router: RouterClient) -> None:
        wrong = policy(
            rule={"all": [tag("Modalty", "equals", "CT")]}, actions=[{"type": "delete", "id": "?"}]
        )
        told = router.post("/check", {"draft": wrong})
        assert told["ok"] is False
        assert [problem["path"] for problem in told["problems"]] == ["actions[0].id"]
        told = router.post("/check", {"draft": {**wrong, "actions": []}})
        assert [problem["path"] for problem in told["problems"]] == ["rule.all[0].tag"]

    def test_a_failing_case_tells_the_condition(self, router: RouterClient) -> None:
        cases = [case("an MR", True, Modality="MR"), case("a head", False), case("odd", True, Nonsense="1")]
        told = router.post("/check", {"draft": policy(cases=cases)})
        assert (told["ok"], told["problems"]) == (False, [])
        magnetic, head, odd = told["cases"]
        assert (magnetic["ok"], magnetic["expected"], magnetic["matches"]) == (False, True, False)
        assert magnetic["explanation"]["children"][0]["reason"] == '"MR" is not "CT".'
        assert (head["ok"], head["matches"]) == (False, True)
        assert (odd["ok"], odd["matches"], odd["path"]) == (False, None, "tags.Nonsense")
        assert "Nonsense" in odd["problem"]

    def test_a_stored_policy_or_what_is_to_replace_it(self, router: RouterClient) -> None:
        saved = router.post("/policies", policy(cases=[case("a chest", True)]))
        path = f"/policies/{saved['id']}"
        assert router.post(f"{path}/check")["ok"] is True
        assert router.post(f"{path}/check", {})["ok"] is True
        other = {**saved, "rule": tag("Modality", "equals", "MR")}
        assert router.post(f"{path}/check", {"draft": other})["ok"] is False
        assert router.get(path) == as_read(saved)
        assert router.rest.request("POST", "/router/policies/none/check", json={}).status_code == 404

    @pytest.mark.parametrize("body", [[], {"policy": {}}, {"draft": {}, "revision": 1}])
    def test_a_body_that_is_none(self, router: RouterClient, body: object) -> None:
        assert router.rest.request("POST", "/router/check", json=body).status_code == 422


class TestCases:
    def test_a_policy_with_a_failing_case_cannot_be_switched_on(self, router: RouterClient) -> None:
        document = policy(cases=[case("a chest", True), case("an MR", True, Modality="MR")])
        [detail] = refused(router, "/policies", document)
        assert detail["path"] == "cases[1]"
        assert detail["message"] == (
            'The case \'an MR\' should match, but does not: Modality: "MR" is not "CT".'
        )
        saved = router.post("/policies", {**document, "enabled": False})
        assert refused(router, f"/policies/{saved['id']}/enable") == [detail]
        assert router.get(f"/policies/{saved['id']}")["enabled"] is False

    def test_of_a_stored_resource(self, orthanc: OrthancServer, router: RouterClient) -> None:
        chest = {"level": "study", "id": stored_study(orthanc, StudyDescription="CT Chest")}
        head = {"level": "study", "id": stored_study(orthanc, StudyDescription="CT Head")}
        cases = [
            {"name": "a chest", "resource": chest, "matches": True},
            {"name": "a head", "resource": head, "matches": False},
        ]
        saved = router.post("/policies", policy(cases=cases))
        assert saved["enabled"] is True
        assert saved["cases"] == cases
        wrong = [{**cases[1], "matches": True}]
        [detail] = refused(router, "/policies", policy(cases=wrong))
        assert detail["path"] == "cases[0]"
        assert '"CT Head" does not contain "chest"' in detail["message"]

    def test_of_a_resource_that_is_gone(self, router: RouterClient) -> None:
        gone = {"name": "gone", "resource": {"level": "study", "id": "none"}, "matches": True}
        [result] = router.post("/check", {"draft": policy(cases=[gone])})["cases"]
        assert (result["ok"], result["matches"]) == (False, None)
        assert "Orthanc has no study none" in result["problem"]
        [detail] = refused(router, "/policies", policy(cases=[gone]))
        assert detail["path"] == "cases[0].resource"

    @pytest.mark.parametrize(
        "parts", [{}, {"tags": {}, "resource": {"level": "study", "id": "x"}}, {"resource": {"id": "x"}}]
    )
    def test_is_of_tags_or_of_a_resource(self, router: RouterClient, parts: Json) -> None:
        document = policy(enabled=False, cases=[{"name": "odd", "matches": True, **parts}])
        [detail] = refused(router, "/policies", document)
        assert detail["path"].startswith("cases[0]")


ASKS_FOR_MUCH = {
    "all": [
        tag("StudyDescription", "contains", "thorax"),
        tag("PatientAge", "greater_than", "18Y"),
        tag("RequestAttributesSequence.ScheduledProcedureStepDescription", "exists"),
        tag("ImageType[0]", "equals", "ORIGINAL"),
        tag("@RemoteAET", "exists"),
        tag("@InstanceCount", "equals", 1),
    ]
}


class TestMadeCases:
    """`POST /cases`: a case of something stored, which names nobody."""

    @pytest.fixture
    def study(self, orthanc: OrthancServer) -> str:
        item = Dataset()
        item.ScheduledProcedureStepDescription = "Thorax of Jane DOE"
        item.ScheduledProcedureStepID = "STEP-1"
        return stored_study(
            orthanc,
            PatientName="Doe^Jane",
            PatientBirthDate="19660102",
            PatientAge="060Y",
            StudyDescription="CT Thorax Doe",
            AccessionNumber="ACC-4711",
            StudyDate="20260102",
            ImageType=["ORIGINAL", "PRIMARY"],
            ReferringPhysicianName="Smith^John",
            RequestAttributesSequence=[item],
        )

    def made(self, router: RouterClient, study: str, rule: Json | None) -> Json:
        body = {"resource": {"level": "study", "id": study}, **({"rule": rule} if rule else {})}
        return router.post("/cases", body)

    def test_what_the_rule_needs_stays_and_who_it_is_goes(self, router: RouterClient, study: str) -> None:
        case = self.made(router, study, ASKS_FOR_MUCH)
        assert case["matches"] is True
        assert case["tags"] == {
            "StudyDescription": "CT Thorax ANONYMIZED",
            "PatientAge": "060Y",
            "RequestAttributesSequence": [
                {"ScheduledProcedureStepDescription": "Thorax of ANONYMIZED ANONYMIZED"}
            ],
            "ImageType": ["ORIGINAL", "PRIMARY"],
            "@RemoteAET": case["tags"]["@RemoteAET"],
            "@InstanceCount": 1,
        }
        assert "StudyDescription could identify the patient: something else stands for it." in case["notes"]
        trigger = {"level": "study"}
        saved = router.post(
            "/policies",
            policy(
                rule=ASKS_FOR_MUCH, trigger=trigger, cases=[{k: case[k] for k in ("name", "tags", "matches")}]
            ),
        )
        assert saved["enabled"] is True
        router.delete(f"/policies/{saved['id']}")

    def test_a_condition_on_an_identity_is_told(
        self, orthanc: OrthancServer, router: RouterClient, study: str
    ) -> None:
        [someone] = [orthanc.rest.get(f"/studies/{study}")["PatientMainDicomTags"]["PatientID"]]
        rule = {
            "all": [
                tag("PatientID", "equals", someone),
                tag("AccessionNumber", "exists"),
                tag("PatientBirthDate", "exists"),
                tag("ReferringPhysicianName", "exists"),
                tag("StudyDate", "equals", "20260102"),
            ]
        }
        case = self.made(router, study, rule)
        told = str(case)
        assert not [word for word in (someone, "4711", "19660102", "Smith", "20260102") if word in told]
        assert case["matches"] is False
        assert all(
            case["tags"][keyword]
            for keyword in ("PatientID", "AccessionNumber", "PatientBirthDate", "ReferringPhysicianName")
        )
        assert "PatientID could identify the patient: something else stands for it." in case["notes"]
        assert "The image itself matches" in case["notes"][-1]
        again = policy(rule=rule, cases=[{k: case[k] for k in ("name", "tags", "matches")}])
        assert router.post("/check", {"draft": again})["ok"] is True

    def test_without_a_rule(self, router: RouterClient, study: str) -> None:
        case = self.made(router, study, None)
        assert (case["matches"], case["tags"]["Modality"], case["name"]) == (
            True,
            "CT",
            "CT CT Thorax ANONYMIZED",
        )
        assert "PatientName" not in case["tags"]

    def test_of_what_is_not_there(self, router: RouterClient) -> None:
        body = {"resource": {"level": "study", "id": "none"}}
        assert router.rest.request("POST", "/router/cases", json=body).status_code == 404
        assert refused(router, "/cases", {})[0]["path"] == "resource"
        body["rule"] = tag("Nothing", "exists")
        assert refused(router, "/cases", body)[0]["path"] == "rule.tag"


def warned(saved: Json) -> list[tuple[str, str]]:
    """The codes and paths of the warnings that came with an answer."""
    return [(warning["code"], warning["path"]) for warning in saved["warnings"]]


class TestWarnings:
    def test_come_with_every_save_and_are_ignored_when_sent_back(self, router: RouterClient) -> None:
        settings = {"aet": "NOBODY", "host": "127.0.0.1", "port": 104}
        off = {"name": unique("Off "), "kind": "dicom", "settings": settings, "enabled": False}
        destination = router.post("/destinations", off)
        action = {"type": "forward", "destination": destination["name"]}
        expected = [("destination_off", "actions[0].destination")]
        saved = router.post("/policies", policy(actions=[action]))
        path = f"/policies/{saved['id']}"
        assert warned(saved) == expected
        [warning] = saved["warnings"]
        assert warning["destination"] == {"id": destination["id"], "name": destination["name"]}
        assert warned(router.put(path, saved)) == expected
        assert warned(router.post(f"{path}/restore", {"revision": 1})) == expected
        router.post(f"{path}/disable")
        assert warned(router.post(f"{path}/enable")) == expected
        assert warned(router.post(f"{path}/check")) == expected
        router.post(f"/destinations/{destination['id']}/enable")
        assert warned(router.post(f"{path}/check")) == []
