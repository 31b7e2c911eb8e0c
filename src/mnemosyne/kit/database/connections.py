"""Open the encrypted file: pragmas that make acknowledged mean durable and erased mean gone."""

from pathlib import Path
from typing import Any, Final

import sqlcipher3
from sqlalchemy import Engine, create_engine, event
from sqlalchemy.engine.interfaces import DBAPIConnection
from sqlalchemy.pool import ConnectionPoolEntry, StaticPool

BUSY_SECONDS: Final = 10.0
_PAGE_CACHE_KIB: Final = 16_384


def _connect(path: Path, key: bytes | None, *, read_only: bool) -> Any:  # noqa: ANN401 - untyped driver
    # "rw" never creates: a vault that vanished must not come back as an empty file.
    connection = sqlcipher3.connect(
        f"{path.absolute().as_uri()}?mode=rw",
        uri=True,
        timeout=BUSY_SECONDS,
        isolation_level=None,
        check_same_thread=False,
    )
    run = connection.execute
    run("PRAGMA cipher_log_level = NONE")
    if key is not None:
        run(f"PRAGMA key = \"x'{key.hex()}'\"")
    run("PRAGMA temp_store = MEMORY")
    run("PRAGMA journal_mode = WAL")
    run("PRAGMA synchronous = FULL")
    run("PRAGMA secure_delete = ON")
    run("PRAGMA foreign_keys = ON")
    run("PRAGMA trusted_schema = OFF")
    run(f"PRAGMA cache_size = -{_PAGE_CACHE_KIB}")
    if read_only:
        run("PRAGMA query_only = ON")
    return connection


def open_engine(path: Path, key: bytes | None, *, read_only: bool) -> Engine:
    """Return an engine of exactly one connection to the file at ``path``.

    ``key`` is the raw 256-bit SQLCipher key; ``None`` opens an unencrypted file and exists so
    that the erase tests can look at bare pages. Nothing is read before the first statement.
    """
    engine = create_engine(
        "sqlite://",
        module=sqlcipher3,
        creator=lambda: _connect(path, key, read_only=read_only),
        poolclass=StaticPool,
        hide_parameters=True,  # what a person wrote is in them, and an error may reach a log
    )
    # The driver's own BEGIN is deferred, and a deferred transaction that turns into a writer
    # fails with BUSY at once: writers say IMMEDIATE up front.
    begin = "BEGIN" if read_only else "BEGIN IMMEDIATE"
    event.listen(engine, "connect", _leave_transactions_to_us)
    event.listen(engine, "begin", lambda connection: connection.exec_driver_sql(begin))
    return engine


def _leave_transactions_to_us(connection: DBAPIConnection, _record: ConnectionPoolEntry) -> None:
    connection.isolation_level = None


def create_file(path: Path) -> None:
    """Create the empty database file, private from its first byte on.

    Raises:
        FileExistsError: there is one already.
    """
    path.touch(mode=0o600, exist_ok=False)
