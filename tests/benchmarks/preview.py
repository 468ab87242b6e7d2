# SPDX-License-Identifier: GPL-3.0-or-later
"""How fast a preview is, and what it costs those who send meanwhile.

    .venv/tests/bin/python tests/benchmarks/preview.py [--studies N] [--runs N]

Orthanc runs as it is installed, everything is on this machine, with TCP_NODELAY=1. Each study has ten small
images. The speed is that of the run, from its beginning to its end, while nothing else happens: by tags that
Orthanc's database tells, and by one that only the files tell. For what it costs reception, images are sent
with a preview beside them and without, in turn; the ratio is that of the medians.
"""

import argparse
import sys
import tempfile
from datetime import datetime
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from pydicom.uid import generate_uid

from benchmarks.measuring import Row, table, timed_storescu
from samples import make_series, many_studies, write
from servers.orthanc import OrthancServer
from servers.router import Json, RouterClient, tag
from servers.runs import finished, wait_for_run
from servers.sender import send

_IMAGES = 10
_DATABASE = {"all": [tag("Modality", "equals", "CT"), tag("StudyDescription", "contains", "chest")]}
_FILES = {"all": [tag("SliceThickness", "less_than", 2)]}


def begin(router: RouterClient, rule: Json) -> Json:
    """Preview a rule over all that is stored."""
    return router.post("/preview", {"draft": {"name": "Preview", "rule": rule, "actions": []}})


def speed(router: RouterClient, rule: Json) -> float:
    """Images that a preview looks at in a second."""
    run = begin(router, rule)
    finished(router, run)
    ended = wait_for_run(router, run)
    began, end = (datetime.fromisoformat(ended[name]) for name in ("started_at", "finished_at"))
    return float(ended["progress"]["instances"]) / (end - began).total_seconds()


def reception(orthanc: OrthancServer, router: RouterClient, folder: Path, beside: bool) -> float:
    """Seconds in which Orthanc takes 300 images, with a preview beside that reads files or without."""
    files = write(make_series(300, size=12 * 1024), folder / generate_uid())
    run = begin(router, _FILES) if beside else None
    seconds = timed_storescu(orthanc.dicom_port, files, folder).seconds
    if run is not None:
        router.rest.request("POST", f"/router/runs/{run['id']}/cancel", json={})
    return seconds


def main() -> None:
    """Run everything and print the table."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--studies", type=int, default=300)
    parser.add_argument("--runs", type=int, default=7)
    arguments = parser.parse_args()
    with (
        tempfile.TemporaryDirectory(prefix="preview-") as name,
        OrthancServer(Path(name) / "orthanc") as orthanc,
    ):
        router = RouterClient(orthanc.rest)
        send(orthanc.dicom_port, many_studies(arguments.studies, _IMAGES, SliceThickness="1"))
        router.wait_until_caught_up(timeout=60)
        by_database = [speed(router, _DATABASE) for _ in range(3)]
        by_files = [speed(router, _FILES) for _ in range(3)]
        beside, alone = [], []
        for _ in range(arguments.runs):
            alone.append(reception(orthanc, router, Path(name), beside=False))
            beside.append(reception(orthanc, router, Path(name), beside=True))
    print(
        table(
            [
                Row("images a second, by Orthanc's database", by_database, unit="/s"),
                Row("images a second, by the files", by_files, unit="/s"),
                Row("reception beside a preview : alone", beside, alone, 1.1),
            ]
        )
    )


if __name__ == "__main__":
    main()
