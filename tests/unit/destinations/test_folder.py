# SPDX-License-Identifier: GPL-3.0-or-later
"""Kind `folder`, on a real file system: never outside its root, and nothing lost on a full disk."""

import os
import subprocess
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from pydantic import ValidationError

from router.destinations import (
    KINDS,
    DestinationUnavailable,
    Installation,
    InstancesRefused,
    Outgoing,
    Sender,
)
from router.destinations.filing import Filing, draft_name
from router.destinations.folder import FolderSender, FolderSettings
from router.orthanc_api import OrthancApi
from samples import file_bytes, make_image, uids
from unit.destinations.outgoing_samples import Open, outgoing, same_uid_everywhere

BY_PATIENT = "{{ PatientID }}/{{ StudyDate | date }}"


def files(root: Path) -> set[str]:
    return {str(path.relative_to(root)) for path in root.rglob("*") if path.is_file()}


@pytest.fixture
def full(tmp_path: Path) -> Iterator[Path]:
    """A file system with room for a few small images only."""
    folder = tmp_path / "full"
    folder.mkdir()
    command = ["mount", "-t", "tmpfs", "-o", "size=32k", "tmpfs", str(folder)]
    if os.getuid() != 0 or subprocess.run(command, capture_output=True, check=False).returncode:
        pytest.skip("needs the right to mount a small file system")
    try:
        yield folder
    finally:
        subprocess.run(["umount", str(folder)], check=True)


def test_files_are_where_the_template_says(opened: Open, root: Path) -> None:
    image = make_image(PatientID="P1", StudyDate="20240517")
    opened("folder", path=BY_PATIENT).send(outgoing(image))
    assert files(root) == {f"P1/2024-05-17/{image.SOPInstanceUID}.dcm"}
    assert (root / "P1/2024-05-17" / f"{image.SOPInstanceUID}.dcm").read_bytes() == file_bytes(image)


def test_the_path_may_name_its_root(opened: Open, root: Path) -> None:
    image = make_image()
    opened("folder", path=f"{root}/in/", file_name="{{ Modality }}-{{ SOPInstanceUID }}.dcm").send(
        outgoing(image)
    )
    assert files(root) == {f"in/CT-{image.SOPInstanceUID}.dcm"}


def test_a_value_does_not_lead_out_of_the_root(opened: Open, root: Path) -> None:
    images = [make_image(PatientID=value) for value in ("../../out", "..", "/etc", ".", "a/../../b")]
    opened("folder", path="{{ PatientID }}").send(outgoing(*images))
    assert len(files(root)) == len(images)
    assert {path.name for path in root.parent.iterdir()} <= {"export", "secret.key"}


def test_a_link_does_not_lead_out_of_the_root(opened: Open, root: Path, tmp_path: Path) -> None:
    outside = tmp_path / "outside"
    outside.mkdir()
    (root / "P1").symlink_to(outside)
    bad, good = make_image(PatientID="P1"), make_image(PatientID="P2")
    with pytest.raises(InstancesRefused) as refused:
        opened("folder", path="{{ PatientID }}").send(outgoing(bad, good))
    assert list(refused.value.reasons) == uids([bad])
    assert "link" in refused.value.reasons[str(bad.SOPInstanceUID)]
    assert list(outside.iterdir()) == []
    assert files(root) == {f"P2/{good.SOPInstanceUID}.dcm"}


def test_a_link_in_the_place_of_the_file_is_replaced_not_followed(
    opened: Open, root: Path, tmp_path: Path
) -> None:
    victim = tmp_path / "victim"
    victim.write_text("untouched")
    image = make_image()
    (root / f"{image.SOPInstanceUID}.dcm").symlink_to(victim)
    opened("folder").send(outgoing(image))
    assert victim.read_text() == "untouched"
    assert not (root / f"{image.SOPInstanceUID}.dcm").is_symlink()


def test_a_file_that_is_there_is_done_and_another_content_is_replaced(opened: Open, root: Path) -> None:
    image = make_image()
    sender = opened("folder")
    sender.send(outgoing(image))
    file = root / f"{image.SOPInstanceUID}.dcm"
    first = file.stat()
    sender.send(outgoing(image))
    assert (file.stat().st_ino, file.stat().st_mtime_ns) == (first.st_ino, first.st_mtime_ns)
    image.PatientComments = "corrected"
    sender.send(outgoing(image))
    assert file.read_bytes() == file_bytes(image)
    assert len(files(root)) == 1


