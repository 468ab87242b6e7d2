# SPDX-License-Identifier: GPL-3.0-or-later
"""Policies in the browser: their list, their editor with all that helps to write them, their history."""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Locator, Page, expect

from browser.conftest import window
from browser.forms import choose, choose_tag, fill_value
from browser.screenshots import screenshot
from samples import make_series, uids, unique
from servers.orthanc import OrthancServer
from servers.process import free_port
from servers.router import Json, RouterClient, patient, tag
from servers.sender import send
from servers.storescp import StoreScp

PATIENT = "P-4711"


@pytest.fixture(scope="module")
def archive(
    orthanc: OrthancServer, router: RouterClient, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Json]:
    """A destination that has received a study of three images, by the policy `CT to the archive`."""
    with StoreScp(Path(tmp_path_factory.mktemp("archive")), "ARCHIVE") as node:
        made = router.destination("Archive", node)
        router.policy("CT to the archive", patient(PATIENT), made)
        images = make_series(
            3,
            PatientID=PATIENT,
            PatientName="Doe^Jane",
            StudyDescription="CT CHEST",
            StudyDate="20260131",
            AccessionNumber="A-2001",
        )
        send(orthanc.dicom_port, images)
        node.wait_for(uids(images))
        yield made


@pytest.fixture
def policy(router: RouterClient, archive: Json) -> Json:
    """A policy of this test's own."""
    return router.policy(unique("Policy "), patient(unique("PAT")), archive)


def row_of(page: Page, name: str) -> Locator:
    return page.get_by_role("row").filter(has=page.get_by_role("link", name=name, exact=True))


def order(page: Page) -> list[str]:
    """The names of the policies as they stand."""
    return page.locator("tbody tr td:nth-child(2) a[href*='/policies/']").all_inner_texts()


class TestList:
    @pytest.mark.usefixtures("archive")
    def test_it_says_how_often_each_fired_and_when_last(self, page: Page) -> None:
        page.goto("policies")
        row = row_of(page, "CT to the archive")
        expect(row).to_contain_text(re.compile(r"[1-3] in 24 hours, [1-3] in 7 days"))
        screenshot(page, "policies-activity")

    def test_a_policy_is_dragged_to_another_place(
        self, page: Page, router: RouterClient, archive: Json
    ) -> None:
        names = [unique(f"Sort{n} ") for n in range(3)]
        for position, name in enumerate(names):
            router.policy(name, {"any": []}, archive, order=1000 + position)
        page.goto("policies")
        expect(row_of(page, names[2])).to_be_visible()
        assert order(page)[-3:] == names
        handle = page.get_by_role("button", name=f"Move {names[2]}")
        handle.scroll_into_view_if_needed()
        _drag(page, handle, page.get_by_role("button", name=f"Move {names[0]}"))
        expect(page.locator("tbody tr").nth(-3)).to_contain_text(names[2])
        page.reload()
        expect(row_of(page, names[2])).to_be_visible()
        assert order(page)[-3:] == [names[2], names[0], names[1]]

    def test_a_deleted_one_comes_back_as_it_was(self, page: Page, router: RouterClient, policy: Json) -> None:
        page.goto("policies")
        page.get_by_label("Search policies").fill(policy["name"])
        page.get_by_role("button", name=f"More for {policy['name']}").click()
        page.get_by_role("menuitem", name="Delete").click()
        expect(page.get_by_text("No policy fits the search.")).to_be_visible()
        page.get_by_role("button", name="Undo").click()
        expect(row_of(page, policy["name"])).to_be_visible()
        assert router.get(f"/policies/{policy['id']}")["rule"] == policy["rule"]

    def test_a_duplicate_begins_switched_off(self, page: Page, router: RouterClient, policy: Json) -> None:
        page.goto("policies")
        page.get_by_role("button", name=f"More for {policy['name']}").click()
        page.get_by_role("menuitem", name="Duplicate").click()
        expect(page.get_by_role("textbox", name="Name", exact=True)).to_have_value(f"{policy['name']} (copy)")
        page.get_by_role("button", name="Save").click()
        # It is warned of, too: both would send the same images to the same place.
        expect(page.get_by_text(re.compile(rf"“{policy['name']} \(copy\)” is saved"))).to_be_visible()
        (copy,) = router.get("/policies", search=f"{policy['name']} (copy)")["items"]
        assert copy["enabled"] is False
        assert copy["rule"] == policy["rule"]


