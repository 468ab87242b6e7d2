# SPDX-License-Identifier: GPL-3.0-or-later
"""Destination kind `folder`: files below a folder of this machine, which may be a mounted one."""

import contextlib
import errno
import os
import secrets
import stat
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import BinaryIO, Literal

from router.destinations.filing import HEAD, Filed, Filing, FilingSettings, already_there, draft_name
from router.destinations.kind import DestinationUnavailable, Installation, Kind
from router.destinations.one_by_one import one_by_one
from router.destinations.outgoing import ImageRefused, Outgoing

#: Opens a folder, never through a symbolic link.
_FOLDER = os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC
_PIECE = 1 << 20
#: How often to write a draft again that another writer of the same image has renamed.
_TRIES = 5

#: Errors about the path of one file, not about the folder as a whole.
_LASTING = frozenset(
    {errno.ENOTDIR, errno.EISDIR, errno.ELOOP, errno.ENAMETOOLONG, errno.EILSEQ, errno.EINVAL}
)

#: Errors of a file system without hard links.
_NO_LINKS = frozenset({errno.EPERM, errno.ENOTSUP, errno.ENOSYS, errno.EMLINK})

_ADVICE = {
    errno.ENOSPC: "The disk is full: make room",
    errno.EDQUOT: "The quota is used up: make room or raise it",
    errno.EACCES: "Orthanc's user may not write there: change the folder's owner or permissions",
    errno.EPERM: "Orthanc's user may not write there: change the folder's owner or permissions",
    errno.EROFS: "The file system can only be read: mount it for writing",
    errno.ENOENT: "The folder is not there: make it, or mount what it is on",
}


class FolderSettings(FilingSettings):
    """A folder below one of the folders that `FolderRoots` of Orthanc's configuration allows."""


class FolderSender:
    """Writes each file to disk under a draft name, then renames it.

    Every folder below the root is opened from the folder above, never through a link. So neither an image nor
    another user with write access to the tree can lead a file out of it.
    """

    def __init__(self, _identifier: str, settings: FolderSettings, installation: Installation) -> None:
        self._root, path = _below_root(settings.path, installation.folder_roots)
        self._filing = Filing(path, settings.file_name)

    def send(self, images: Sequence[Outgoing]) -> None:
        one_by_one(images, self._put)

    def test(self) -> str:
        name = f".router-test-{secrets.token_hex(8)}"
        try:
            with self._told(), self._opened(self._filing.fixed) as folder:
                try:
                    _write(folder, name, b"Orthanc Router was here.\n")
                finally:
                    with contextlib.suppress(FileNotFoundError):
                        os.unlink(name, dir_fd=folder)
        except ImageRefused as error:
            raise DestinationUnavailable(str(error)) from error
        return f"A file was written to {self._root.joinpath(*self._filing.fixed)} and removed."

    def close(self) -> None:
        """Do nothing: there is nothing to close."""

    def _put(self, _image: Outgoing, file: bytes) -> None:
        filed = self._filing.place(file)
        with self._told(), self._opened(filed.folders) as folder:
            if not any(self._kept(folder, name, file, filed) for name in filed.names):
                raise already_there(filed.names)

    def _kept(self, folder: int, name: str, file: bytes, filed: Filed) -> bool:
        """Ensure that a file has this name and content. Return False where another image has the name."""
        draft = draft_name(file)
        for _ in range(_TRIES):
            found = _found(folder, name, file, filed)
            if found == "same":
                return True
            if found == "another":
                return False
            try:
                _write(folder, draft, file)
                if found == "nothing":
                    _give_free_name(folder, draft, name)
                else:
                    os.rename(draft, name, src_dir_fd=folder, dst_dir_fd=folder)
            except (FileNotFoundError, FileExistsError):
                continue  # another writer was quicker
            except OSError:
                with contextlib.suppress(OSError):
                    os.unlink(draft, dir_fd=folder)
                raise
            os.fsync(folder)
            return True
        raise DestinationUnavailable(f"Something removes files from {self._root} while they are written")

    @contextlib.contextmanager
    def _opened(self, folders: Sequence[str]) -> Iterator[int]:
        """Open the last of these nested folders. Makes missing ones."""
        descriptor = self._root_opened()
        try:
            for name in folders:
                above = descriptor
                descriptor = _entered(above, name)
                os.close(above)
            yield descriptor
        finally:
            os.close(descriptor)

    def _root_opened(self) -> int:
        # The administrator chooses the root itself, which may be a link.
        flags = _FOLDER & ~os.O_NOFOLLOW
        try:
            try:
                return os.open(self._root, flags)
            except FileNotFoundError:
                self._root.mkdir(exist_ok=True)
                return os.open(self._root, flags)
        except OSError as error:
            raise self._unavailable(error) from error

    def _unavailable(self, error: OSError) -> DestinationUnavailable:
        advice = _ADVICE.get(
            error.errno or 0, "It cannot be written to: check the disk and how it is mounted"
        )
        return DestinationUnavailable(f"{self._root}: {advice} ({error.strerror})")

    @contextlib.contextmanager
    def _told(self) -> Iterator[None]:
        """Turn errors of the system into messages that a person can act on."""
        try:
            yield
        except OSError as error:
            if error.errno in _LASTING:
                raise ImageRefused(_refusal(error)) from error
            raise self._unavailable(error) from error


