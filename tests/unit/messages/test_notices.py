# SPDX-License-Identifier: GPL-3.0-or-later
"""What notices say, alone and together, and what may not get into them."""

import csv
import io
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any, cast

import pytest

from router.actions import notify
from router.actions.notify import Attachments, Notify
from router.actions.work import Services, Work
from router.destinations import Notice
from router.documents.delivery import (
    ActionReference,
    Delivery,
    PolicyReference,
    Resource,
    State,
)
from router.messages import Occasion
from router.messages.attachments import attachments_of
from router.messages.wording import one_line
from router.store import LeasedDelivery
from servers.orthanc_in_memory import OrthancInMemory
from unit.actions.services_sample import ServicesSample

NOON = datetime(2024, 5, 17, 12, 0, tzinfo=UTC)


class Archive(OrthancInMemory):
    """Has instances `s1-1` and so on of series `s1` and so on, whose files are gone."""

    def __init__(self, series: Mapping[str, Mapping[str, str]], *, pictures: Sequence[str] = ()) -> None:
        super().__init__(
            contents={one: {"MainDicomTags": tags} for one, tags in series.items()}
            | {
                f"{one}-{number}": {"ParentSeries": one, "IndexInSeries": number}
                for one in series
                for number in range(1, 10)
            },
            pictures={one: f"picture of {one}".encode() for one in pictures},
        )

    def bulk_content(self, identifiers: Sequence[str]) -> list[dict[str, Any]]:
        """In an order of its own, as Orthanc answers."""
        return super().bulk_content(list(reversed(identifiers)))


def leased(identifier: str, *instances: str, at: datetime = NOON, **tags: str) -> LeasedDelivery:
    delivery = Delivery(
        id=identifier,
        state=State.RUNNING,
        lane="mail",
        policy=PolicyReference(id="p", name="CT", revision=1),
        action=ActionReference(id="a", type="notify"),
        resource=Resource(level="study", id="study", study="study", **tags),
        instances=len(instances),
        remaining=len(instances),
        created_at=at,
    )
    return LeasedDelivery(delivery, instances, "token")


class Mailbox:
    """Takes notices, together where `digest_seconds` is not 0."""

    def __init__(self, digest_seconds: float = 0) -> None:
        self.digest_seconds = digest_seconds
        self.notices: list[Notice] = []

    def notify(self, notice: Notice) -> None:
        self.notices.append(notice)

    def test(self) -> str:
        return ""

    def close(self) -> None:
        """Nothing is held."""


def work(mailbox: Mailbox, now: datetime, *deliveries: LeasedDelivery, **fields: Any) -> Work:
    action = Notify.model_validate(
        {"type": "notify", "destination": "mail", "subject": "{{ PatientID }}", "to": ["a@example.org"]}
        | fields
    )
    services = cast(Services, ServicesSample(Archive({"s1": {}})))
    return Work(action, deliveries, mailbox, services, now)


def occasion(archive: Archive, *instances: str) -> Occasion:
    return Occasion(leased("d", *instances).delivery, instances, archive, "")


