# SPDX-License-Identifier: GPL-3.0-or-later
"""A preview over thousands of stored images is quick, whole, and paged."""

import pytest

from samples import many_studies
from servers.orthanc import OrthancServer
from servers.router import RouterClient, tag
from servers.runs import wait_for_run
from servers.sender import send

_STUDIES, _IMAGES = 150, 20


@pytest.mark.parametrize("store", ["sqlite"], indirect=True)
def test_all_of_three_thousand_images_are_looked_at(own_orthanc: OrthancServer) -> None:
    own_orthanc.start()
    send(own_orthanc.dicom_port, many_studies(_STUDIES, _IMAGES))
    router = RouterClient(own_orthanc.rest)
    draft = {
        "name": "Odd ones",
        "rule": {"all": [tag("StudyDescription", "equals", "odd")]},
        "actions": [],
        "trigger": {"level": "series"},
    }
    run = router.post("/preview", {"draft": draft})
    ended = wait_for_run(router, run, timeout=30)
    assert ended["state"] == "finished"
    assert ended["progress"] == {
        "studies_done": _STUDIES,
        "studies_total": _STUDIES,
        "instances": _STUDIES * _IMAGES,
    }
    assert ended["report"]["studies"]["matched"] == _STUDIES // 2
    assert ended["report"]["instances"] == _STUDIES // 2 * _IMAGES
    found = [
        study["resource"]["study"]
        for offset in range(0, _STUDIES, 40)
        for study in router.get(f"/runs/{run['id']}/studies", limit=40, offset=offset)["items"]
    ]
    assert len(set(found)) == _STUDIES