def test_another_content_of_the_same_size_is_replaced(opened: Open, root: Path) -> None:
    image = make_image()
    file = root / f"{image.SOPInstanceUID}.dcm"
    file.write_bytes(b"x" * len(file_bytes(image)))
    opened("folder").send(outgoing(image))
    assert file.read_bytes() == file_bytes(image)


def test_other_images_of_the_same_sop_instance_uid_get_other_names(opened: Open, root: Path) -> None:
    images = same_uid_everywhere()
    opened("folder").send(outgoing(*images))
    assert {path.read_bytes() for path in root.iterdir()} == {file_bytes(one) for one in images}
    assert f"{images[0].SOPInstanceUID}.dcm" in files(root)
    before = files(root)
    for image in reversed(images):
        opened("folder").send(outgoing(image))
    assert files(root) == before, "another attempt has other names"


def test_a_corrected_image_replaces_its_own_file(opened: Open, root: Path) -> None:
    first, second, *_ = same_uid_everywhere()
    opened("folder").send(outgoing(first, second))
    for image in (first, second):
        image.PatientName = "Corrected^Name"
        opened("folder").send(outgoing(image))
    assert {path.read_bytes() for path in root.iterdir()} == {file_bytes(one) for one in (first, second)}


def test_an_image_whose_names_others_have_is_refused(opened: Open, root: Path) -> None:
    image, other = make_image(), make_image()
    for name in Filing("", "{{ SOPInstanceUID }}.dcm").place(file_bytes(image)).names:
        (root / name).write_bytes(file_bytes(other))
    with pytest.raises(InstancesRefused) as refused:
        opened("folder").send(outgoing(image))
    assert "Other images have its names" in refused.value.reasons[uids([image])[0]]


