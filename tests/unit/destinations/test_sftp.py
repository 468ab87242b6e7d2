# SPDX-License-Identifier: GPL-3.0-or-later
"""Kind `sftp` against OpenSSH's sshd: logins, host keys, broken lines, and nothing lost in any of them."""

import os
import struct
import subprocess
import threading
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import paramiko
import pytest
from pydantic import ValidationError

from router.destinations import (
    DestinationUnavailable,
    InstancesRefused,
    LoginRefused,
    sftp_connection,
    time_limit,
)
from router.destinations.filing import draft_name
from router.destinations.host_key import fetch_host_key
from router.destinations.sftp import SftpSettings
from router.destinations.sftp_connection import SftpConnection
from samples import file_bytes, make_image, uids
from servers.broken import DrippingServer
from servers.process import free_port
from servers.sshd import Sshd, make_key, password_server, scripted_server, serve_files
from servers.tcp_proxy import TcpProxy
from servers.waiting import wait_until
from unit.destinations.outgoing_samples import Open, outgoing, same_uid_everywhere


@pytest.fixture(scope="module")
def sshd(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Sshd]:
    """A server that all tests of this module share, each in a folder of its own."""
    with Sshd(tmp_path_factory.mktemp("sshd")) as server:
        yield server


@pytest.fixture(scope="module")
def key(sshd: Sshd) -> str:
    return sshd.authorize()


@pytest.fixture
def place(sshd: Sshd, tmp_path: Path) -> Path:
    """The test's own folder on the server."""
    return sshd.files / tmp_path.name


def settings(sshd: Sshd, key: str, place: Path, **changed: object) -> dict[str, object]:
    return {
        "host": sshd.host,
        "port": sshd.port,
        "username": sshd.username,
        "private_key": key,
        "host_key": sshd.host_key,
        "path": place.name,
        **changed,
    }


def names(place: Path) -> set[str]:
    return {path.name for path in place.iterdir()}


def test_folders_are_made_and_files_are_whole(sshd: Sshd, key: str, place: Path, opened: Open) -> None:
    images = [make_image(PatientID="P1", size=200_000), make_image(PatientID="../P2")]
    sender = opened("sftp", **settings(sshd, key, place, path=place.name + "/{{ PatientID }}"))
    sender.send(outgoing(*images))
    sender.close()
    assert names(place) == {"P1", "_._P2"}
    assert (place / "P1" / f"{images[0].SOPInstanceUID}.dcm").read_bytes() == file_bytes(images[0])


def test_an_absolute_path(sshd: Sshd, key: str, place: Path, opened: Open) -> None:
    image = make_image()
    sender = opened("sftp", **settings(sshd, key, place, path=str(place)))
    sender.send(outgoing(image))
    sender.close()
    assert names(place) == {f"{image.SOPInstanceUID}.dcm"}


@pytest.mark.parametrize(
    ("kind", "passphrase", "form"),
    [
        ("rsa", "", "RFC4716"),
        ("rsa", "secret words", "PEM"),
        ("rsa", "", "PKCS8"),
        ("ecdsa", "", "RFC4716"),
        ("ecdsa", "secret words", "PKCS8"),
        ("ed25519", "", "RFC4716"),
        ("ed25519", "secret words", "RFC4716"),
    ],
)
def test_every_kind_of_private_key(
    sshd: Sshd, place: Path, opened: Open, kind: str, passphrase: str, form: str
) -> None:
    private = sshd.authorize(kind, passphrase, form)
    login = settings(sshd, private, place, passphrase=passphrase or None)
    sender = opened("sftp", **login)
    assert "removed" in sender.test()
    sender.close()
    assert names(place) == set()


def test_a_password(tmp_path: Path, opened: Open) -> None:
    files = tmp_path / "files"
    files.mkdir()
    image = make_image()
    with password_server(files, "modality", "pässword") as (port, host_key):
        login = {"host": "127.0.0.1", "port": port, "username": "modality", "host_key": host_key}
        sender = opened("sftp", **login, password="pässword")
        sender.send(outgoing(image))
        sender.close()
        assert names(files) == {f"{image.SOPInstanceUID}.dcm"}
        with pytest.raises(LoginRefused, match="password") as refused:
            opened("sftp", **login, password="wrong").send(outgoing(image))
        assert "wrong" not in str(refused.value)


