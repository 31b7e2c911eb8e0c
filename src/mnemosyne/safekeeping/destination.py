"""Folders in which backups lie, and files that get their name only when they are whole."""

import errno
import fcntl
import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import BinaryIO, Final, TypeVar

from mnemosyne.kit.vault.durable_file import PRIVATE_FILE, sync_folder
from mnemosyne.kit.vault.home import VaultHome
from mnemosyne.safekeeping.backup_errors import BackupDestinationError

T = TypeVar("T")

PARTIAL: Final = ".partial"
_OURS: Final = ".mnemosyne-*.backup"


def resolved(folder: Path, home: VaultHome) -> Path:
    """Return the real path of a folder for backups; the last part of it is made if need be.

    Raises:
        BackupDestinationError: it cannot be one.
    """
    real = folder.expanduser().resolve()
    if real.is_relative_to(home.path.resolve()):
        raise BackupDestinationError(
            folder,
            "It is inside the vault's own folder, so both would be lost together.",
            "Choose a folder on another disk.",
        )
    if real.exists() and not real.is_dir():
        raise BackupDestinationError(folder, "It is a file.", "Name a folder.")
    try:
        real.mkdir(mode=0o700, exist_ok=True)
    except OSError as error:
        raise BackupDestinationError(
            folder,
            f"The system says: {error.strerror or error}.",
            "Connect the medium, or make the folder; only its last part is made for you.",
        ) from error
    return real


def write_whole(
    path: Path, content: Callable[[BinaryIO], T], proof: Callable[[Path], None] | None = None
) -> T:
    """Write a new private file at ``path`` and return what ``content`` returns.

    It has its name only once it is whole, synced, and passed ``proof``, which is told where it
    lies until then. What an attempt that was killed left there goes first.

    Raises:
        FileExistsError: there is one already.
        OSError: the system refused; nothing is left.
    """
    partial = unfinished(path)
    if _abandoned(partial):
        partial.unlink(missing_ok=True)
    descriptor = os.open(partial, os.O_RDWR | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW, PRIVATE_FILE)
    try:
        with open(descriptor, "r+b") as file:  # noqa: PTH123 - the descriptor carries O_EXCL
            # Held while it grows, so that what a crash left can be told from work in progress.
            fcntl.flock(file, fcntl.LOCK_EX)
            result = content(file)
            file.flush()
            os.fsync(file.fileno())
            if proof is not None:
                proof(partial)
            if path.exists():
                raise FileExistsError(errno.EEXIST, os.strerror(errno.EEXIST), str(path))
            # Not a link, which would refuse to take a file's place: sticks often know none.
            partial.rename(path)
        sync_folder(path.parent)
        return result
    finally:
        with suppress(OSError):
            partial.unlink(missing_ok=True)


@contextmanager
def gone_unless_recorded(path: Path) -> Iterator[None]:
    """Take the file at ``path`` away again when the block, which records it, fails."""
    try:
        yield
    except BaseException:
        path.unlink(missing_ok=True)
        raise


def unfinished(path: Path) -> Path:
    """Return where the file that is to be named ``path`` lies until then."""
    return path.with_name(f".{path.name}{PARTIAL}")


def leftovers(folder: Path) -> list[Path]:
    """Return unfinished backups in ``folder`` that nobody is writing any more."""
    # Other programs leave partial files as well, which are not ours to remove.
    return [path for path in sorted(folder.glob(f"{_OURS}{PARTIAL}")) if _abandoned(path)]


def _abandoned(path: Path) -> bool:
    try:
        # Neither through a link nor waiting at a pipe, which others may have put there.
        descriptor = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK)
    except OSError:
        return False
    try:
        fcntl.flock(descriptor, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except OSError:
        return False
    finally:
        os.close(descriptor)
    return True
