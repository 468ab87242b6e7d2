# SPDX-License-Identifier: GPL-3.0-or-later
"""Which parts of the router may know of which others, so that what an instance brings about goes one way."""

import ast
from collections.abc import Iterator
from pathlib import Path
from typing import Final

import pytest

import router

ROOT: Final = Path(router.__file__).parent

#: What each part may import. Whatever it may is further up, so that no way leads back.
MAY_IMPORT: Final = {
    # Know nothing of the rest.
    "clock": "",
    "explorer": "",
    "health": "",
    "log": "",
    "nesting": "",
    "process_end": "",
    "rounds": "health",
    "settings": "",
    "last_end": "",
    "signals": "",
    "unreadable": "",
    "version": "",
    # What is stored and told, and what an image has to be like: neither reads nor writes anything.
    "documents": "clock",
    "rules": "documents",
    # The doors.
    "orthanc_api": "documents nesting",
    "store": "clock documents",
    "secrets": "store",
    # What becomes of images, and what is said of them; these know nothing of deliveries.
    "templates": "rules unreadable",
    "transforms": "documents rules secrets store templates unreadable",
    "review": "documents rules transforms",
    "destinations": "clock documents orthanc_api rounds secrets templates transforms unreadable version",
    "messages": "destinations documents orthanc_api templates",
    # The policies in force, and the way of an instance: from what Orthanc has stored to deliveries, and from
    # deliveries to destinations. Neither half knows of the other: the store is between them.
    "catalog": "documents health rules store",
    "lineage": "clock documents orthanc_api store unreadable",
    "intake": "catalog clock documents health orthanc_api rules settings signals store",
    "actions": "destinations documents lineage messages orthanc_api secrets store templates transforms"
    " unreadable",
    "dispatch": "actions catalog clock destinations documents health lineage orthanc_api rounds signals"
    " store",
    # What goes on beside it.
    "nodes": "clock documents health intake orthanc_api rounds settings signals store version",
    "audit": "clock documents health nodes rounds secrets settings store version",
    "housekeeping": "clock documents nodes orthanc_api rounds store",
    "metrics": "catalog clock dispatch documents intake orthanc_api rounds store",
    "probes": "clock health intake orthanc_api rounds settings store",
    "traffic": "clock rounds",
    "repetitions": "clock documents health intake orthanc_api rounds store",
    # What people do.
    "administration": "actions audit catalog clock destinations documents intake messages orthanc_api"
    " review rules secrets store templates transforms",
    "runs": "actions administration audit catalog clock destinations documents intake orthanc_api rounds"
    " rules secrets store transforms",
    "api": "actions administration audit catalog clock destinations dispatch documents health intake"
    " nodes orthanc_api repetitions review rules runs secrets settings store templates traffic version",
    "command_line": "administration audit catalog clock documents review rules secrets store version",
    "__main__": "command_line",
    # How all of it is put together; Orthanc itself is beyond `host`.
    "host": "api orthanc_api process_end",
    "building": "actions administration api audit catalog clock destinations dispatch health housekeeping"
    " intake lineage metrics nodes orthanc_api probes process_end repetitions rounds runs secrets settings"
    " signals store traffic transforms",
    "running": "api building health last_end orthanc_api rounds settings store",
    "application": "api dispatch explorer host log nodes orthanc_api running settings store",
}

#: Libraries that only these may import.
DOORS: Final = {
    "orthanc": "host",
    "sqlite3": "store.sqlite",
    "pymongo": "store.mongodb",
    "bson": "store.mongodb",
    "requests": "destinations",
    "paramiko": "destinations",
    "pynetdicom": "destinations.dicom",
    "pysftp": "destinations",
    "yagmail": "destinations",
}

#: What code without effects has no use for.
OUTSIDE: Final = (
    "asyncio",
    "http",
    "os",
    "pathlib",
    "shutil",
    "socket",
    "subprocess",
    "tempfile",
    "threading",
)


def modules() -> Iterator[tuple[str, str]]:
    """Each module by its name below `router`, and what it imports by the whole name."""
    for file in sorted(ROOT.rglob("*.py")):
        name = ".".join(file.relative_to(ROOT).with_suffix("").parts).removesuffix(".__init__")
        for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Import):
                yield from ((name, alias.name) for alias in node.names)
            elif isinstance(node, ast.ImportFrom):
                assert node.level == 0, f"{name} does not say from where it imports"
                yield from ((name, f"{node.module}.{alias.name}") for alias in node.names)


