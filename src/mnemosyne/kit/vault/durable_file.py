"""Small private files that are on the disk, whole, once the call returns."""

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import BinaryIO, Final

PRIVATE_FILE: Final = 0o600


def create_durably(path: Path, content: bytes) -> None:
    """Write a new file at ``path``, private to its owner, synced together with its folder.

    Raises:
        FileExistsError: there is a file or a link already.
        OSError: it could not be written; nothing is left of it.
    """
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW, PRIVATE_FILE)
    try:
        with open(descriptor, "wb") as file:  # noqa: PTH123 - the descriptor carries O_EXCL
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        sync_folder(path.parent)
    except OSError:
        path.unlink(missing_ok=True)
        raise


def replace_durably(path: Path, content: bytes) -> None:
    """Put ``content`` in the place of ``path``: readers see the old file or the new one, whole.

    Processes that replace one file take turns, and what a killed one left behind is used up.

    Raises:
        OSError: it could not be written, and the old file stands; or the folder could not be
            synced, and after a loss of power either may stand.
    """
    new = path.with_name(f"{path.name}.new")
    with _owned(new) as file:
        try:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
            sync_folder(path.parent)
            new.replace(path)
        except OSError:
            with suppress(OSError):
                new.unlink(missing_ok=True)
            raise
    sync_folder(path.parent)


@contextmanager
def folder_locked(folder: Path) -> Iterator[None]:
    """Have the files of ``folder`` alone, among those who ask; the kernel frees what dies.

    Raises:
        OSError: the system refused.
    """
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX)
        yield
    finally:
        os.close(descriptor)


@contextmanager
def _owned(path: Path) -> Iterator[BinaryIO]:
    """Give the empty private file at ``path``, locked, whether it is new or was left behind."""
    flags = os.O_RDWR | os.O_CREAT | os.O_NOFOLLOW
    while True:
        if path.is_symlink():
            path.unlink()  # nothing of this program; what it leads to is left alone
        with open(os.open(path, flags, PRIVATE_FILE), "wb") as file:  # noqa: PTH123 - O_NOFOLLOW
            with suppress(OSError):  # a file system that has no locks
                fcntl.flock(file.fileno(), fcntl.LOCK_EX)
            if not _is_at(file.fileno(), path):
                continue  # another process was faster, and has put its own in place
            os.fchmod(file.fileno(), PRIVATE_FILE)
            os.ftruncate(file.fileno(), 0)
            yield file
            return


def _is_at(descriptor: int, path: Path) -> bool:
    try:
        there, open_one = path.lstat(), os.fstat(descriptor)
    except FileNotFoundError:
        return False
    if (there.st_dev, there.st_ino) != (open_one.st_dev, open_one.st_ino):
        return False
    if there.st_nlink > 1:  # it has another name, where nothing may be written
        path.unlink()
        return False
    return True


def sync_folder(folder: Path) -> None:
    """Make the names in ``folder`` durable."""
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
