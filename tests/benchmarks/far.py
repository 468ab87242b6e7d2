# SPDX-License-Identifier: GPL-3.0-or-later
"""How fast images get to a node that is 40 ms away, as a round trip.

    .venv/tests/bin/python tests/benchmarks/far.py [--only PART...] [--runs N] [--quick] [--folder DIR]

The node is dcmtk's `storescp` behind a relay that holds back each piece by 20 ms each way. What the router
takes, from the first C-STORE request that it gets until the last image is at the node, is compared with
dcmtk's `dcmsend`, which sends the same files to the same node over one association. For `sftp`, the server is
OpenSSH's, and the other side is OpenSSH's `sftp -b`. For `peer`, another Orthanc gets the images by `peer`,
and by `dicomweb` on the other side, both through the router. Both sides take turns; the figures are medians
over the runs. Destinations are as they are made: nothing is set by hand.
"""

import argparse
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Final
from urllib.parse import urlsplit

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from benchmarks.measuring import Row, TimedStoreScp, table, timed_storescu
from samples import make_series, write
from servers.orthanc import PASSWORD, USERNAME, OrthancServer
from servers.relay import Relay
from servers.router import Json, RouterClient
from servers.sshd import Sshd
from servers.waiting import wait_until

ONE_WAY_SECONDS: Final = 0.02
EVERYTHING: Final[Json] = {"all": []}


@dataclass(frozen=True)
class Part:
    """What is sent how, and what the ratio to `dcmsend` should be at most."""

    title: str
    count: int
    bound: float
    action: Json
    trigger: Json


PARTS: Final = {
    "images": Part("small images", 300, 0.25, {}, {"level": "instance"}),
    "study": Part("small images of one study", 3000, 0.25, {}, {"level": "study", "quiet_seconds": 1}),
    "anonymized": Part(
        "anonymized : unchanged",
        300,
        0.35,
        {"transform": {"anonymize": True}},
        {"level": "instance"},
    ),
}


def routed(part: Part, files: list[Path], folder: Path) -> float:
    """Seconds through the router, without those in which a study is quiet."""
    with ExitStack() as stack:
        node = stack.enter_context(TimedStoreScp(folder / "node", "FAR"))
        far = stack.enter_context(Relay(node.port, ONE_WAY_SECONDS))
        orthanc = stack.enter_context(OrthancServer(folder / "orthanc"))
        router = RouterClient(orthanc.rest)
        action = {"type": "forward", "destination": router.destination("Far", far)["id"], **part.action}
        router.post(
            "/policies", {"name": "All", "rule": EVERYTHING, "actions": [action], "trigger": part.trigger}
        )
        sending = timed_storescu(orthanc.dicom_port, files, folder)
        last = node.wait_for_images(len(files), timeout=600)
        began = sending.last + 1 if part.trigger["level"] == "study" else sending.first
        print(f"  {far.most_at_once} associations at once", file=sys.stderr)
        return last - began


def sent(files: list[Path], folder: Path) -> float:
    """Seconds of `dcmsend` in one association."""
    with ExitStack() as stack:
        node = stack.enter_context(TimedStoreScp(folder / "node", "FAR"))
        far = stack.enter_context(Relay(node.port, ONE_WAY_SECONDS))
        began = time.monotonic()
        command: list[str | Path] = ["dcmsend", "-aec", "FAR", "127.0.0.1", str(far.port), *files]
        subprocess.run(command, env={"TCP_NODELAY": "1", "PATH": "/usr/bin"}, check=True, capture_output=True)
        seconds = time.monotonic() - began
        wait_until(lambda: len(node.arrival_times()) >= len(files), 30)
        return seconds


def through(here: OrthancServer, document: Json, files: list[Path], folder: Path) -> float:
    """Seconds until a router has sent files to a destination, as the router's own record says."""
    router = RouterClient(here.rest)
    destination = router.post("/destinations", {"name": "Far", **document})
    action = {"type": "forward", "destination": destination["id"]}
    router.post("/policies", {"name": "All", "rule": EVERYTHING, "actions": [action]})
    sending = timed_storescu(here.dicom_port, files, folder)
    router.wait_until_delivered(len(files), timeout=600)
    return time.time() - sending.first


def routed_by_sftp(files: list[Path], folder: Path) -> float:
    """Seconds through the router to OpenSSH's server."""
    with ExitStack() as stack:
        server = stack.enter_context(Sshd(folder / "sshd"))
        far = stack.enter_context(Relay(server.port, ONE_WAY_SECONDS))
        here = stack.enter_context(OrthancServer(folder / "orthanc"))
        settings = {"host": far.host, "port": far.port, "username": server.username}
        settings |= {"private_key": server.authorize(), "host_key": server.host_key}
        seconds = through(here, {"kind": "sftp", "settings": settings}, files, folder)
        assert len(list(server.files.iterdir())) == len(files)
        return seconds