def _drag(page: Page, source: Locator, target: Locator) -> None:
    """Move by the mouse, in steps, as a hand does."""
    start, end = source.bounding_box(), target.bounding_box()
    assert start
    assert end
    page.mouse.move(start["x"] + start["width"] / 2, start["y"] + start["height"] / 2)
    page.mouse.down()
    page.mouse.move(end["x"] + end["width"] / 2, end["y"] + end["height"] / 2 - 6, steps=12)
    page.mouse.up()


class TestEditor:
    @pytest.mark.usefixtures("archive")
    def test_the_tag_search_tells_number_vr_and_an_example(self, page: Page) -> None:
        page.goto("policies/new")
        condition = page.get_by_role("group", name="Condition").first
        condition.get_by_label("Tag", exact=True).fill("0008,1030")
        option = page.get_by_role("option", name=re.compile("StudyDescription")).first
        expect(option).to_contain_text("(0008,1030) LO")
        expect(option).to_contain_text("such as “CT CHEST”")
        screenshot(page, "policy-tag-search")
        option.click()
        condition.get_by_label("Value", exact=True).fill("CT")
        expect(page.get_by_role("option", name="CT CHEST")).to_be_visible()

    @pytest.mark.usefixtures("archive")
    def test_the_kind_of_value_decides_what_can_be_compared(self, page: Page) -> None:
        page.goto("policies/new")
        condition = page.get_by_role("group", name="Condition").first
        choose_tag(condition, "study date", "StudyDate")
        condition.get_by_label("Comparison").click()
        expect(page.get_by_role("option", name="is at least", exact=True)).to_be_visible()
        expect(page.get_by_role("option", name="contains", exact=True)).to_have_count(0)
        page.get_by_role("option", name="is at least", exact=True).click()
        condition.get_by_role("button", name="Choose a date").click()
        page.get_by_role("button", name="7 days ago").click()
        expect(condition.get_by_label("Value", exact=True)).to_have_value("today-7d")
        expect(page.get_by_role("note").filter(has_text="Study Date")).to_contain_text(
            "Each image for which Study Date is at least “today-7d”."
        )

    @pytest.mark.usefixtures("archive")
    @pytest.mark.parametrize("known", ["Doe", "A-2001", "2026-01-31"])
    def test_a_rule_is_tried_on_a_stored_study(self, page: Page, known: str) -> None:
        page.goto("policies/new")
        condition = page.get_by_role("group", name="Condition").first
        choose_tag(condition, "modality", "Modality")
        fill_value(condition, "CT")
        study = page.get_by_role("combobox", name="Study", exact=True)
        study.fill(known)
        page.get_by_role("option", name=re.compile("Doe, Jane.*CT CHEST")).click()
        tried = page.get_by_role("region", name="Try it")
        expect(tried.get_by_text("Matches", exact=True)).to_be_visible()
        expect(tried.get_by_text("3 of 3 images match")).to_be_visible()
        expect(tried.get_by_text("is “CT”")).to_be_visible()
        tried.get_by_role("button", name="Keep as an example").click()
        example = page.get_by_role("region", name="Examples").get_by_role("group").first
        expect(example.get_by_text("As it should")).to_be_visible()
        expect(example).to_contain_text("Must match")

    @pytest.mark.usefixtures("archive")
    def test_an_example_fails_as_one_types(self, page: Page) -> None:
        page.goto("policies/new")
        condition = page.get_by_role("group", name="Condition").first
        choose_tag(condition, "modality", "Modality")
        fill_value(condition, "CT")
        tried = page.get_by_role("region", name="Try it")
        tried.get_by_text("Tags by hand").click()
        tried.get_by_label("Tags", exact=True).fill("Modality: CT\nStudyDescription: CT chest")
        expect(tried.get_by_text("Matches", exact=True)).to_be_visible()
        tried.get_by_role("button", name="Keep as an example").click()
        example = page.get_by_role("group", name="Example 1")
        expect(example.get_by_text("As it should")).to_be_visible()
        fill_value(condition, "MR")
        expect(example.get_by_text("Not as it should")).to_be_visible()
        screenshot(page, "policy-example-fails")

    def test_texts_are_shown_filled_in(self, page: Page, router: RouterClient, archive: Json) -> None:
        action = {
            "type": "forward",
            "destination": archive["id"],
            "transform": {"replace": {"PatientComments": "Was {{ PatientName }}, {{ StudyDescription }}"}},
        }
        made = router.post("/policies", {"name": unique("Texts "), "rule": {"any": []}, "actions": [action]})
        page.goto(f"policies/{made['id']}")
        page.get_by_role("combobox", name="Preview with this study").fill("Doe")
        page.get_by_role("option", name=re.compile("Doe, Jane")).click()
        expect(page.get_by_text("Was Doe^Jane, CT CHEST")).to_be_visible()
        screenshot(page, "policy-template-filled")

    def test_a_chosen_image_is_shown_before_and_after(
        self, page: Page, router: RouterClient, archive: Json
    ) -> None:
        action = {"type": "forward", "destination": archive["id"], "transform": {"anonymize": True}}
        made = router.post("/policies", {"name": unique("Study "), "rule": {"any": []}, "actions": [action]})
        page.goto(f"policies/{made['id']}")
        page.get_by_role("combobox", name="Show before and after of").fill("Doe")
        page.get_by_role("option", name=re.compile("Doe, Jane")).click()
        page.get_by_role("button", name="Show before and after").click()
        shown = page.get_by_role("region", name="Show before and after")
        expect(shown.get_by_role("img", name="The image before")).to_be_visible()
        expect(shown.get_by_role("img", name="The image after")).to_be_visible()
        name = shown.get_by_role("row").filter(has_text="Doe^Jane")
        expect(name.get_by_role("cell").last).to_have_text(re.compile("^[A-Z2-7]{16}$"))
        identifier = shown.get_by_role("row").filter(has_text=re.compile("SOP ?Instance ?UID")).first
        first = identifier.inner_text()
        shown.get_by_label("Image, of 3").fill("1")
        expect(identifier).not_to_have_text(first)
        page.get_by_label("Project", exact=True).fill(unique("Lungs "))
        rows = f"patient_id;code\r\n{PATIENT};LUNG-001\r\n".encode("utf-16")
        with page.expect_file_chooser() as chooser:
            page.get_by_role("button", name="Import a list of codes").click()
        chooser.value.set_files({"name": "codes.csv", "mimeType": "text/csv", "buffer": rows})
        expect(page.get_by_text("1 code: 1 new, 0 changed, 0 gone.")).to_be_visible()
        screenshot(page, "codes-import")
        page.get_by_role("button", name="Save the list").click()
        expect(page.get_by_text("1 code from a list.")).to_be_visible()
        expect(name.get_by_role("cell").last).to_have_text("LUNG-001")
        page.get_by_role("button", name="From the library").click()
        page.get_by_role("menuitem", name=re.compile("Any ultrasound that names its regions")).click()
        areas = page.get_by_role("group", name="Areas 1")
        expect(areas.get_by_label("Name", exact=True)).to_have_value(re.compile("Any ultrasound"))
        expect(areas.get_by_label("Everything outside of the ultrasound regions")).to_be_checked()

    def test_a_save_says_why_and_its_warnings_are_shown(self, page: Page, router: RouterClient) -> None:
        settings = {"aet": "NOBODY", "host": "127.0.0.1", "port": free_port()}
        off = {"name": unique("Off "), "kind": "dicom", "settings": settings, "enabled": False}
        destination = router.post("/destinations", off)
        made = router.policy(unique("Warned "), {"any": []}, destination)
        page.goto(f"policies/{made['id']}")
        expect(page.get_by_text(re.compile("(Is this|Are these .* things) meant"))).to_be_visible()
        page.get_by_label("Description", exact=True).fill("For the trial")
        page.get_by_label("Why? (kept with this save)").fill("Asked for by Dr. Roe")
        screenshot(page, "policy-warnings")
        page.get_by_role("button", name="Save").click()
        expect(page.get_by_text(re.compile("is saved, with .* warning"))).to_be_visible()
        assert router.get(f"/policies/{made['id']}")["comment"] == "Asked for by Dr. Roe"
        expect(page.get_by_label("Why? (kept with this save)")).to_have_count(0)

    def test_leaving_with_unsaved_changes_asks(self, page: Page, policy: Json) -> None:
        page.goto(f"policies/{policy['id']}")
        page.get_by_label("Description", exact=True).fill("Half done")
        page.get_by_role("link", name="All policies").click()
        page.get_by_role("button", name="Stay here").click()
        expect(page.get_by_label("Description", exact=True)).to_have_value("Half done")
        page.get_by_role("link", name="All policies").click()
        page.get_by_role("button", name="Leave without saving").click()
        expect(page.get_by_role("heading", name="Policies", level=1)).to_be_visible()

    def test_somebody_elses_save_is_merged(self, page: Page, router: RouterClient, policy: Json) -> None:
        page.goto(f"policies/{policy['id']}")
        page.get_by_label("Description", exact=True).fill("Mine")
        router.put(f"/policies/{policy['id']}", {**policy, "order": 7})
        page.get_by_role("button", name="Save").click()
        expect(page.get_by_text("Somebody else has saved this meanwhile")).to_be_visible()
        screenshot(page, "policy-conflict")
        page.get_by_role("button", name="Keep both").click()
        page.get_by_role("button", name="Save").click()
        # With or without warnings: other tests' policies may do the same.
        expect(page.get_by_text(re.compile(rf"“{policy['name']}” (is )?saved"))).to_be_visible()
        saved = router.get(f"/policies/{policy['id']}")
        assert (saved["description"], saved["order"]) == ("Mine", 7)


