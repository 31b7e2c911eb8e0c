"""One moment of the database as a file of its own, and a look into such a file."""

import hashlib
from collections.abc import Callable, Sequence
from contextlib import closing
from pathlib import Path
from typing import TypeVar

from sqlalchemy import Connection

from mnemosyne.kit.crypto.stream import CHUNK
from mnemosyne.kit.database.connections import create_file, open_engine
from mnemosyne.kit.database.errors import translated
from mnemosyne.kit.derived_data import DerivedData
from mnemosyne.safekeeping.manifest import Contents, contents_of

T = TypeVar("T")


def take(source: Path, key: bytes | None, target: Path) -> None:
    """Copy the database at ``source`` as it is at one moment to the new file ``target``.

    The copy is encrypted under the same key; writers are not held up.

    Raises:
        StorageFullError, ReadFailedError, DatabaseDamagedError, OSError
    """
    create_file(target)  # private from its first byte on; an empty file is accepted
    engine = open_engine(source, key, read_only=False)
    try:
        with translated(reading=True), closing(engine.raw_connection()) as pooled:
            pooled.cursor().execute("VACUUM INTO ?", (str(target),))
    finally:
        engine.dispose()


def look(path: Path, key: bytes | None, work: Callable[[Connection], T]) -> T:
    """Run ``work`` on the closed database file at ``path``, which nobody else uses.

    Raises:
        DatabaseDamagedError, ReadFailedError
    """
    engine = open_engine(path, key, read_only=True)
    try:
        with translated(reading=True), engine.connect() as connection:
            return work(connection)
    finally:
        engine.dispose()


def change(path: Path, key: bytes | None, work: Callable[[Connection], T]) -> T:
    """Run ``work`` in one transaction on a closed database file, and close it without a log.

    Raises:
        DatabaseDamagedError, StorageFullError, CommitUnknownError
    """
    engine = open_engine(path, key, read_only=False)
    try:
        with translated(), engine.begin() as connection:
            result = work(connection)
        with translated(), closing(engine.raw_connection()) as pooled:
            pooled.cursor().execute("PRAGMA wal_checkpoint(TRUNCATE)")
        return result
    finally:
        engine.dispose()


def rekey(path: Path, key: bytes, new_key: bytes) -> None:
    """Encrypt every page of a closed database file under ``new_key``, and close it without a log.

    A file whose rekey was interrupted opens with neither key: do it to a copy.

    Raises:
        DatabaseDamagedError, StorageFullError, CommitUnknownError
    """
    engine = open_engine(path, key, read_only=False)
    try:
        with translated(), closing(engine.raw_connection()) as pooled:
            run = pooled.cursor().execute
            run("SELECT count(*) FROM sqlite_master")  # a wrong key is found before a page changes
            run(f"PRAGMA rekey = \"x'{new_key.hex()}'\"")
            run("PRAGMA wal_checkpoint(TRUNCATE)")
    finally:
        engine.dispose()


def damage(tx: Connection) -> list[str]:
    """Return what is wrong with the pages of a database and the references between its rows."""
    found = [f"page: {row[0]}" for row in tx.exec_driver_sql("PRAGMA cipher_integrity_check")]
    if found:
        return found
    structure = [str(row[0]) for row in tx.exec_driver_sql("PRAGMA integrity_check")]
    foreign = [
        f"a row of {row[0]} refers to a missing row of {row[2]}"
        for row in tx.exec_driver_sql("PRAGMA foreign_key_check")
    ]
    return [each for each in structure if each != "ok"] + foreign


def contents(path: Path, key: bytes | None, providers: Sequence[DerivedData]) -> Contents:
    """Count and sum what is in the closed database file at ``path``."""
    return look(path, key, lambda tx: contents_of(tx, providers))


def digest(path: Path) -> tuple[int, str]:
    """Return size and SHA-256 of a file."""
    found = hashlib.sha256()
    size = 0
    with path.open("rb") as file:
        while block := file.read(CHUNK):
            found.update(block)
            size += len(block)
    return size, found.hexdigest()
