"""Transactions, snapshots and what every connection is set to."""

import asyncio
import threading
import time
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Column, Connection, Integer, MetaData, String, Table, func, insert, select
from sqlalchemy.exc import IntegrityError, OperationalError, StatementError

from mnemosyne.kit.database import (
    CommitUnknownError,
    Database,
    ReadTooLongError,
    UtcDateTime,
    WriterStoppedError,
)
from mnemosyne.kit.database.connections import create_file
from mnemosyne.kit.database.unit_of_work import READ_SECONDS
from tests.clock import START
from tests.requirements import requirement
from tests.vaults import KEY

note = Table(
    "note",
    MetaData(),
    Column("id", Integer, primary_key=True),
    Column("text", String),
    Column("at", UtcDateTime),
)


def count(tx: Connection) -> int:
    return int(tx.execute(select(func.count()).select_from(note)).scalar_one())


def add(tx: Connection, text: str = "x") -> None:
    tx.execute(insert(note).values(text=text, at=START))


@pytest.fixture
async def notes(database: Database) -> Database:
    await database.write(note.create)
    return database


def names_in(folder: Path) -> list[str]:
    return [file.name for file in folder.iterdir()]


def settings_of(tx: Connection) -> dict[str, Any]:
    names = "journal_mode", "synchronous", "secure_delete", "temp_store", "foreign_keys"
    return {name: tx.exec_driver_sql(f"PRAGMA {name}").scalar() for name in names}


@requirement("vault.pragmas")
async def test_every_connection_is_durable_and_leaves_nothing_behind(database: Database) -> None:
    wanted = {
        "journal_mode": "wal",
        "synchronous": 2,  # FULL
        "secure_delete": 1,
        "temp_store": 2,  # MEMORY
        "foreign_keys": 1,
    }
    met: list[threading.Thread] = []
    both_read = threading.Barrier(2, timeout=30)

    def read(tx: Connection) -> dict[str, Any]:
        both_read.wait()  # so that two threads, hence two connections, answer
        met.append(threading.current_thread())
        return settings_of(tx)

    assert await database.write(settings_of) == wanted
    first, second = await asyncio.gather(database.read(read), database.read(read))
    assert first == second == wanted
    assert len(set(met)) == 2


async def test_the_file_is_encrypted_by_the_engine(database: Database) -> None:
    def version(tx: Connection) -> str:
        return str(tx.exec_driver_sql("PRAGMA cipher_version").scalar())

    assert (await database.write(version))[0].isdigit()
    await database.write(lambda tx: tx.exec_driver_sql("CREATE TABLE harmless (plain_word)"))
    for file in database.path.parent.iterdir():
        assert b"SQLite format" not in file.read_bytes()
        assert b"plain_word" not in file.read_bytes()


async def test_work_returns_its_value_and_stays(notes: Database) -> None:
    await notes.write(add)

    assert await notes.read(count) == 1
    assert await notes.write(count) == 1


async def test_work_that_fails_leaves_nothing(notes: Database) -> None:
    def work(tx: Connection) -> None:
        add(tx)
        add(tx)
        raise LookupError("halfway")

    with pytest.raises(LookupError, match="halfway"):
        await notes.write(work)

    assert await notes.read(count) == 0
    await notes.write(add)
    assert await notes.read(count) == 1


async def test_a_refusal_of_the_database_travels_and_rolls_back(notes: Database) -> None:
    def work(tx: Connection) -> None:
        tx.execute(insert(note).values(id=1))
        tx.execute(insert(note).values(id=1))

    with pytest.raises(IntegrityError):
        await notes.write(work)

    assert await notes.read(count) == 0


async def test_a_refusal_of_the_database_quotes_nothing_of_what_was_written(
    notes: Database,
) -> None:
    def work(tx: Connection) -> None:
        for _ in range(2):
            tx.execute(insert(note).values(id=1, text="dear diary"))

    with pytest.raises(IntegrityError) as refused:
        await notes.write(work)

    assert "dear diary" not in str(refused.value)


async def test_writes_that_arrive_together_run_one_after_another(notes: Database) -> None:
    def work(tx: Connection) -> int:
        before = count(tx)
        add(tx)
        return before

    assert await asyncio.gather(*[notes.write(work) for _ in range(20)]) == list(range(20))


@requirement("vault.snapshots")
async def test_a_read_sees_one_snapshot(notes: Database) -> None:
    first_look, written = threading.Event(), threading.Event()

    def read(tx: Connection) -> tuple[int, int]:
        before = count(tx)
        first_look.set()
        assert written.wait(30)
        return before, count(tx)

    reading = asyncio.create_task(notes.read(read))
    await asyncio.to_thread(first_look.wait, 30)
    await notes.write(add)
    written.set()

    assert await reading == (0, 0)
    assert await notes.read(count) == 1


@requirement("vault.snapshots")
async def test_a_read_cannot_write(notes: Database) -> None:
    with pytest.raises(OperationalError, match="readonly"):
        await notes.read(add)

    assert await notes.read(count) == 0


def endless(tx: Connection) -> int:
    counting = (
        "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) SELECT max(i) FROM n"
    )
    return int(tx.exec_driver_sql(counting).scalar_one())