def sent_by_sftp(files: list[Path], folder: Path) -> float:
    """Seconds of OpenSSH's own client, over one connection."""
    with ExitStack() as stack:
        server = stack.enter_context(Sshd(folder / "sshd"))
        far = stack.enter_context(Relay(server.port, ONE_WAY_SECONDS))
        key = folder / "key"
        key.write_text(server.authorize())
        key.chmod(0o600)
        (folder / "known_hosts").write_text(f"[{far.host}]:{far.port} {server.host_key}\n")
        (folder / "batch").write_text("".join(f"put {file}\n" for file in files))
        options = ["-o", f"UserKnownHostsFile={folder / 'known_hosts'}", "-o", "IdentitiesOnly=yes"]
        command: list[str | Path] = ["sftp", "-q", "-F", "none", *options, "-i", key, "-P", str(far.port)]
        began = time.monotonic()
        subprocess.run(
            [*command, "-b", folder / "batch", f"{server.username}@{far.host}"],
            check=True,
            capture_output=True,
        )
        seconds = time.monotonic() - began
        assert len(list(server.files.iterdir())) == len(files)
        return seconds


def routed_by_web(kind: str, path: str, files: list[Path], folder: Path) -> float:
    """Seconds through the router to another Orthanc, by a kind of destination with a URL."""
    with ExitStack() as stack:
        there = stack.enter_context(OrthancServer(folder / "there", plugin=False))
        far = stack.enter_context(Relay(urlsplit(there.url).port or 0, ONE_WAY_SECONDS))
        here = stack.enter_context(OrthancServer(folder / "orthanc"))
        settings = {"url": f"http://{far.host}:{far.port}{path}", "username": USERNAME, "password": PASSWORD}
        return through(here, {"kind": kind, "settings": settings}, files, folder)


def taken_in_turns(
    title: str, runs: int, folder: Path, sides: Sequence[tuple[str, Callable[[Path], float]]]
) -> list[list[float]]:
    """Seconds of each side in each run, in the order of the sides."""
    seconds: dict[str, list[float]] = {name: [] for name, _ in sides}
    for run in range(runs):
        for name, side in [*sides[run % 2 :], *sides[: run % 2]]:
            place = Path(tempfile.mkdtemp(dir=folder))
            seconds[name].append(side(place))
            shutil.rmtree(place)
            print(f"{title}, run {run + 1} of {runs}, {name}: {seconds[name][-1]:.2f} s", file=sys.stderr)
    return list(seconds.values())


def measured(part: Part, runs: int, folder: Path) -> Row:
    """The row of a part."""
    files = write(make_series(part.count, size=12 * 1024), folder / "images")
    ours, theirs = taken_in_turns(
        part.title,
        runs,
        folder,
        [
            ("router", lambda place: routed(part, files, place)),
            ("dcmsend", lambda place: sent(files, place)),
        ],
    )
    shutil.rmtree(folder / "images")
    return Row(f"{part.count} {part.title}, 40 ms : dcmsend", ours, theirs, part.bound)


def measured_sftp(runs: int, folder: Path) -> Row:
    """The row of `sftp`."""
    files = write(make_series(100, size=8 * 1024), folder / "images")
    ours, theirs = taken_in_turns(
        "sftp",
        runs,
        folder,
        [
            ("router", lambda place: routed_by_sftp(files, place)),
            ("sftp -b", lambda place: sent_by_sftp(files, place)),
        ],
    )
    shutil.rmtree(folder / "images")
    return Row("100 files by sftp, 40 ms : sftp -b", ours, theirs, 0.5)


def measured_peer(runs: int, folder: Path) -> Row:
    """The row of `peer`, which has no bound: DICOMweb sends all images in one request."""
    files = write(make_series(100, size=12 * 1024), folder / "images")
    ours, theirs = taken_in_turns(
        "peer",
        runs,
        folder,
        [
            ("peer", lambda place: routed_by_web("peer", "/", files, place)),
            ("dicomweb", lambda place: routed_by_web("dicomweb", "/dicom-web", files, place)),
        ],
    )
    shutil.rmtree(folder / "images")
    return Row("100 images to a peer, 40 ms : dicomweb", ours, theirs)


MEASURES: Final[dict[str, Callable[[int, Path], Row]]] = {
    **{name: partial(measured, part) for name, part in PARTS.items()},
    "sftp": measured_sftp,
    "peer": measured_peer,
}


def main() -> None:
    """Run what is wanted and print the table."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--only", nargs="+", choices=MEASURES, default=list(MEASURES))
    parser.add_argument("--runs", type=int, default=3)
    parser.add_argument("--quick", action="store_true", help="one run")
    parser.add_argument("--folder", type=Path, help="where to write; a folder for temporary files otherwise")
    arguments = parser.parse_args()
    runs = 1 if arguments.quick else arguments.runs
    with tempfile.TemporaryDirectory(prefix="far-", dir=arguments.folder) as folder:
        rows = [MEASURES[part](runs, Path(folder)) for part in arguments.only]
    print(table(rows))
    if any(row.verdict == "OVER" for row in rows):
        sys.exit(1)


if __name__ == "__main__":
    main()