def test_a_key_that_may_not_log_in(sshd: Sshd, place: Path, tmp_path: Path, opened: Open) -> None:
    stranger = make_key(tmp_path / "stranger")
    with pytest.raises(LoginRefused, match=f"refuses the user '{sshd.username}'"):
        opened("sftp", **settings(sshd, stranger, place)).test()


class TestHostKey:
    """Nothing is sent to a server with another key than the pinned one."""

    @pytest.mark.parametrize("kind", ["ed25519", "ecdsa", "rsa"])
    def test_the_key_that_is_fetched_is_the_one_that_fits(
        self, tmp_path: Path, opened: Open, kind: str
    ) -> None:
        with Sshd(tmp_path / "sshd", kind) as server:
            fetched = fetch_host_key(server.host, server.port)
            assert fetched.host_key == server.host_key
            assert fetched.fingerprint.startswith("SHA256:")
            private = server.authorize()
            login = settings(server, private, server.files / "x", host_key=fetched.host_key)
            opened("sftp", **login).test()

    @pytest.mark.parametrize("kind", ["ed25519", "rsa"])
    def test_another_key_is_refused_before_anything_is_said(
        self, sshd: Sshd, key: str, place: Path, tmp_path: Path, opened: Open, kind: str
    ) -> None:
        make_key(tmp_path / "other", kind)
        other = (tmp_path / "other.pub").read_text()
        sender = opened("sftp", **settings(sshd, key, place, host_key=other))
        with pytest.raises(DestinationUnavailable, match="another host key"):
            sender.send(outgoing(make_image()))
        assert not place.exists()

    def test_a_server_whose_key_was_changed(self, tmp_path: Path, opened: Open) -> None:
        server = Sshd(tmp_path / "sshd")
        with server:
            private = server.authorize()
            login = settings(server, private, server.files / "x")
            opened("sftp", **login).test()
        server.new_host_key()
        with server, pytest.raises(DestinationUnavailable, match="another host key"):
            opened("sftp", **login).test()

    def test_what_is_no_ssh_server(self, sshd: Sshd) -> None:
        with TcpProxy(sshd.port, cut_after=1) as proxy, pytest.raises(DestinationUnavailable, match="SSH"):
            fetch_host_key(proxy.host, proxy.port)
        with pytest.raises(DestinationUnavailable, match="cannot be reached"):
            fetch_host_key("127.0.0.1", free_port())
        with pytest.raises(DestinationUnavailable, match="not known"):
            fetch_host_key("no-such-host.invalid", 22)


class TestFileThatIsThere:
    def test_the_same_content_is_not_written_again(
        self, sshd: Sshd, key: str, place: Path, opened: Open
    ) -> None:
        image = make_image()
        sender = opened("sftp", **settings(sshd, key, place))
        sender.send(outgoing(image))
        file = place / f"{image.SOPInstanceUID}.dcm"
        inode = file.stat().st_ino
        sender.send(outgoing(image))
        assert file.stat().st_ino == inode
        sender.close()

    def test_another_content_of_the_same_size_is_replaced(
        self, sshd: Sshd, key: str, place: Path, opened: Open
    ) -> None:
        image = make_image()
        place.mkdir()
        file = place / f"{image.SOPInstanceUID}.dcm"
        file.write_bytes(b"x" * len(file_bytes(image)))
        sender = opened("sftp", **settings(sshd, key, place))
        sender.send(outgoing(image))
        sender.close()
        assert file.read_bytes() == file_bytes(image)
        assert names(place) == {file.name}

    def test_a_folder_in_its_place_is_this_images_problem(
        self, sshd: Sshd, key: str, place: Path, opened: Open
    ) -> None:
        bad, good = make_image(), make_image()
        (place / f"{bad.SOPInstanceUID}.dcm").mkdir(parents=True)
        sender = opened("sftp", **settings(sshd, key, place))
        with pytest.raises(InstancesRefused) as refused:
            sender.send(outgoing(bad, good))
        sender.close()
        assert list(refused.value.reasons) == uids([bad])
        assert (place / f"{good.SOPInstanceUID}.dcm").read_bytes() == file_bytes(good)

    def test_a_file_where_a_folder_should_be(self, sshd: Sshd, key: str, place: Path, opened: Open) -> None:
        place.mkdir()
        (place / "P1").write_text("in the way")
        sender = opened("sftp", **settings(sshd, key, place, path=place.name + "/{{ PatientID }}"))
        with pytest.raises(InstancesRefused, match="1 of 1"):
            sender.send(outgoing(make_image(PatientID="P1")))
        sender.close()