class TestHistory:
    def test_any_two_revisions_are_compared_and_one_is_restored(
        self, page: Page, router: RouterClient, policy: Json
    ) -> None:
        path = f"/policies/{policy['id']}"
        second = {**policy, "rule": {"all": [tag("Modality", "equals", "MR")]}, "comment": "MR instead"}
        router.put(path, second)
        router.put(path, {**second, "order": 7, "comment": "Before the others"})
        page.goto(f"policies/{policy['id']}/history")
        expect(page.get_by_role("list").get_by_text("MR instead")).to_be_visible()
        choose(page, page.get_by_role("combobox", name="Revision", exact=True), re.compile("^1 · "))
        table = page.get_by_role("table")
        expect(table).to_contain_text("Each image for which Modality is “MR”.")
        expect(table).to_contain_text("position")
        screenshot(page, "policy-history")
        page.get_by_role("button", name="Restore revision 1").click()
        page.get_by_role("button", name="Restore", exact=True).click()
        expect(page.get_by_text("As in revision 1")).to_be_visible()
        assert router.get(path)["rule"] == policy["rule"]

    def test_it_can_be_read_on_a_phone(
        self, browser: Browser, orthanc: OrthancServer, router: RouterClient, policy: Json
    ) -> None:
        router.put(f"/policies/{policy['id']}", {**policy, "description": "Another"})
        with window(browser, orthanc, viewport={"width": 390, "height": 844}, color_scheme="dark") as phone:
            phone.goto(f"policies/{policy['id']}/history")
            expect(phone.get_by_role("table")).to_contain_text("Another")
            screenshot(phone, "policy-history-phone")
