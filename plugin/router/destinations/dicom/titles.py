# SPDX-License-Identifier: GPL-3.0-or-later
"""The AE titles that images are sent under, where those of their senders are passed on."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from router.destinations.dicom.settings import AE_TITLE, DicomSettings
from router.destinations.outgoing import Outgoing

_AE_TITLE: Final = re.compile(AE_TITLE)


@dataclass(frozen=True, slots=True)
class Titles:
    """AE titles; empty where the destination's own are used."""

    calling: str = ""
    called: str = ""


OWN_TITLES: Final = Titles()


def by_titles(
    images: Sequence[Outgoing], contents: Mapping[str, Mapping[str, Any]], settings: DicomSettings
) -> dict[Titles, list[Outgoing]]:
    """Return the images by their titles. Each association has one pair of them (PS3.8, 9.3.2).

    `contents`: what Orthanc's database has of stored images. An image that did not come from a DICOM node has
    the destination's own titles.
    """
    found: dict[Titles, list[Outgoing]] = {}
    for image in images:
        metadata = contents.get(image.instance, {}).get("Metadata", {})
        titles = Titles(
            calling=_title(metadata.get("RemoteAET")) if settings.calling == "sender" else "",
            called=_title(metadata.get("CalledAET")) if settings.called == "as_sender" else "",
        )
        found.setdefault(titles, []).append(image)
    return found


def _title(value: object) -> str:
    title = str(value or "").strip()
    return title if _AE_TITLE.fullmatch(title) else ""
