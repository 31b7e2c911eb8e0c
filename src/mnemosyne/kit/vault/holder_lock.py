"""The lock that a key holder has for as long as it lives: so there is one holder of a vault."""

import fcntl
import os
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Final

_PRIVATE: Final = 0o600
_FLAGS: Final = os.O_RDWR | os.O_CLOEXEC | os.O_NOFOLLOW
_LOOK_AGAIN_SECONDS: Final = 0.02
_DIGITS: Final = 20


class HolderLockTakenError(Exception):
    """Another holder of the same vault lives."""


@contextmanager
def holder_lock(path: Path, seconds: float) -> Iterator[None]:
    """Have the lock at ``path``, waiting at most ``seconds`` for whoever looks whether it is free.

    The file stays: were it removed, two holders could have locked a file each.

    Raises:
        HolderLockTakenError: another holder has it.
        OSError: the file cannot be made.
    """
    descriptor = os.open(path, _FLAGS | os.O_CREAT, _PRIVATE)
    try:
        if not _locked(descriptor, fcntl.LOCK_EX, seconds):
            raise HolderLockTakenError
        os.ftruncate(descriptor, 0)
        os.pwrite(descriptor, str(os.getpid()).encode("ascii"), 0)  # for whoever wants to end it
        yield
    finally:
        os.close(descriptor)


def is_free(path: Path, seconds: float = 0.0) -> bool:
    """Return whether no holder has the lock at ``path``, or gives it up within ``seconds``."""
    try:
        descriptor = os.open(path, _FLAGS)
    except OSError:
        return True
    try:
        return _locked(descriptor, fcntl.LOCK_SH, seconds)
    finally:
        os.close(descriptor)


def last_process(path: Path) -> int | None:
    """Return which process wrote that it has the lock; that says nothing of whether it lives."""
    with suppress(OSError, ValueError):
        return int(path.read_bytes()[:_DIGITS])
    return None


def _locked(descriptor: int, kind: int, seconds: float) -> bool:
    until = time.monotonic() + seconds
    while True:
        try:
            fcntl.flock(descriptor, kind | fcntl.LOCK_NB)
        except BlockingIOError:
            if time.monotonic() >= until:
                return False
            time.sleep(_LOOK_AGAIN_SECONDS)
        else:
            return True
