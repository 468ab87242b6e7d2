# SPDX-License-Identifier: GPL-3.0-or-later
"""How fast images are routed, and what the router costs those who send.

    .venv/tests/bin/python tests/benchmarks/routing.py [--only PART...] [--quick] [--runs N] [--folder DIR]
                                                   [--beside REVISION] [--shared]

Orthanc runs as it is installed (with `SyncStorageArea`), everything is on this machine and its loopback
interface, with TCP_NODELAY=1 for every Orthanc and every tool. All sides of a comparison take turns in the
same run, each on a fresh Orthanc, and each run begins with another side; figures are medians over the runs,
ratios those of the medians.
"In and out" is from the first C-STORE request until the last image has arrived at the destination.

With `--beside`, this checkout is compared with a revision, also with policies on what Orthanc.s database has
of a study.

For comparisons, memory is held back (see `memory_at_hand`), and a first run, which touches what is left of
it, does not count. What the runs have written is deleted at the end alone (about 5 GB a run of all parts):
ext4 passes over the inodes of files that were deleted within the last minutes one by one when it makes new
ones, and the side that comes after a deletion would pay for it.
"""

import argparse
import shutil
import subprocess
import sys
import tempfile
import time
from collections import defaultdict
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager, nullcontext
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from statistics import median, quantiles

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from benchmarks.measuring import Row, Sending, TimedStoreScp, memory_at_hand, table, timed_storescu
from samples import make_image, make_series, write
from servers.orthanc import REPOSITORY, OrthancServer
from servers.router import Json, RouterClient, tag
from servers.waiting import wait_until

LUA = "function OnStoredInstance(instance, tags, metadata)\n  SendToModality(instance, 'target')\nend\n"
#: How long nothing happens before an image counts as one that comes alone.
IDLE_SECONDS = 0.3
IDLE_POLICIES = (1, 10, 100, 500)
EVERYTHING: dict[str, object] = {"all": []}


def idle_rule(number: int) -> Json:
    """The rule of a policy that matches none of the images."""
    return {
        "all": [
            tag("Modality", "equals", "CT"),
            tag("StudyDescription", "contains", f"protocol {number}"),
            {"any": [tag("StationName", "in", [f"CT{number}"]), tag("PatientAge", "less_than", "018Y")]},
        ]
    }


def study_rule(number: int) -> Json:
    """The same, about tags that Orthanc's database keeps of patients, studies and series."""
    return {
        "any": [
            tag("StudyDescription", "contains", f"protocol {number}"),
            tag("AccessionNumber", "equals", f"CARD{number}"),
            tag("PatientName", "starts_with", f"Trial{number}"),
            tag("SeriesDescription", "matches", f"^T{number}$"),
        ]
    }


class Sizes:
    """The two sets of images, written once."""

    def __init__(self, folder: Path, quick: bool) -> None:
        large, small = (100, 400) if quick else (500, 2000)
        self.large = write(make_series(large, size=512 * 1024), folder / "large")
        self.small = write(make_series(small, size=12 * 1024), folder / "small")

    def all(self) -> list[tuple[str, list[Path]]]:
        return [
            (f"{len(self.large)} images of 512 KB", self.large),
            (f"{len(self.small)} images of 12 KB", self.small),
        ]