class TestSameSopInstanceUid:
    def test_of_other_images_loses_none(self, sshd: Sshd, key: str, place: Path, opened: Open) -> None:
        images = same_uid_everywhere()
        sender = opened("sftp", **settings(sshd, key, place))
        sender.send(outgoing(*images))
        assert {(place / name).read_bytes() for name in names(place)} == {file_bytes(one) for one in images}
        assert len(names(place)) == len(images)
        before = names(place)
        for image in reversed(images):
            sender.send(outgoing(image))
        assert names(place) == before
        sender.close()

    def test_a_corrected_image_replaces_its_own_file(
        self, sshd: Sshd, key: str, place: Path, opened: Open
    ) -> None:
        first, second, *_ = same_uid_everywhere()
        sender = opened("sftp", **settings(sshd, key, place))
        sender.send(outgoing(first, second))
        for image in (first, second):
            image.PatientName = "Corrected^Name"
            sender.send(outgoing(image))
        sender.close()
        assert {(place / name).read_bytes() for name in names(place)} == {
            file_bytes(one) for one in (first, second)
        }


class TestServerThatMakesNoSense:
    """What a server claims is not believed, and costs neither memory nor the destination."""

    def test_a_draft_of_any_size(self, sshd: Sshd, key: str, place: Path, opened: Open) -> None:
        image = make_image()
        place.mkdir()
        for name in (draft_name(file_bytes(image)), f"{image.SOPInstanceUID}.dcm"):
            with (place / name).open("wb") as file:
                file.truncate(1 << 40)
        sender = opened("sftp", **settings(sshd, key, place))
        sender.send(outgoing(image))
        sender.close()
        assert names(place) == {f"{image.SOPInstanceUID}.dcm"}

    @pytest.mark.parametrize(
        "said",
        [
            b"",
            struct.pack(">IB", 0xFFFFFFF0, 2),
            struct.pack(">IBI", 5, 2, 3) + struct.pack(">IB", 0x7FFFFFFF, 101),
            struct.pack(">IBI", 5, 2, 3) + struct.pack(">IB", 1, 101),
            struct.pack(">IBI", 5, 2, 3) + struct.pack(">IBII", 9, 105, 1, 0xFFFFFFFF),
            struct.pack(">IBI", 5, 2, 3) + struct.pack(">IBI", 5, 200, 1),
            struct.pack(">IBI", 5, 101, 3),
            struct.pack(">IBI", 5, 2, 3) + b"Please log in\r\n" * 100,
        ],
    )
    def test_messages_that_make_no_sense(self, opened: Open, said: bytes) -> None:
        def serve(channel: paramiko.Channel) -> None:
            channel.recv(9)
            channel.sendall(said)
            channel.recv(100)
            channel.close()

        with scripted_server("me", "secret", serve) as (port, host_key):
            login = {"host": "127.0.0.1", "port": port, "username": "me", "host_key": host_key}
            sender = opened("sftp", **login, password="secret", transfer_timeout_seconds=2)
            with pytest.raises(DestinationUnavailable):
                sender.send(outgoing(make_image()))
            sender.close()


