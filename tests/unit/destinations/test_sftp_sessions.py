# SPDX-License-Identifier: GPL-3.0-or-later
"""Several files at once over one SSH connection, and servers that do not allow it."""

from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from itertools import count
from pathlib import Path

import paramiko
import pytest

from router.destinations import DestinationUnavailable
from samples import file_bytes, make_image, uids
from servers.relay import Relay
from servers.sshd import Sshd, scripted_server, serve_files
from unit.destinations.outgoing_samples import Open, outgoing, same_uid_everywhere

#: Each way; a round trip is longer than what counts as near.
ONE_WAY_SECONDS = 0.005


@pytest.fixture
def login(tmp_path: Path) -> Iterator[Callable[..., dict[str, object]]]:
    """Starts OpenSSH's server far away, with options; the settings for it."""
    with ExitStack() as stack:

        def start(**options: object) -> dict[str, object]:
            server = stack.enter_context(Sshd(tmp_path / "sshd", options=options))
            relay = stack.enter_context(Relay(server.port, ONE_WAY_SECONDS))
            return {
                "host": relay.host,
                "port": relay.port,
                "username": server.username,
                "private_key": server.authorize(),
                "host_key": server.host_key,
                "path": "there",
            }

        yield start


@contextmanager
def far_server(serve: Callable[[paramiko.Channel], None]) -> Iterator[dict[str, object]]:
    """A server far away that does what `serve` does for each session; the settings for it."""
    with (
        scripted_server("me", "secret", serve) as (port, host_key),
        Relay(port, ONE_WAY_SECONDS) as relay,
    ):
        yield {
            "host": relay.host,
            "port": relay.port,
            "username": "me",
            "password": "secret",
            "host_key": host_key,
        }


def contents(place: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in place.iterdir()}


def test_several_files_are_on_their_way_at_once_over_one_connection(
    login: Callable[..., dict[str, object]], tmp_path: Path, opened: Open
) -> None:
    images = [make_image(size=20_000) for _ in range(30)]
    sender = opened("sftp", **login())
    sender.send(outgoing(*images))
    log = (tmp_path / "sshd" / "sshd.log").read_text()
    assert log.count("Accepted publickey") == 1
    assert log.count("Starting session: subsystem 'sftp'") > 2
    sessions = log.count("Starting session: subsystem 'sftp'")
    sender.send(outgoing(*images))
    sender.close()
    log = (tmp_path / "sshd" / "sshd.log").read_text()
    assert log.count("Accepted publickey") == 1
    assert log.count("Starting session: subsystem 'sftp'") <= max(8, sessions)
    assert contents(tmp_path / "sshd" / "files" / "there") == {
        f"{image.SOPInstanceUID}.dcm": file_bytes(image) for image in images
    }


@pytest.mark.parametrize("most", [1, 2])
def test_a_server_that_allows_few_sessions(
    login: Callable[..., dict[str, object]], tmp_path: Path, opened: Open, most: int
) -> None:
    images = [make_image() for _ in range(30)]
    sender = opened("sftp", **login(MaxSessions=most))
    sender.send(outgoing(*images))
    sender.close()
    log = (tmp_path / "sshd" / "sshd.log").read_text()
    assert log.count("Accepted publickey") == 1
    assert log.count("Starting session: subsystem 'sftp'") == most
    assert contents(tmp_path / "sshd" / "files" / "there") == {
        f"{image.SOPInstanceUID}.dcm": file_bytes(image) for image in images
    }


def test_images_of_one_name_at_once_are_all_kept(
    login: Callable[..., dict[str, object]], tmp_path: Path, opened: Open
) -> None:
    others = [make_image() for _ in range(20)]
    same = same_uid_everywhere()
    sender = opened("sftp", **login())
    sender.send(outgoing(*others, *same))
    sender.close()
    found = contents(tmp_path / "sshd" / "files" / "there")
    assert sorted(found.values()) == sorted(map(file_bytes, [*others, *same]))
    assert all(name.endswith(".dcm") for name in found)


def test_a_server_that_ends_the_connection_at_a_second_session(tmp_path: Path, opened: Open) -> None:
    images = [make_image() for _ in range(30)]
    sessions = count(1)
    files = tmp_path / "files"
    files.mkdir()

    def serve(channel: paramiko.Channel) -> None:
        if next(sessions) == 2:
            channel.get_transport().close()
        else:
            serve_files(files, channel)

    with far_server(serve) as login:
        sender = opened("sftp", **login)
        sender.send(outgoing(*images))
        sender.close()
    assert next(sessions) == 4  # one was refused, and one connection made after that
    assert contents(files) == {f"{image.SOPInstanceUID}.dcm": file_bytes(image) for image in images}


def test_a_server_that_ends_one_of_several_sessions_in_the_middle(tmp_path: Path, opened: Open) -> None:
    images = [make_image() for _ in range(40)]
    sessions = count(1)
    files = tmp_path / "files"
    files.mkdir()

    def serve(channel: paramiko.Channel) -> None:
        number, answers = next(sessions), count(1)

        def answer(piece: bytes) -> None:
            if number == 2 and next(answers) > 12:
                channel.close()
            else:
                channel.sendall(piece)

        serve_files(files, channel, answer)

    with far_server(serve) as login:
        sender = opened("sftp", **login)
        sender.send(outgoing(*images))
        sender.close()
    assert contents(files) == {f"{image.SOPInstanceUID}.dcm": file_bytes(image) for image in images}


def test_a_connection_that_breaks_says_what_has_arrived(tmp_path: Path, opened: Open) -> None:
    images = [make_image() for _ in range(40)]
    files = tmp_path / "files"
    files.mkdir()
    answers = count(1)

    def serve(channel: paramiko.Channel) -> None:
        def answer(piece: bytes) -> None:
            if next(answers) == 120:
                channel.get_transport().close()
            channel.sendall(piece)

        serve_files(files, channel, answer)

    with far_server(serve) as login:
        sender = opened("sftp", **login)
        with pytest.raises(DestinationUnavailable) as broken:
            sender.send(outgoing(*images))
        arrived = broken.value.arrived
        assert 0 < len(arrived) < len(images)
        assert len(set(arrived)) == len(arrived)
        assert {f"{image.SOPInstanceUID}.dcm" for image in images if uids([image])[0] in arrived} <= set(
            contents(files)
        )
        sender.send(outgoing(*(image for image in images if uids([image])[0] not in arrived)))
        sender.close()
    assert contents(files) == {f"{image.SOPInstanceUID}.dcm": file_bytes(image) for image in images}