class Bench:
    """The sides that are compared. Each measurement has servers of its own."""

    def __init__(self, folder: Path, repository: Path = REPOSITORY) -> None:
        """`repository`: the checkout whose router is measured."""
        self._folder = folder
        self._repository = repository

    @contextmanager
    def _fresh(self) -> Iterator[tuple[Path, ExitStack]]:
        folder = Path(tempfile.mkdtemp(dir=self._folder))
        with ExitStack() as stack:
            yield folder, stack

    def plain_reception(self, files: list[Path]) -> float:
        """Seconds in which Orthanc without any plugin takes the images."""
        with self._fresh() as (folder, stack):
            orthanc = stack.enter_context(OrthancServer(folder / "orthanc", plugin=False))
            return send_when_idle(orthanc, files, folder).seconds

    def reception_with_router(
        self, files: list[Path], policies: int, rule: Callable[[int], Json] = idle_rule
    ) -> float:
        """Seconds in which Orthanc with the router, and policies that do not match, takes the images."""
        with self._fresh() as (folder, stack):
            orthanc = stack.enter_context(OrthancServer(folder / "orthanc", repository=self._repository))
            self._make_idle_policies(RouterClient(orthanc.rest), policies, rule)
            return send_when_idle(orthanc, files, folder).seconds

    def routed(
        self,
        files: list[Path],
        destinations: int = 1,
        idle_policies: int = 0,
        rule: Callable[[int], Json] = idle_rule,
    ) -> float:
        """Seconds in and out through the router."""
        with self._fresh() as (folder, stack):
            nodes = [
                stack.enter_context(TimedStoreScp(folder / f"node{number}", f"NODE{number}"))
                for number in range(destinations)
            ]
            orthanc = stack.enter_context(OrthancServer(folder / "orthanc", repository=self._repository))
            router = RouterClient(orthanc.rest)
            self._make_idle_policies(router, idle_policies, rule)
            router.policy("All", EVERYTHING, *(router.destination(node.aet, node) for node in nodes))
            sending = send_when_idle(orthanc, files, folder)
            return max(node.wait_for_images(len(files)) for node in nodes) - sending.first

    def routed_by_lua(self, files: list[Path]) -> float:
        """Seconds in and out with Orthanc's own SendToModality for each image."""
        with self._fresh() as (folder, stack):
            node = stack.enter_context(TimedStoreScp(folder / "node", "NODE"))
            script = folder / "route.lua"
            script.write_text(LUA)
            options = {
                "LuaScripts": [str(script)],
                "DicomModalitiesInDatabase": False,
                "DicomModalities": {"target": [node.aet, node.host, node.port]},
            }
            orthanc = stack.enter_context(OrthancServer(folder / "orthanc", plugin=False, options=options))
            sending = send_when_idle(orthanc, files, folder)
            return node.wait_for_images(len(files)) - sending.first

    def single_images(self, count: int) -> tuple[list[float], list[float]]:
        """For single images on an idle system: seconds from the sender's C-STORE response to arrival
        through the router, and from asking for the association to arrival without anything between.

        The destinations take one association at a time, as `storescp` does unless told otherwise: to make a
        process for each would be more than half of the direct way."""
        with self._fresh() as (folder, stack):
            node, direct_node = (
                stack.enter_context(TimedStoreScp(folder / aet, aet, several_at_once=False))
                for aet in ("NODE", "DIRECT")
            )
            orthanc = stack.enter_context(OrthancServer(folder / "orthanc", repository=self._repository))
            router = RouterClient(orthanc.rest)
            router.policy("All", EVERYTHING, router.destination("Node", node))
            routed, direct = [], []
            for number, image in enumerate((make_image(size=12 * 1024) for _ in range(count)), 1):
                files = write([image], folder / "images")
                sending = send_when_idle(orthanc, files, folder)
                routed.append(node.wait_for_images(number) - sending.last)
                sending = timed_storescu(direct_node.port, files, folder)
                direct.append(direct_node.wait_for_images(number) - sending.associating)
                shutil.rmtree(folder / "images")
            return routed, direct

    @staticmethod
    def _make_idle_policies(router: RouterClient, count: int, rule: Callable[[int], Json]) -> None:
        if not count:
            return
        destination = router.post(
            "/destinations",
            {"name": "Idle", "kind": "dicom", "settings": {"aet": "IDLE", "host": "127.0.0.1", "port": 9}},
        )
        for number in range(count):
            router.policy(f"Idle {number}", rule(number), destination)


def let_it_be_idle() -> None:
    """Wait until nothing has been sent for a while."""
    begin = time.monotonic()
    wait_until(lambda: time.monotonic() - begin > IDLE_SECONDS)


def send_when_idle(orthanc: OrthancServer, files: list[Path], folder: Path) -> Sending:
    """Send the files once Orthanc has had nothing to do for a while."""
    let_it_be_idle()
    return timed_storescu(orthanc.dicom_port, files, folder)


@dataclass(frozen=True)
class Comparison:
    """Two sides, by name, and what their ratio should be at most for the large and the small images."""

    title: str
    measured: str
    reference: str
    bounds: tuple[float, float] | None = None


#: What can be measured by itself; `alone` besides.
PARTS = {
    "reception": [
        Comparison("reception, router with 100 idle policies : plain", "received", "plain", (1.05, 1.05)),
    ],
    "routing": [
        Comparison("in and out : plain reception", "routed", "plain", (1.3, 1.3)),
        Comparison("in and out : Lua SendToModality", "routed", "lua", (0.6, 0.15)),
        Comparison("  plain reception, below which it cannot be : Lua", "plain", "lua"),
    ],
    "destinations": [Comparison("in and out to 5 destinations : to one", "five", "routed")],
    "policies": [
        Comparison(f"in and out, {count} idle policies : none", f"among {count}", "routed")
        for count in IDLE_POLICIES
    ],
}
#: With `--beside`.
EARLIER = [
    Comparison(
        f"{what}, 100 policies on {tags} : earlier", f"{side} {tags}", f"{side} {tags}, earlier", (1.03, 1.03)
    )
    for tags in ("any tags", "study tags")
    for side, what in (("received", "reception"), ("routed", "in and out"))
]
ALONE = "alone"