@requirement("vault.snapshots")
async def test_a_statement_that_reads_for_too_long_is_stopped(database_path: Path) -> None:
    database = Database(database_path, KEY, read_seconds=0.05)

    with pytest.raises(ReadTooLongError) as stopped:
        await database.read(endless)

    assert READ_SECONDS == 5
    assert stopped.value.code == "read-too-long"
    assert stopped.value.seconds == 0.05
    assert "0.05 seconds" in str(stopped.value)
    assert stopped.value.why
    assert "Narrow" in stopped.value.hint
    assert await database.read(lambda tx: tx.exec_driver_sql("SELECT 1").scalar()) == 1
    database.close()


@requirement("vault.snapshots")
async def test_a_snapshot_held_between_statements_for_too_long_is_stopped(
    database_path: Path,
) -> None:
    database = Database(database_path, KEY, read_seconds=0.05)

    def compute(tx: Connection) -> None:
        tx.exec_driver_sql("SELECT 1")
        begun = time.monotonic()
        while time.monotonic() - begun <= 0.05:
            sum(range(1000))
        tx.exec_driver_sql("SELECT 2")

    with pytest.raises(ReadTooLongError):
        await database.read(compute)
    database.close()


async def test_an_ordinary_error_in_a_read_travels(notes: Database) -> None:
    with pytest.raises(OperationalError, match="no such table"):
        await notes.read(lambda tx: tx.exec_driver_sql("SELECT * FROM nowhere"))


async def test_the_log_is_emptied_unless_a_reader_holds_it(notes: Database) -> None:
    holding, done = threading.Event(), threading.Event()

    def hold(tx: Connection) -> None:
        count(tx)
        holding.set()
        assert done.wait(30)

    await notes.write(add)
    reading = asyncio.create_task(notes.read(hold))
    await asyncio.to_thread(holding.wait, 30)
    await notes.write(add)

    assert await notes.checkpoint() is False
    done.set()
    await reading
    assert await notes.checkpoint() is True
    assert notes.path.with_name("vault.db-wal").stat().st_size == 0
    waits = await notes.maintain(lambda driver: driver.execute("PRAGMA busy_timeout").fetchone())
    assert waits == (10_000,)  # back to what a writer waits


async def test_closing_leaves_one_file(notes: Database) -> None:
    await notes.write(add)
    await notes.read(count)

    notes.close()
    notes.close()

    assert names_in(notes.path.parent) == ["vault.db"]


def test_a_database_that_was_never_used_closes(tmp_path: Path) -> None:
    Database(tmp_path / "absent.db", KEY).close()

    assert names_in(tmp_path) == []


async def test_a_file_that_vanished_does_not_come_back_empty(tmp_path: Path) -> None:
    database = Database(tmp_path / "absent.db", KEY)

    with pytest.raises(OperationalError, match="unable to open"):
        await database.read(count)

    assert names_in(tmp_path) == []
    database.close()


def test_a_new_file_is_private_and_never_replaces_another(tmp_path: Path) -> None:
    create_file(tmp_path / "vault.db")

    assert (tmp_path / "vault.db").stat().st_mode & 0o077 == 0
    with pytest.raises(FileExistsError):
        create_file(tmp_path / "vault.db")


@requirement("schema.utc")
@pytest.mark.parametrize(
    "moment",
    [
        START,
        datetime(1, 1, 1, tzinfo=UTC),
        datetime(1969, 12, 31, 23, 59, 59, 999_999, tzinfo=UTC),
        datetime(9999, 12, 31, 23, 59, 59, 999_999, tzinfo=UTC),
        datetime.fromisoformat("2026-03-14T15:09:26.535898+05:45"),
    ],
)
async def test_a_moment_is_stored_as_whole_microseconds_in_utc(
    notes: Database, moment: datetime
) -> None:
    await notes.write(lambda tx: tx.execute(insert(note).values(at=moment)))

    def stored(tx: Connection) -> tuple[datetime, object]:
        raw = tx.exec_driver_sql("SELECT at FROM note").scalar_one()
        return tx.execute(select(note.c.at)).scalar_one(), raw

    read, raw = await notes.read(stored)
    assert read == moment
    assert read.tzinfo is UTC
    assert isinstance(raw, int)


@requirement("schema.utc")
async def test_a_naive_moment_is_refused(notes: Database) -> None:
    naive = START.replace(tzinfo=None)

    with pytest.raises(StatementError, match="offset-naive"):
        await notes.write(lambda tx: tx.execute(insert(note).values(at=naive)))


async def test_no_moment_is_stored_as_none(notes: Database) -> None:
    await notes.write(lambda tx: tx.execute(insert(note).values(at=None)))

    assert await notes.read(lambda tx: tx.execute(select(note.c.at)).scalar_one()) is None


async def test_what_need_not_be_durable_is_seen_at_once_and_syncing_resumes(
    notes: Database,
) -> None:
    def fails(tx: Connection) -> None:
        add(tx)
        raise ZeroDivisionError

    await notes.write(add, durable=False)
    with pytest.raises(ZeroDivisionError):
        await notes.write(fails, durable=False)

    assert await notes.read(count) == 1
    full = 2
    pragma = "PRAGMA synchronous"
    assert await notes.maintain(lambda driver: driver.execute(pragma).fetchone()[0]) == full


async def test_a_commit_of_unknown_outcome_is_told_even_if_it_need_not_be_durable(
    notes: Database,
) -> None:
    def fails(_tx: Connection) -> None:
        raise CommitUnknownError

    with pytest.raises(CommitUnknownError):
        await notes.write(fails, durable=False)
    with pytest.raises(WriterStoppedError):
        await notes.write(add)
