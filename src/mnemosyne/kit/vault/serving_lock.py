"""One node that serves a vault: limits, confirmations and jobs live in one process alone."""

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final

from pydantic import ValidationError

from mnemosyne.kit.errors import MnemosyneError
from mnemosyne.kit.vault.durable_file import PRIVATE_FILE
from mnemosyne.kit.vault.lock import VaultLock, VaultLockError, VaultUser

_NAME: Final = "serving.lock"
_LARGEST: Final = 4096


class AlreadyServedError(MnemosyneError):
    """Another process serves this vault."""

    code = "already-served"

    def __init__(self, user: VaultUser | None) -> None:
        super().__init__(
            f"this vault is served already by {user or 'another process'}",
            why="What a node counts and remembers while it serves, as limits, confirmations and "
            "jobs, would be there twice.",
            hint="Use that one, or end it and start again; `mnemosyne status` names the processes.",
        )
        self.user = user


@contextmanager
def alone_serving(lock: VaultLock) -> Iterator[None]:
    """Be the one process that serves the vault of ``lock``, which stays open to shell commands.

    Raises:
        AlreadyServedError: another one is.
        VaultLockError: the system refused.
    """
    # A file of its own, which stays: the kernel drops the lock of a process that dies.
    try:
        descriptor = _taken(lock)
    except OSError as error:
        raise VaultLockError(lock.home.path, error.strerror or str(error)) from error
    try:
        yield
    finally:
        os.close(descriptor)


def _taken(lock: VaultLock) -> int:
    place = lock.home.processes / _NAME
    descriptor = os.open(place, os.O_RDWR | os.O_CREAT | os.O_NOFOLLOW, PRIVATE_FILE)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        user = VaultUser(pid=os.getpid(), command=lock.command, since=lock.clock(), alone=False)
        os.ftruncate(descriptor, 0)
        os.pwrite(descriptor, user.model_dump_json().encode("utf-8"), 0)
    except BlockingIOError as error:
        served_by = _named(os.pread(descriptor, _LARGEST, 0))
        os.close(descriptor)
        raise AlreadyServedError(served_by) from error
    except OSError:
        os.close(descriptor)
        raise
    return descriptor


def _named(written: bytes) -> VaultUser | None:
    try:
        return VaultUser.model_validate_json(written)
    except ValidationError:
        return None  # it has taken the lock in this moment, and not said yet who it is
