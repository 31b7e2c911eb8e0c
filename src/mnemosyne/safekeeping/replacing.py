"""Put a new vault in the place of the old one, so that an interruption leaves one of them whole.

Everything is prepared in the folder ``restoring``. A file ``ready`` there is the decision: before
it is on the disk the old vault stands, afterwards the new one does, and whoever opens the vault
next finishes what is left of the renames.
"""

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

from mnemosyne.kit.vault.durable_file import create_durably, sync_folder
from mnemosyne.kit.vault.home import PRIVATE_FOLDER, VaultHome
from mnemosyne.kit.vault.lock import VaultLock

_STAGING: Final = "restoring"
_ASIDE: Final = "replaced"
_READY: Final = "ready"


@contextmanager
def staging(home: VaultHome) -> Iterator[VaultHome]:
    """Give the folder in which a vault is prepared; it goes unless it was made ready."""
    staged = VaultHome(home.path / _STAGING)
    staged.path.mkdir(mode=PRIVATE_FOLDER)
    try:
        yield staged
    finally:
        if not _ready(home).exists():
            shutil.rmtree(staged.path, ignore_errors=True)


def replace(home: VaultHome) -> None:
    """Let the vault that was prepared take the place of the old one.

    Raises:
        OSError: before the decision the old vault stands; afterwards ``finish`` goes on.
    """
    create_durably(_ready(home), b"")
    finish(home)


def finish(home: VaultHome) -> bool:
    """Finish or undo a restore that was interrupted; return whether there was one.

    The caller has the vault alone.
    """
    staged = VaultHome(home.path / _STAGING)
    aside = home.path / _ASIDE
    unfinished = staged.path.exists() or aside.exists()
    if _ready(home).exists():
        aside.mkdir(mode=PRIVATE_FOLDER, exist_ok=True)
        _exchange(staged.slots, home.slots, [home.previous_slots], aside)
        _exchange(staged.database, home.database, _logs(home.database), aside)
        _ready(home).unlink()
        sync_folder(staged.path)
    for folder in (staged.path, aside):
        shutil.rmtree(folder, ignore_errors=True)
    return unfinished


def finish_interrupted(home: VaultHome, lock: VaultLock) -> bool:
    """Finish or undo a restore that was interrupted, before the vault is opened.

    Raises:
        VaultBusyError: a restore is under way.
    """
    if not any(path.exists() for path in traces(home)):
        return False
    with lock.exclusive():
        return finish(home)


def traces(home: VaultHome) -> tuple[Path, ...]:
    """Return the folders that exist only while a restore is under way, or was interrupted."""
    return home.path / _STAGING, home.path / _ASIDE


def _ready(home: VaultHome) -> Path:
    return home.path / _STAGING / _READY


def _logs(database: Path) -> list[Path]:
    # A log beside a database that it does not belong to would be replayed into it.
    return [database.with_name(database.name + end) for end in ("-wal", "-shm")]


def _exchange(new: Path, old: Path, companions: list[Path], aside: Path) -> None:
    """Rename ``new`` to ``old`` and what was there to ``aside``; may be repeated at any point."""
    if not new.exists():
        return
    for path in (*companions, old):
        if path.exists():
            path.replace(aside / path.name)
    sync_folder(old.parent)
    new.replace(old)
    sync_folder(old.parent)
