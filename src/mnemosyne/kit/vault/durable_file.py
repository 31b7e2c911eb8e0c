"""Small private files that are on the disk, whole, once the call returns."""

import os
from contextlib import suppress
from pathlib import Path
from typing import Final

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

    Raises:
        OSError: it could not be written, and the old file stands; or the folder could not be
            synced, and after a loss of power either may stand.
    """
    new = path.with_name(f"{path.name}.new")
    new.unlink(missing_ok=True)  # of an attempt that was killed
    try:
        create_durably(new, content)
        new.replace(path)
    except OSError:
        with suppress(OSError):
            new.unlink(missing_ok=True)
        raise
    sync_folder(path.parent)


def sync_folder(folder: Path) -> None:
    """Make the names in ``folder`` durable."""
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
