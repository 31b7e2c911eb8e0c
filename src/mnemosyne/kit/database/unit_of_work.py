"""One writer thread, a few snapshot readers: a transaction is one hop from the event loop."""

import asyncio
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any, Final, TypeVar

from sqlalchemy import Connection, Engine, event
from sqlalchemy.exc import OperationalError

from mnemosyne.kit.database.connections import BUSY_SECONDS, open_engine
from mnemosyne.kit.database.errors import (
    CommitUnknownError,
    ReadTooLongError,
    WriterStoppedError,
    translated,
)

T = TypeVar("T")
Driver = Any  # sqlcipher3 ships no types

READ_SECONDS: Final = 5.0
# A node that serves admits every request by a read: two that take long keep nobody out.
_READERS: Final = 4
_STEPS_BETWEEN_LOOKS: Final = 20_000
_CHECKPOINT_MILLISECONDS: Final = 250


class Database:
    """Runs units of work: ``write`` in one IMMEDIATE transaction, ``read`` on one snapshot."""

    def __init__(
        self, path: Path, key: bytes | None, *, read_seconds: float = READ_SECONDS
    ) -> None:
        self.path = path
        self._key = key
        self._read_seconds = read_seconds
        self._writer = ThreadPoolExecutor(1, "vault-writer")
        self._readers = ThreadPoolExecutor(_READERS, "vault-reader")
        self._write_engine: Engine | None = None
        self._local = threading.local()
        self._read_engines: list[Engine] = []
        self._stopped = False

    async def write(self, work: Callable[[Connection], T], *, durable: bool = True) -> T:
        """Run ``work`` in one transaction on the writer thread; return when it is durable.

        Without ``durable`` it is visible to everybody and not yet synced: for what is worth
        nothing after a power failure, such as a lease.

        Raises:
            DatabaseBusyError: another process kept the write lock for too long.
            StorageFullError: the disk is full; nothing of ``work`` stays.
            CommitUnknownError: the disk failed; the outcome is unknown and writing ends.
            WriterStoppedError: it failed before.
            DatabaseDamagedError: a page does not authenticate.
        """
        run = self._transact if durable else self._transact_unsynced
        return await asyncio.wrap_future(self._writer.submit(run, work))

    async def read(self, work: Callable[[Connection], T]) -> T:
        """Run ``work`` on one read-only snapshot.

        Raises:
            ReadTooLongError: the snapshot was held for longer than the limit.
            DatabaseDamagedError: a page does not authenticate.
            ReadFailedError: the disk reported an error.
        """
        return await asyncio.wrap_future(self._readers.submit(self._snapshot, work))

    async def maintain(self, work: Callable[[Driver], T]) -> T:
        """Run ``work`` on the writer's driver connection, outside a transaction (checkpoint)."""
        return await asyncio.wrap_future(self._writer.submit(self._outside, work))

    async def checkpoint(self) -> bool:
        """Move the write-ahead log into the file and empty it; False while a reader holds it."""

        def truncate(driver: Driver) -> bool:
            driver.execute(f"PRAGMA busy_timeout = {_CHECKPOINT_MILLISECONDS}")
            try:
                busy, *_ = driver.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()
            finally:
                driver.execute(f"PRAGMA busy_timeout = {int(BUSY_SECONDS * 1000)}")
            return bool(busy == 0)

        return await self.maintain(truncate)

    def close(self) -> None:
        """Finish what is under way and close every connection; once is enough."""
        self._readers.shutdown()
        for engine in self._read_engines:
            engine.dispose()
        if self._write_engine is not None:
            self._writer.submit(self._write_engine.dispose).result()
            self._write_engine = None
        self._writer.shutdown()

    def _engine_to_write(self) -> Engine:
        if self._write_engine is None:
            self._write_engine = open_engine(self.path, self._key, read_only=False)
        return self._write_engine

    def _transact(self, work: Callable[[Connection], T]) -> T:
        with self._writing(), self._engine_to_write().begin() as connection:
            return work(connection)

    def _transact_unsynced(self, work: Callable[[Connection], T]) -> T:
        # With a write-ahead log this loses the last commits at worst, and never damages the file.
        self._outside(lambda driver: driver.execute("PRAGMA synchronous = NORMAL"))
        try:
            return self._transact(work)
        finally:
            if not self._stopped:  # otherwise nothing is written any more, and the reason travels
                self._outside(lambda driver: driver.execute("PRAGMA synchronous = FULL"))

    def _outside(self, work: Callable[[Driver], T]) -> T:
        with self._writing(), closing(self._engine_to_write().raw_connection()) as pooled:
            return work(pooled.dbapi_connection)

    @contextmanager
    def _writing(self) -> Iterator[None]:
        if self._stopped:
            raise WriterStoppedError
        try:
            with translated():
                yield
        except CommitUnknownError:
            # After a failed fsync a second try may report success for data that is gone.
            self._stopped = True
            raise

    def _engine_to_read(self) -> Engine:
        engine: Engine | None = getattr(self._local, "engine", None)
        if engine is None:
            engine = open_engine(self.path, self._key, read_only=True)
            event.listen(engine, "before_cursor_execute", self._look_at_the_clock)
            self._local.engine = engine
            self._read_engines.append(engine)
        return engine

    def _look_at_the_clock(self, *_: object) -> None:
        # Also between statements: the snapshot is held while a caller computes.
        if time.monotonic() > self._local.deadline:
            raise ReadTooLongError(self._read_seconds)

    def _snapshot(self, work: Callable[[Connection], T]) -> T:
        self._local.deadline = deadline = time.monotonic() + self._read_seconds
        with translated(reading=True), self._engine_to_read().connect() as connection:
            driver: Driver = connection.connection.dbapi_connection
            driver.set_progress_handler(lambda: time.monotonic() > deadline, _STEPS_BETWEEN_LOOKS)
            try:
                return work(connection)
            except OperationalError as error:
                if "interrupted" in str(error.orig):
                    raise ReadTooLongError(self._read_seconds) from error
                raise
            finally:
                driver.set_progress_handler(None, 0)
