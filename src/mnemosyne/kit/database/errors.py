"""What can go wrong between the program and its file, in words a person can act on."""

from collections.abc import Iterator
from contextlib import contextmanager

import sqlcipher3
from sqlalchemy.exc import DatabaseError

from mnemosyne.kit.errors import MnemosyneError


class DatabaseBusyError(MnemosyneError):
    """Another process held the write lock for longer than the busy timeout."""

    code = "database-busy"

    def __init__(self) -> None:
        super().__init__(
            "the vault is busy",
            why="Another process has been writing for longer than this one may wait.",
            hint="Try again in a moment; `mnemosyne status` names the processes that use it.",
        )


class StorageFullError(MnemosyneError):
    """The disk is full: nothing of this change was stored, everything older can be read."""

    code = "storage-full"

    def __init__(self) -> None:
        super().__init__(
            "the disk is full; nothing of this change was stored",
            why="The file system has no room for the vault to grow.",
            hint="Free some space and repeat the command; what was stored before is safe.",
        )


class CommitUnknownError(MnemosyneError):
    """The disk failed during a commit, so nobody can say whether it is durable."""

    code = "commit-unknown"

    def __init__(self) -> None:
        super().__init__(
            "the disk reported an error while saving; the change may or may not be stored",
            why="After a failed sync the operating system may have dropped the data silently.",
            hint="Check the disk, then repeat the command with the same --idempotency-key.",
        )


class ReadFailedError(MnemosyneError):
    """The disk failed while the vault was read; nothing was being written."""

    code = "read-failed"

    def __init__(self) -> None:
        super().__init__(
            "the disk reported an error while the vault was read",
            why="The operating system could not give back what is stored there.",
            hint="Check the disk; what cannot be read again is in the newest backup.",
        )


class WriterStoppedError(MnemosyneError):
    """An earlier commit failed in this process, so it writes no more."""

    code = "writer-stopped"

    def __init__(self) -> None:
        super().__init__(
            "this process has stopped writing",
            why="An earlier commit failed at the disk, and its outcome is unknown.",
            hint="Restart the program; it re-reads what is really stored.",
        )


class ReadTooLongError(MnemosyneError):
    """A read-only snapshot was held for too long."""

    code = "read-too-long"

    def __init__(self, seconds: float) -> None:
        super().__init__(
            f"reading took longer than {seconds:g} seconds and was stopped",
            why="A snapshot that stays open keeps erased text in the write-ahead log.",
            hint="Narrow the question: a time range, a tag or a domain.",
        )
        self.seconds = seconds


class DatabaseDamagedError(MnemosyneError):
    """The file is not what was written: wrong key, a flipped bit or a foreign file."""

    code = "database-damaged"

    def __init__(self, detail: str) -> None:
        super().__init__(
            "the vault's database cannot be read",
            why=f"{detail}. A page is damaged, or the file belongs to another vault.",
            hint="Restore the newest backup: `mnemosyne restore FILE`; "
            "`mnemosyne doctor` says what is damaged.",
        )
        self.detail = detail


def _translate(message: str, *, reading: bool) -> MnemosyneError | None:
    text = message.lower()
    if "database is locked" in text or "database table is locked" in text:
        return DatabaseBusyError()
    if "disk is full" in text:
        return StorageFullError()
    if "disk i/o error" in text:
        return ReadFailedError() if reading else CommitUnknownError()
    if "malformed" in text or "not a database" in text or "hmac" in text:
        return DatabaseDamagedError(message)
    return None


@contextmanager
def translated(*, reading: bool = False) -> Iterator[None]:
    """Turn the driver's storage errors into ours; let every other error travel.

    Raises:
        DatabaseBusyError, StorageFullError, DatabaseDamagedError,
        CommitUnknownError, or ReadFailedError while ``reading``.
    """
    try:
        yield
    except (DatabaseError, sqlcipher3.DatabaseError) as error:
        orig = error.orig if isinstance(error, DatabaseError) else error
        if (known := _translate(str(orig), reading=reading)) is None:
            raise
        raise known from error