def measure(
    bench: Bench, earlier: Bench | None, sizes: Sizes, runs: int, comparisons: list[Comparison]
) -> list[Row]:
    """All measurements, in turn in each run; the lines of the table."""
    taken: dict[tuple[str, str], list[float]] = defaultdict(list)
    sides: dict[str, Callable[[list[Path]], float]] = {
        "plain": bench.plain_reception,
        "received": partial(bench.reception_with_router, policies=100),
        "routed": bench.routed,
        "lua": bench.routed_by_lua,
        "five": partial(bench.routed, destinations=5),
        **{f"among {count}": partial(bench.routed, idle_policies=count) for count in IDLE_POLICIES},
    }
    for suffix, one in (("", bench), *([(", earlier", earlier)] if earlier else [])):
        for tags, rule in (("any tags", idle_rule), ("study tags", study_rule)):
            sides[f"received {tags}{suffix}"] = partial(one.reception_with_router, policies=100, rule=rule)
            sides[f"routed {tags}{suffix}"] = partial(one.routed, idle_policies=100, rule=rule)
    wanted = {side for comparison in comparisons for side in (comparison.measured, comparison.reference)}
    names = [name for name in sides if name in wanted]
    for run in range(runs + 1):
        for size, files in sizes.all():
            first = run % len(names)
            for name in names[first:] + names[:first]:
                seconds = sides[name](files)
                if run:
                    taken[size, name].append(seconds)
                print(f"run {run} of {runs}, {size}, {name}: {seconds:.2f} s", file=sys.stderr, flush=True)
    return [
        Row(
            f"{size}: {comparison.title}",
            taken[size, comparison.measured],
            taken[size, comparison.reference],
            comparison.bounds and comparison.bounds[index],
        )
        for index, (size, _) in enumerate(sizes.all())
        for comparison in comparisons
    ]


def measure_alone(bench: Bench, count: int) -> list[Row]:
    """The lines of the table for so many images that come alone."""
    routed, direct = bench.single_images(count)
    slowest = quantiles(routed, n=100, method="inclusive")[98]
    return [
        Row("one image alone: response to arrival : direct C-STORE", routed, direct, unit="ms"),
        Row("  its median : 10 ms", [median(routed)], [0.010], 1.0, unit="ms"),
        Row("  its 99th percentile : 60 ms", [slowest], [0.060], 1.0, unit="ms"),
    ]


@contextmanager
def checkout(revision: str, folder: Path) -> Iterator[Path]:
    """An earlier revision of this repository, with the page that is built here."""
    path = folder / "earlier"
    git = ["git", "-C", str(REPOSITORY), "worktree"]
    subprocess.run([*git, "add", "--quiet", "--detach", str(path), revision], check=True)
    try:
        shutil.copytree(REPOSITORY / "webapp" / "dist", path / "webapp" / "dist")
        yield path
    finally:
        subprocess.run([*git, "remove", "--force", str(path)], check=True)


def main() -> None:
    """Run what is wanted and print the table."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--only", nargs="+", choices=[*PARTS, ALONE], default=[*PARTS, ALONE])
    parser.add_argument("--folder", type=Path, help="where to write; a folder for temporary files otherwise")
    parser.add_argument("--quick", action="store_true", help="one run with a fifth of the images")
    parser.add_argument("--runs", type=int, help="how many runs a side; 5, and 1 where it is to be quick")
    parser.add_argument("--beside", metavar="REVISION", help="compare with this revision, and nothing else")
    parser.add_argument("--shared", action="store_true", help="hold no memory back: others use the machine")
    arguments = parser.parse_args()
    runs, latencies = arguments.runs or (1 if arguments.quick else 5), 30 if arguments.quick else 200
    comparisons = [comparison for part in PARTS if part in arguments.only for comparison in PARTS[part]]
    rows = []
    with tempfile.TemporaryDirectory(prefix="routing-", dir=arguments.folder) as folder, ExitStack() as stack:
        bench, earlier = Bench(Path(folder)), None
        if arguments.beside:
            comparisons = EARLIER
            earlier = Bench(Path(folder), stack.enter_context(checkout(arguments.beside, Path(folder))))
        if comparisons:
            with nullcontext() if arguments.shared else memory_at_hand():
                sizes = Sizes(Path(folder) / "images", arguments.quick)
                rows += measure(bench, earlier, sizes, runs, comparisons)
        if ALONE in arguments.only and not arguments.beside:
            rows += measure_alone(bench, latencies)
    print(table(rows))
    print("\nTCP_NODELAY=1 for every Orthanc and every tool; medians over the runs, sides in turn.")
    if any(row.verdict == "OVER" for row in rows):
        sys.exit(1)


if __name__ == "__main__":
    main()
