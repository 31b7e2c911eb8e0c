"""Private folders for what must not outlive a command, and an end to those that a crash left.

Such a folder may hold a copy of the whole vault. It is locked while it is used, so that one whose
process died can be told from one at work, and goes before anything that was erased can stay in it.
"""

import fcntl
import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

PREFIX: Final = "temporary-"


@contextmanager
def temporary_folder(inside: Path | None) -> Iterator[Path]:
    """Give a folder of mode 0700 below ``inside``, or the system's place, and remove it after."""
    folder, descriptor = _made(inside)
    try:
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)
        os.close(descriptor)


def leftovers(inside: Path) -> list[Path]:
    """Return the temporary folders below ``inside`` that nobody uses: a crash left them."""
    return [folder for folder in sorted(inside.glob(f"{PREFIX}*")) if _abandoned(folder)]


def remove_leftovers(inside: Path) -> None:
    """Remove the temporary folders that a crash left below ``inside``, as far as that works."""
    for folder in leftovers(inside):
        shutil.rmtree(folder, ignore_errors=True)


def _made(inside: Path | None) -> tuple[Path, int]:
    while True:
        folder = Path(tempfile.mkdtemp(prefix=PREFIX, dir=inside))
        try:
            descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
        except FileNotFoundError:
            continue
        fcntl.flock(descriptor, fcntl.LOCK_EX)
        if folder.exists():  # nobody took it for a leftover before it was locked
            return folder, descriptor
        os.close(descriptor)


def _abandoned(folder: Path) -> bool:
    try:
        descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW)
    except OSError:
        return False
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    finally:
        os.close(descriptor)
    return True