def _entered(above: int, name: str) -> int:
    """Return the descriptor of a folder in a folder. Makes it, durably, where it is missing."""
    try:
        return os.open(name, _FOLDER, dir_fd=above)
    except FileNotFoundError:
        with contextlib.suppress(FileExistsError):
            os.mkdir(name, dir_fd=above)
        os.fsync(above)
        return os.open(name, _FOLDER, dir_fd=above)


def _write(folder: int, name: str, content: bytes) -> None:
    """Write a file with this content to disk. Does not empty an existing file first: its name says that its
    bytes are the beginning of the same content, and another writer may be about to rename it."""
    flags = os.O_WRONLY | os.O_CREAT | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC
    descriptor = os.open(name, flags, 0o666, dir_fd=folder)
    with os.fdopen(descriptor, "wb") as stream:
        status = os.fstat(descriptor)
        if not stat.S_ISREG(status.st_mode) or status.st_nlink > 1:
            # Not a file of ours: someone may want to have another file overwritten.
            os.unlink(name, dir_fd=folder)
            raise FileNotFoundError
        stream.write(content)
        stream.truncate()
        stream.flush()
        os.fsync(stream.fileno())


def _give_free_name(folder: int, draft: str, name: str) -> None:
    """Give the draft an unused name. Raises FileExistsError where the name has been taken meanwhile."""
    try:
        os.link(draft, name, src_dir_fd=folder, dst_dir_fd=folder, follow_symlinks=False)
    except OSError as error:
        if error.errno not in _NO_LINKS:
            raise
        os.rename(draft, name, src_dir_fd=folder, dst_dir_fd=folder)
    else:
        with contextlib.suppress(FileNotFoundError):
            os.unlink(draft, dir_fd=folder)


def _found(
    folder: int, name: str, content: bytes, filed: Filed
) -> Literal["nothing", "same", "earlier", "another"]:
    """Return what has this name: the same content, another image, or an earlier state of it (or no image)."""
    try:
        descriptor = os.open(name, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC, dir_fd=folder)
    except FileNotFoundError:
        return "nothing"
    except OSError as error:
        if error.errno == errno.ELOOP:
            return "earlier"  # a link is replaced, not followed
        raise
    with os.fdopen(descriptor, "rb") as stream:
        status = os.fstat(stream.fileno())
        if not stat.S_ISREG(status.st_mode):
            return "earlier"
        if status.st_size == len(content) and _goes_on_with(stream, content):
            # A writer that died may have left it before it was on the disk.
            os.fsync(stream.fileno())
            os.fsync(folder)
            return "same"
        stream.seek(0)
        return "another" if filed.is_of_another(stream.read(HEAD)) else "earlier"


def _goes_on_with(stream: BinaryIO, content: bytes) -> bool:
    """Whether the rest of a file is the beginning of `content`."""
    at = 0
    while piece := stream.read(_PIECE):
        if piece != content[at : at + len(piece)]:
            return False
        at += len(piece)
    return True


def _refusal(error: OSError) -> str:
    if error.errno in {errno.ELOOP, errno.ENOTDIR}:
        return f"A link or a file is where a folder of its path should be ({error.strerror}): move it away"
    return f"Its file cannot be written ({error.strerror}): change the folder or the file name"


def _below_root(path: str, roots: Sequence[Path]) -> tuple[Path, str]:
    """Return the allowed folder that a path is in, and the rest of it. Raises DestinationUnavailable."""
    if not roots:
        raise DestinationUnavailable(
            "No folder is allowed: list the folders that may be written to in FolderRoots, in the section"
            " Router of Orthanc's configuration"
        )
    if not path.startswith("/"):
        return roots[0], path
    for root in roots:
        if path == str(root) or path.startswith(f"{root}/"):
            return root, path.removeprefix(str(root)).strip("/")
    allowed = ", ".join(map(str, roots))
    raise DestinationUnavailable(f"It is not in a folder that FolderRoots allows: {allowed}")


def _problems(settings: FolderSettings, installation: Installation) -> Iterable[tuple[str, str]]:
    try:
        _below_root(settings.path, installation.folder_roots)
    except DestinationUnavailable as error:
        yield ("path", str(error)) if installation.folder_roots else ("", str(error))


KIND = Kind("folder", "Folder", FolderSettings, FolderSender, _problems)
