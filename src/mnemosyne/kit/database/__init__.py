"""The relational store: one encrypted file, one writer, snapshots for readers."""

from mnemosyne.kit.database.errors import (
    CommitUnknownError,
    DatabaseBusyError,
    DatabaseDamagedError,
    ReadFailedError,
    ReadTooLongError,
    StorageFullError,
    WriterStoppedError,
)
from mnemosyne.kit.database.schema import UtcDateTime, metadata
from mnemosyne.kit.database.unit_of_work import Database

__all__ = [
    "CommitUnknownError",
    "Database",
    "DatabaseBusyError",
    "DatabaseDamagedError",
    "ReadFailedError",
    "ReadTooLongError",
    "StorageFullError",
    "UtcDateTime",
    "WriterStoppedError",
    "metadata",
]
