"""Put a new vault in the place of the old one, so that an interruption leaves one of them whole.

Everything is prepared in the folder ``restoring``. A file ``ready`` there is the decision: before
it is on the disk the old vault stands, afterwards the new one does, and whoever opens the vault
next finishes what is left of the renames. What is prepared is synced before the decision, with
every folder on the way to it: after a loss of power there is no decision without its vault.
"""

import errno
import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

from mnemosyne.kit.vault.durable_file import create_durably, sync_folder
from mnemosyne.kit.vault.home import PRIVATE_FOLDER, VaultHome
from mnemosyne.kit.vault.lock import VaultLock
from mnemosyne.safekeeping import temporary
from mnemosyne.safekeeping.restore_errors import RestoreUnfinishedError

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
        OSError: the old vault stands.
        RestoreUnfinishedError: the new one stands once whoever comes next has gone on.
    """
    _settle(home)
    create_durably(_ready(home), b"")
    finish(home)


def _settle(home: VaultHome) -> None:
    """Make what was prepared durable.

    Raises:
        OSError: the system refused, or the database is not closed.
    """
    staged = VaultHome(home.path / _STAGING)
    for log in _logs(staged.database):
        if log.exists():  # what stands in it would be lost
            raise OSError(errno.EBUSY, os.strerror(errno.EBUSY), str(log))
    for path in sorted(staged.path.iterdir()):
        with path.open("rb") as file:
            os.fsync(file.fileno())
    sync_folder(staged.path)
    sync_folder(home.path)


def finish(home: VaultHome) -> bool:
    """Finish or undo a restore that was interrupted; return whether there was one.

    The caller has the vault alone.

    Raises:
        RestoreUnfinishedError: the system refused; whoever comes next goes on.
    """
    unfinished = _interrupted(home)
    try:
        if _ready(home).exists():
            _take_its_place(home)
        for folder in traces(home):
            shutil.rmtree(folder, ignore_errors=True)
        if unfinished:
            sync_folder(home.path)
    except OSError as error:
        raise RestoreUnfinishedError(home.path, error.strerror or str(error)) from error
    return unfinished


def _take_its_place(home: VaultHome) -> None:
    staged, aside = VaultHome(home.path / _STAGING), home.path / _ASIDE
    aside.mkdir(mode=PRIVATE_FOLDER, exist_ok=True)
    sync_folder(home.path)
    _exchange(staged.slots, home.slots, [home.previous_slots], aside)
    _exchange(staged.database, home.database, _logs(home.database), aside)
    _ready(home).unlink()
    sync_folder(staged.path)


def finish_interrupted(home: VaultHome, lock: VaultLock) -> bool:
    """Finish or undo a restore that was interrupted, before the vault is opened.

    Raises:
        VaultBusyError: a restore is under way.
        RestoreUnfinishedError: the system refused.
    """
    if not _interrupted(home):
        return False
    with lock.exclusive():
        return finish(home)


@contextmanager
def in_use(home: VaultHome, lock: VaultLock) -> Iterator[None]:
    """Use a vault beside others, which is whole: no restore is under way or half done.

    Raises:
        VaultMissingError, VaultIncompleteError: there is no whole vault.
        VaultBusyError: somebody has it alone.
        RestoreUnfinishedError: the system refused.
    """
    while True:
        finish_interrupted(home, lock)
        home.require()
        with lock.shared():
            # A restore that died while this process waited for it has left its traces since.
            if not _interrupted(home):
                temporary.remove_leftovers(home.path)
                yield
                return


def _interrupted(home: VaultHome) -> bool:
    return any(path.exists() for path in traces(home))


def traces(home: VaultHome) -> tuple[Path, ...]:
    """Return the folders that exist only while a restore is under way, or was interrupted."""
    return home.path / _STAGING, home.path / _ASIDE


def _ready(home: VaultHome) -> Path:
    return home.path / _STAGING / _READY


def _logs(database: Path) -> list[Path]:
    # A log beside a database that it does not belong to would be replayed into it.
    return [database.with_name(database.name + end) for end in ("-wal", "-shm", "-journal")]


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