class TestDigest:
    HOUR = 3600

    @pytest.mark.parametrize("minutes", [0, 1, 59])
    def test_what_came_in_one_period_is_due_at_its_end(self, minutes: int) -> None:
        came = NOON + timedelta(minutes=minutes)
        assert notify.next_digest(came, self.HOUR) == NOON + timedelta(hours=1)

    def test_is_held_until_then_and_sent_as_one(self) -> None:
        mailbox = Mailbox(self.HOUR)
        first, second = leased("d1", "s1-1", patient_id="P1"), leased("d2", "s1-2", patient_id="P2")
        held = notify.perform(work(mailbox, NOON + timedelta(minutes=59), first, second))
        for one in (first, second):
            fate = held.of(one.delivery.id)
            assert (fate.held_until, fate.tried) == (NOON + timedelta(hours=1), False)
        assert mailbox.notices == []
        sent = notify.perform(work(mailbox, NOON + timedelta(hours=1), first, second, body="{{ PatientID }}"))
        [notice] = mailbox.notices
        assert notice.subject == "2 notices: P1"
        assert "P1\n\nP1" in notice.text
        assert "P2\n\nP2" in notice.text
        assert [sent.of(one).arrived for one in ("d1", "d2")] == [["s1-1", "s1-2"]] * 2

    def test_nobody_reads_what_is_for_others(self) -> None:
        mailbox = Mailbox(self.HOUR)
        deliveries = [leased(f"d{n}", "s1-1", patient_id=f"P{n % 2}") for n in range(4)]
        later = NOON + timedelta(hours=1)
        notify.perform(work(mailbox, later, *deliveries, to=["{{ PatientID }}@example.org"]))
        assert sorted((*notice.to, notice.subject) for notice in mailbox.notices) == [
            ("P0@example.org", "2 notices: P0"),
            ("P1@example.org", "2 notices: P1"),
        ]

    def test_the_same_notices_have_the_same_key(self) -> None:
        mailbox = Mailbox(self.HOUR)
        first, second = leased("d1", "s1-1"), leased("d2", "s1-2")
        later = NOON + timedelta(hours=1)
        for both in ((first, second), (second, first)):
            notify.perform(work(mailbox, later, *both))
        assert len({notice.key for notice in mailbox.notices}) == 1

    def test_one_that_cannot_be_written_does_not_keep_the_others(self) -> None:
        mailbox = Mailbox(self.HOUR)
        bad, good = leased("bad", "s1-1", patient_id="no one"), leased("good", "s1-2", patient_id="P")
        later = NOON + timedelta(hours=1)
        sent = notify.perform(work(mailbox, later, bad, good, to=["{{ PatientID }}@example.org"]))
        assert sent.of("bad").lasting
        assert sent.of("bad").refused
        assert sent.of("good").arrived == ["s1-2"]


class TestAttachments:
    def test_the_picture_is_of_the_image_in_the_middle(self) -> None:
        images = [f"s1-{number}" for number in range(1, 6)]
        [picture], _ = attachments_of(
            Attachments(preview=True), occasion(Archive({"s1": {}}, pictures=images), *images)
        )
        assert picture.content == b"picture of s1-3"

    def test_or_of_the_nearest_that_has_one(self) -> None:
        images = [f"s1-{number}" for number in range(1, 6)]
        found, remarks = attachments_of(
            Attachments(preview=True), occasion(Archive({"s1": {}}, pictures=["s1-4"]), *images)
        )
        assert [one.content for one in found] == [b"picture of s1-4"]
        assert remarks == []

    def test_the_table_has_one_line_a_series_and_no_formula(self) -> None:
        series = {
            "s1": {"SeriesNumber": "10", "SeriesDescription": "=HYPERLINK(1)"},
            "s2": {"SeriesNumber": "9", "SeriesDescription": 'with "quotes", and more'},
        }
        [table], _ = attachments_of(
            Attachments(series_csv=True), occasion(Archive(series), "s1-1", "s2-1", "s1-2")
        )
        rows = list(csv.DictReader(io.StringIO(table.content.decode("utf-8-sig"))))
        assert [(row["SeriesNumber"], row["SeriesDescription"], row["Instances"]) for row in rows] == [
            ("9", 'with "quotes", and more', "1"),
            ("10", "'=HYPERLINK(1)", "2"),
        ]

    def test_what_is_too_large_is_left_out_and_said(self) -> None:
        series = {"s1": {"SeriesDescription": "x" * 20_000}}
        found, [remark] = attachments_of(
            Attachments(series_csv=True, preview=True, max_bytes=10_000),
            occasion(Archive(series, pictures=["s1-1"]), "s1-1"),
        )
        assert [one.name for one in found] == ["preview.png"]
        assert "series.csv was left out" in remark


@pytest.mark.parametrize(
    ("text", "line"),
    [
        ("CT is here", "CT is here"),
        ("a\r\nBcc: b", "a Bcc: b"),
        ("a\u2028b\x85c\x0bd\x00e", "a b c d e"),
        ("  a   b ", "a b"),
        ("\ud800", "?"),
        ("x" * 2000, "x" * 500),
    ],
)
def test_a_header_is_one_line(text: str, line: str) -> None:
    assert one_line(text) == line