IMPORTS: Final = [*modules()]


def is_within(name: str, package: str) -> bool:
    return name == package or name.startswith(f"{package}.")


def test_every_part_has_its_place() -> None:
    parts = {path.stem for path in ROOT.iterdir() if path.name not in {"__init__.py", "__pycache__"}}
    assert parts <= MAY_IMPORT.keys()


@pytest.mark.parametrize("part", MAY_IMPORT)
def test_a_part_imports_only_what_it_may(part: str) -> None:
    may = {part, *MAY_IMPORT[part].split()}
    strays = [
        (name, imported)
        for name, imported in IMPORTS
        if is_within(name, part) and is_within(imported, "router") and imported.split(".")[1] not in may
    ]
    assert not strays


def test_no_way_leads_back() -> None:
    seen: set[str] = set()
    for part, may in MAY_IMPORT.items():
        assert set(may.split()) <= seen, part
        seen.add(part)


@pytest.mark.parametrize(("library", "door"), DOORS.items())
def test_a_library_is_behind_one_door(library: str, door: str) -> None:
    users = {name for name, imported in IMPORTS if is_within(imported, library)}
    assert users
    assert not [name for name in users if not is_within(name, door)]


@pytest.mark.parametrize("part", ["documents", "rules"])
def test_some_parts_touch_nothing_outside(part: str) -> None:
    users = [
        (name, imported)
        for name, imported in IMPORTS
        if is_within(name, part) and any(is_within(imported, library) for library in OUTSIDE)
    ]
    assert not users


@pytest.mark.parametrize(
    ("package", "entry", "count"), [("destinations", "KIND", 7), ("actions", "ACTION", 6)]
)
def test_what_a_registry_finds_is_known_to_nobody(package: str, entry: str, count: int) -> None:
    """Adding a kind of destination, or an action, touches no other file."""
    folder = ROOT / package
    files = [*folder.glob("*.py"), *(file.parent for file in folder.glob("*/__init__.py"))]
    found = {
        file.stem
        for file in files
        if f"\n{entry} = " in (file / "__init__.py" if file.is_dir() else file).read_text(encoding="utf-8")
    }
    assert len(found) >= count
    known = [
        (name, imported)
        for name, imported in IMPORTS
        for one in found
        if is_within(imported, f"router.{package}.{one}") and not is_within(name, f"{package}.{one}")
    ]
    assert not known


def test_a_destination_knows_nothing_of_deliveries() -> None:
    assert not [
        (name, imported)
        for name, imported in IMPORTS
        if is_within(name, "destinations") and is_within(imported, "router.documents.delivery")
    ]


def test_the_stores_know_nothing_of_each_other() -> None:
    others = {"sqlite": ["mongodb"], "mongodb": ["sqlite"], "port": ["sqlite", "mongodb"]}
    assert not [
        (name, imported)
        for name, imported in IMPORTS
        for one in others
        for other in others[one]
        if is_within(name, f"store.{one}") and is_within(imported, f"router.store.{other}")
    ]


def constructors() -> Iterator[tuple[str, int]]:
    """Each class that has one, and how many parameters it takes."""
    for file in sorted(ROOT.rglob("*.py")):
        for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
            if not isinstance(node, ast.ClassDef):
                continue
            for one in node.body:
                if isinstance(one, ast.FunctionDef) and one.name == "__init__":
                    taken = [*one.args.posonlyargs, *one.args.args, *one.args.kwonlyargs]
                    yield f"{file.relative_to(ROOT)}: {node.name}", len(taken) - 1


def test_no_constructor_takes_more_than_seven_parameters() -> None:
    """What takes more does too much, or takes singly what belongs together."""
    counts = dict(constructors())
    assert len(counts) > 100
    assert not {name: count for name, count in counts.items() if count > 7}


def test_a_builder_can_be_read_at_a_glance() -> None:
    lengths = {
        f"{file.name}: {node.name}": (node.end_lineno or 0) - node.lineno + 1
        for file in [*(ROOT / "building").glob("*.py"), ROOT / "running.py"]
        for node in ast.walk(ast.parse(file.read_text(encoding="utf-8")))
        if isinstance(node, ast.FunctionDef)
    }
    assert {"people.py: people_of", "routing.py: routing_of"} <= lengths.keys()
    assert not {name: length for name, length in lengths.items() if length >= 60}