class TestSlowServer:
    """A server that goes on and on, a little at a time, holds a worker for a bounded time."""

    @pytest.fixture
    def ended(self, monkeypatch: pytest.MonkeyPatch) -> Iterator[threading.Event]:
        """Ends what the servers of a test do; the limits are short."""
        monkeypatch.setattr(time_limit, "_WAITS", 0.3)
        monkeypatch.setattr(time_limit, "_SLOWEST", 1e12)
        monkeypatch.setattr(sftp_connection, "_STEPS", 0.3)
        ended = threading.Event()
        yield ended
        ended.set()

    def test_that_never_comes_to_its_keys(
        self, sshd: Sshd, key: str, place: Path, opened: Open, ended: threading.Event
    ) -> None:
        with DrippingServer(b"x", ended) as server:
            login = settings(sshd, key, place, port=server.port, timeout_seconds=1)
            with pytest.raises(DestinationUnavailable, match=r"has not let .* in within 0\.3 s"):
                opened("sftp", **login).test()

    def test_that_does_not_answer_a_login(self, opened: Open, ended: threading.Event) -> None:
        with scripted_server("me", "secret", paramiko.Channel.close, ended.wait) as (port, host_key):
            login = {"host": "127.0.0.1", "port": port, "username": "me", "host_key": host_key}
            with pytest.raises(DestinationUnavailable, match="has not let 'me' in") as refused:
                opened("sftp", **login, password="secret", timeout_seconds=1).test()
            ended.set()
        assert not isinstance(refused.value, LoginRefused)

    def test_that_does_not_answer_a_login_in_its_time(
        self, opened: Open, ended: threading.Event, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(sftp_connection, "_STEPS", 30)
        with scripted_server("me", "secret", paramiko.Channel.close, ended.wait) as (port, host_key):
            login = {"host": "127.0.0.1", "port": port, "username": "me", "host_key": host_key}
            with pytest.raises(DestinationUnavailable, match="not answered the login") as refused:
                opened("sftp", **login, password="secret", timeout_seconds=1).test()
            ended.set()
        assert not isinstance(refused.value, LoginRefused)

    def test_that_answers_byte_by_byte(self, tmp_path: Path, opened: Open, ended: threading.Event) -> None:
        def serve(channel: paramiko.Channel) -> None:
            def drip(piece: bytes) -> None:
                for byte in piece:
                    channel.sendall(bytes([byte]))
                    # The first answer, which is that SFTP is there, is given at once.
                    if begun.is_set():
                        ended.wait(0.05)
                begun.set()

            begun = threading.Event()
            serve_files(tmp_path, channel, drip)

        with scripted_server("me", "secret", serve) as (port, host_key):
            login = {"host": "127.0.0.1", "port": port, "username": "me", "host_key": host_key}
            sender = opened("sftp", **login, password="secret", transfer_timeout_seconds=3)
            with pytest.raises(DestinationUnavailable, match="is too slow: a file of"):
                sender.send(outgoing(make_image()))
            ended.set()
            sender.send(outgoing(make_image()))
            sender.close()


class TestBrokenLine:
    """A connection that breaks, hangs or ends costs an attempt, never an image."""

    def test_a_transfer_goes_on_where_it_was_cut(
        self, sshd: Sshd, key: str, place: Path, opened: Open
    ) -> None:
        first, second = make_image(), make_image(size=3_000_000)
        with TcpProxy(sshd.port, cut_after=1_500_000) as proxy:
            sender = opened("sftp", **settings(sshd, key, place, host=proxy.host, port=proxy.port))
            with pytest.raises(DestinationUnavailable, match="broken off") as broken:
                sender.send(outgoing(first, second))
            assert broken.value.arrived == uids([first])
            draft = place / draft_name(file_bytes(second))
            assert names(place) == {f"{first.SOPInstanceUID}.dcm", draft.name}
            # The server still writes what it got when the line was cut.
            wait_until(lambda: draft.stat().st_size > 0, 5, "nothing of it has arrived")
            # No connection lives long enough for the whole file.
            sizes = [draft.stat().st_size]
            while draft.exists():
                with suppress(DestinationUnavailable):
                    sender.send(outgoing(second))
                wait_until(
                    lambda: not draft.exists() or draft.stat().st_size > sizes[-1], 5, "it does not go on"
                )
                sizes.append(draft.stat().st_size if draft.exists() else len(file_bytes(second)))
            assert len(sizes) > 2
            sender.close()
        assert names(place) == {f"{image.SOPInstanceUID}.dcm" for image in (first, second)}
        assert (place / f"{second.SOPInstanceUID}.dcm").read_bytes() == file_bytes(second)

    def test_a_draft_that_is_not_its_beginning_is_thrown_away(
        self, sshd: Sshd, key: str, place: Path, opened: Open
    ) -> None:
        image = make_image(size=100_000)
        place.mkdir()
        (place / draft_name(file_bytes(image))).write_bytes(b"something else")
        sender = opened("sftp", **settings(sshd, key, place))
        sender.send(outgoing(image))
        sender.close()
        assert (place / f"{image.SOPInstanceUID}.dcm").read_bytes() == file_bytes(image)
        assert names(place) == {f"{image.SOPInstanceUID}.dcm"}

    def test_a_server_that_does_not_go_on(self, sshd: Sshd, key: str, place: Path, opened: Open) -> None:
        with TcpProxy(sshd.port) as proxy:
            login = settings(sshd, key, place, host=proxy.host, port=proxy.port)
            sender = opened("sftp", **login, transfer_timeout_seconds=1)
            sender.send(outgoing(make_image()))
            proxy.hold()
            with pytest.raises(DestinationUnavailable, match="not answered for 1 s"):
                sender.send(outgoing(make_image()))
            sender.close()

    def test_a_server_that_does_not_begin(self, sshd: Sshd, key: str, place: Path, opened: Open) -> None:
        with TcpProxy(sshd.port) as proxy:
            proxy.hold()
            login = settings(sshd, key, place, host=proxy.host, port=proxy.port)
            with pytest.raises(DestinationUnavailable):
                opened("sftp", **login, timeout_seconds=1).test()

    def test_a_kept_connection_that_has_gone_is_made_anew(
        self, sshd: Sshd, key: str, place: Path, opened: Open
    ) -> None:
        image = make_image()
        with TcpProxy(sshd.port, cut_after=100_000_000) as proxy:
            login = settings(sshd, key, place, host=proxy.host, port=proxy.port)
            sender = opened("sftp", **login)
            sender.send(outgoing(make_image()))
            [(_, connection)] = sender._idle  # type: ignore[attr-defined]
            proxy.cut_after = 0
            with pytest.raises(DestinationUnavailable):
                sender.send(outgoing(image))
            proxy.cut_after = None
            sender.send(outgoing(image))
            assert not connection.alive
            sender.close()
        assert f"{image.SOPInstanceUID}.dcm" in names(place)

    def test_nobody_listens(self, sshd: Sshd, key: str, place: Path, opened: Open) -> None:
        with pytest.raises(DestinationUnavailable, match="check that the server runs"):
            opened("sftp", **settings(sshd, key, place, port=free_port())).test()

    def test_an_unknown_host(self, sshd: Sshd, key: str, place: Path, opened: Open) -> None:
        with pytest.raises(DestinationUnavailable, match="not known"):
            opened("sftp", **settings(sshd, key, place, host="no-such-host.invalid")).test()


def test_connections_are_kept_from_batch_to_batch_and_closed_at_the_end(
    sshd: Sshd, key: str, place: Path, opened: Open
) -> None:
    sender = opened("sftp", **settings(sshd, key, place))
    before = sshd.log().count("Accepted publickey")
    for _ in range(3):
        sender.send(outgoing(make_image()))
    assert sshd.log().count("Accepted publickey") == before + 1
    sender.close()
    assert not [thread.name for thread in threading.enumerate() if thread.name.startswith("router-sftp-idle")]


def test_several_threads_each_have_a_connection(sshd: Sshd, key: str, place: Path, opened: Open) -> None:
    images = [make_image(size=50_000) for _ in range(12)]
    same = make_image(size=500_000)
    sender = opened("sftp", **settings(sshd, key, place))
    problems: list[BaseException] = []

    def send(part: int) -> None:
        try:
            sender.send(outgoing(*images[part::3], same))
        except (DestinationUnavailable, InstancesRefused) as error:
            problems.append(error)

    threads = [threading.Thread(target=send, args=(part,)) for part in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    sender.close()
    assert problems == []
    assert names(place) == {f"{image.SOPInstanceUID}.dcm" for image in (*images, same)}
    assert (place / f"{same.SOPInstanceUID}.dcm").read_bytes() == file_bytes(same)


@pytest.mark.parametrize("is_same", [True, False])
def test_a_name_that_is_taken_while_the_file_is_sent_leaves_no_draft(
    sshd: Sshd, key: str, place: Path, opened: Open, monkeypatch: pytest.MonkeyPatch, is_same: bool
) -> None:
    image = make_image()
    other = make_image(SOPInstanceUID=image.SOPInstanceUID)
    name = f"{image.SOPInstanceUID}.dcm"
    really = SftpConnection._named

    def named(connection: SftpConnection, temporary: str, target: str) -> bool:
        (place / name).write_bytes(file_bytes(image if is_same else other))
        monkeypatch.undo()
        return really(connection, temporary, target)

    monkeypatch.setattr(SftpConnection, "_named", named)
    opened("sftp", **settings(sshd, key, place)).send(outgoing(image))
    assert all(name.endswith(".dcm") for name in names(place)), names(place)
    assert file_bytes(image) in [path.read_bytes() for path in place.iterdir()]


def test_a_full_disk(sshd: Sshd, key: str, place: Path, opened: Open) -> None:
    place.mkdir()
    command = ["mount", "-t", "tmpfs", "-o", "size=64k", "tmpfs", str(place)]
    if os.getuid() != 0 or subprocess.run(command, capture_output=True, check=False).returncode:
        pytest.skip("needs the right to mount a small file system")
    try:
        small, large = make_image(), make_image(size=200_000)
        sender = opened("sftp", **settings(sshd, key, place))
        with pytest.raises(DestinationUnavailable, match="full") as unavailable:
            sender.send(outgoing(small, large))
        assert unavailable.value.arrived == uids([small])
        assert f"{large.SOPInstanceUID}.dcm" not in names(place)
        subprocess.run(["mount", "-o", "remount,size=1m", str(place)], check=True)
        sender.send(outgoing(large))
        sender.close()
        assert (place / f"{large.SOPInstanceUID}.dcm").read_bytes() == file_bytes(large)
    finally:
        wait_until(
            lambda: not subprocess.run(["umount", str(place)], capture_output=True, check=False).returncode
        )


@pytest.mark.parametrize(
    ("changed", "said"),
    [
        ({"host_key": "rubbish"}, "ssh-ed25519"),
        ({"host_key": "ssh-ed25519 AAAA"}, "no ssh-ed25519 key"),
        ({"host_key": None}, "host_key"),
        ({"private_key": None}, "password or a private key"),
        ({"private_key": "rubbish"}, "no private key"),
        ({"private_key": None, "password": "x", "passphrase": "y"}, "passphrase"),
        ({"path": "{{ Nothing }}"}, "dictionary"),
    ],
)
def test_settings_that_are_refused(
    sshd: Sshd, key: str, place: Path, changed: dict[str, object], said: str
) -> None:
    with pytest.raises(ValidationError, match=said):
        SftpSettings.model_validate(settings(sshd, key, place, **changed))


def test_an_encrypted_key_needs_its_passphrase(sshd: Sshd, place: Path) -> None:
    private = sshd.authorize("ed25519", "right")
    with pytest.raises(ValidationError, match="give its passphrase"):
        SftpSettings.model_validate(settings(sshd, private, place))
    with pytest.raises(ValidationError, match="cannot be read with this passphrase"):
        SftpSettings.model_validate(settings(sshd, private, place, passphrase="wrong"))