def test_writers_of_other_images_of_the_same_name_lose_none(opened: Open, root: Path) -> None:
    images = same_uid_everywhere()
    threads = [
        threading.Thread(target=opened("folder").send, args=(outgoing(image),))
        for image in images
        for _ in range(3)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert {path.read_bytes() for path in root.iterdir()} == {file_bytes(one) for one in images}


@pytest.mark.parametrize(
    "name",
    [
        "{{ SOPInstanceUID }}",
        "a.{{ SOPInstanceUID }}",
        "x" * 150 + "{{ SOPInstanceUID }}{{ SeriesDescription }}.dcm",
    ],
)
def test_other_names_are_names(name: str) -> None:
    for image in (make_image(), make_image(SeriesInstanceUID=None)):
        first, second = Filing("", name).place(file_bytes(image)).names
        assert first != second
        assert len(second.encode()) <= 255


def test_what_a_killed_writer_left_is_taken_up(opened: Open, root: Path) -> None:
    image = make_image(size=100_000)
    (root / draft_name(file_bytes(image))).write_bytes(file_bytes(image)[:5000])
    opened("folder").send(outgoing(image))
    assert files(root) == {f"{image.SOPInstanceUID}.dcm"}


def test_many_writers_of_the_same_image(opened: Open, root: Path) -> None:
    image = make_image(size=300_000)
    senders = [opened("folder") for _ in range(6)]
    problems: list[BaseException] = []

    def send(sender: Sender) -> None:
        try:
            for _ in range(5):
                sender.send(outgoing(image))
                (root / f"{image.SOPInstanceUID}.dcm").unlink(missing_ok=True)
            sender.send(outgoing(image))
        except (DestinationUnavailable, InstancesRefused) as error:
            # That its files are removed may well be noticed: to be tried again.
            if "Something removes files" not in str(error):
                problems.append(error)

    threads = [threading.Thread(target=send, args=(sender,)) for sender in senders]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    opened("folder").send(outgoing(image))
    assert problems == []
    assert files(root) == {f"{image.SOPInstanceUID}.dcm"}
    assert (root / f"{image.SOPInstanceUID}.dcm").read_bytes() == file_bytes(image)


def test_a_full_disk_loses_nothing_and_leaves_nothing(full: Path) -> None:
    sender = FolderSender("d1", FolderSettings(), Installation(OrthancApi(9, ""), [full]))
    images = [make_image(size=9000) for _ in range(3)]
    with pytest.raises(DestinationUnavailable, match="full") as unavailable:
        sender.send(outgoing(*images))
    arrived = unavailable.value.arrived
    assert 1 <= len(arrived) < 3
    assert files(full) == {f"{uid}.dcm" for uid in arrived}
    for path in full.iterdir():
        path.unlink()
    sender.send(outgoing(*images[len(arrived) :]))
    assert files(full) == {f"{uid}.dcm" for uid in uids(images[len(arrived) :])}


def test_a_folder_that_may_not_be_written_to(tmp_path_factory: pytest.TempPathFactory) -> None:
    root = _reachable_by_all(tmp_path_factory.mktemp("others"))
    root.chmod(0o555)
    sender = FolderSender("d1", FolderSettings(), Installation(OrthancApi(9, ""), [root]))
    image = make_image()
    with _as_nobody():
        with pytest.raises(DestinationUnavailable, match="change the folder's owner or permissions"):
            sender.send(outgoing(image))
        with pytest.raises(DestinationUnavailable, match="change the folder's owner or permissions"):
            sender.test()
    root.chmod(0o777)
    with _as_nobody():
        sender.send(outgoing(image))
    assert files(root) == {f"{image.SOPInstanceUID}.dcm"}


def _reachable_by_all(folder: Path) -> Path:
    """The folder, which others than its owner may get to."""
    for parent in folder.parents:
        if parent.owner() == folder.owner() and parent != Path("/"):
            parent.chmod(parent.stat().st_mode | 0o011)
    return folder


@contextmanager
def _as_nobody() -> Iterator[None]:
    """Without the rights of root, who may write everywhere."""
    me = os.geteuid()
    if me == 0:
        os.seteuid(65534)
    try:
        yield
    finally:
        os.seteuid(me)


def test_a_folder_that_is_gone(opened: Open, root: Path) -> None:
    sender = opened("folder")
    root.rmdir()
    root.parent.rename(root.parent.with_name("moved"))
    with pytest.raises(DestinationUnavailable, match="not there"):
        sender.send(outgoing(make_image()))
    with pytest.raises(DestinationUnavailable, match="not there"):
        sender.test()


def test_a_root_whose_last_part_is_missing_is_made(opened: Open, root: Path) -> None:
    root.rmdir()
    assert "removed" in opened("folder").test()
    assert list(root.iterdir()) == []


def test_what_is_not_dicom_is_refused_and_the_rest_arrives(opened: Open, root: Path) -> None:
    image = make_image()
    with pytest.raises(InstancesRefused) as refused:
        opened("folder").send([Outgoing("bad", lambda: b"garbage"), *outgoing(image)])
    assert list(refused.value.reasons) == ["bad"]
    assert files(root) == {f"{image.SOPInstanceUID}.dcm"}


def test_what_needs_more_memory_than_there_is_is_refused_and_the_rest_arrives(
    opened: Open, root: Path
) -> None:
    def too_large() -> bytes:
        raise MemoryError

    image = make_image()
    with pytest.raises(InstancesRefused) as refused:
        opened("folder").send([Outgoing("large", too_large), *outgoing(image)])
    assert "not enough memory" in refused.value.reasons["large"]
    assert files(root) == {f"{image.SOPInstanceUID}.dcm"}


def test_a_folder_where_the_file_should_be(opened: Open, root: Path) -> None:
    image = make_image()
    (root / f"{image.SOPInstanceUID}.dcm").mkdir()
    with pytest.raises(InstancesRefused):
        opened("folder").send(outgoing(image))
    assert files(root) == set()


@pytest.mark.parametrize(
    ("path", "roots", "said"),
    [
        ("/etc/{{ PatientID }}", ["/srv/a", "/srv/b"], "/srv/a, /srv/b"),
        ("/srv/ab/x", ["/srv/a"], "not in a folder"),
        ("x", [], "No folder is allowed"),
    ],
)
def test_a_path_outside_the_allowed_folders_is_refused_at_save(
    path: str, roots: list[str], said: str
) -> None:
    settings = FolderSettings(path=path)
    installation = Installation(OrthancApi(9, ""), [Path(root) for root in roots])
    [(_, message)] = KINDS["folder"].problems(settings, installation)
    assert said in message


@pytest.mark.parametrize(
    ("settings", "said"),
    [
        ({"path": "../x"}, "part of a path"),
        ({"path": "{{ PatientNam }}"}, "did you mean"),
        ({"file_name": "{{ PatientID }}.dcm"}, "replace each other"),
        ({"file_name": "x/{{ SOPInstanceUID }}"}, "path"),
        ({"file_name": ""}, "at least 1"),
    ],
)
def test_settings_that_are_refused(settings: dict[str, str], said: str) -> None:
    with pytest.raises(ValidationError, match=said):
        FolderSettings.model_validate(settings)
