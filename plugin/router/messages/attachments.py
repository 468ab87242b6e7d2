# SPDX-License-Identifier: GPL-3.0-or-later
"""The attachments of a mail: a picture, and a table of the series."""

import csv
import io
from collections.abc import Sequence

from router.destinations import Attachment
from router.destinations.notifying import WantedAttachments
from router.messages.occasion import Occasion
from router.orthanc_api import OrthancError

#: How many images are tried, from the middle on, until one has a picture.
_TRIES = 5
_COLUMNS = ("SeriesNumber", "Modality", "SeriesDescription", "BodyPartExamined", "SeriesInstanceUID")
#: Characters with which spreadsheets begin a formula.
_FORMULA = ("=", "+", "-", "@", "\t", "\r")


def attachments_of(wanted: WantedAttachments, occasion: Occasion) -> tuple[list[Attachment], list[str]]:
    """Return the attachments, and messages about those that had to be left out."""
    found = []
    if wanted.series_csv:
        found.append(Attachment("series.csv", "text/csv", _series_csv(occasion)))
    if wanted.preview and (picture := _preview(occasion)):
        found.append(Attachment("preview.png", "image/png", picture))
    kept: list[Attachment] = []
    left_out = []
    size = 0
    for one in found:
        if size + len(one.content) > wanted.max_bytes:
            left_out.append(
                f"{one.name} was left out: it has {len(one.content):,} bytes, and a mail of this policy"
                f" takes {wanted.max_bytes:,} in all."
            )
            continue
        size += len(one.content)
        kept.append(one)
    return kept, left_out


def _preview(occasion: Occasion) -> bytes | None:
    stored = [one["ID"] for one in occasion.stored]
    for instance in _from_the_middle(stored)[:_TRIES]:
        try:
            return occasion.orthanc.preview(instance)
        except OrthancError:  # a report, a waveform, pixels that Orthanc cannot decode, deleted meanwhile
            continue
    return None


def _from_the_middle(items: Sequence[str]) -> list[str]:
    middle = len(items) // 2
    return [
        items[index] for index in sorted(range(len(items)), key=lambda index: (abs(index - middle), index))
    ]


def _series_csv(occasion: Occasion) -> bytes:
    table = io.StringIO()
    writer = csv.writer(table)
    writer.writerow([*_COLUMNS, "Instances"])
    contents = occasion.orthanc.bulk_content(list(occasion.series))
    for one in sorted(contents, key=lambda one: _number(one["MainDicomTags"].get("SeriesNumber", ""))):
        tags = one["MainDicomTags"]
        writer.writerow([*(_cell(tags.get(name, "")) for name in _COLUMNS), occasion.series[one["ID"]]])
    # By its byte order mark, spreadsheets recognize UTF-8.
    return table.getvalue().encode("utf-8-sig", "replace")


def _number(text: str) -> tuple[int, str]:
    return (int(text) if text.isascii() and text.isdecimal() else 0, text)


def _cell(text: str) -> str:
    return f"'{text}" if text.startswith(_FORMULA) else text
