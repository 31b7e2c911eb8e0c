"""What happens when a process is killed, the disk is full, damaged or failing."""

import os
import random
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import Connection, text

from mnemosyne.kit.database import (
    CommitUnknownError,
    Database,
    DatabaseBusyError,
    DatabaseDamagedError,
    StorageFullError,
)
from mnemosyne.kit.database.connections import open_engine
from tests.house.tree import ROOT
from tests.kit.database.writer_process import ROW, TABLE
from tests.requirements import requirement
from tests.vaults import KEY, copy_file

WRITER = [sys.executable, "-m", "tests.kit.database.writer_process"]


@pytest.fixture
async def written(database: Database) -> Database:
    await database.write(lambda tx: tx.execute(text(TABLE)))
    return database


def row(name: str, size: int = 100) -> dict[str, object]:
    return {"name": name, "size": size}


def names(tx: Connection) -> list[str]:
    return list(tx.execute(text("SELECT name FROM written ORDER BY rowid")).scalars())


def start(database: Database, name: str, *more: str) -> subprocess.Popen[str]:
    """Start a process that writes; what became of each row is read from its output."""
    command = [*WRITER, str(database.path), name, *more]
    return subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True)


def said_by(writer: subprocess.Popen[str], least: int | None = None) -> list[str]:
    """Return the next ``least`` lines of its output, or all that is left when it has ended."""
    assert writer.stdout is not None
    if least is not None:
        return [writer.stdout.readline().strip() for _ in range(least)]
    with writer.stdout as rest:
        said = rest.read().split("\n")[:-1]  # a line without an end was cut by a death
    writer.wait()
    return said


@requirement("processes.together")
async def test_killed_processes_lose_no_acknowledged_write(written: Database) -> None:
    chance = random.Random(4)
    acknowledged: list[str] = []
    for life in range(2):
        writers = [start(written, f"{n}-{life}") for n in range(5)]
        for writer in writers:
            acknowledged += said_by(writer, chance.randrange(5, 25))
        for writer in writers:
            writer.kill()
        for writer in writers:
            acknowledged += said_by(writer)

    stored = await written.read(names)

    assert len(acknowledged) >= 2 * 5 * 5
    assert len(acknowledged) == len(set(acknowledged))
    assert set(acknowledged) <= set(stored)
    assert len(stored) == len(set(stored))
    # At most the write under way at each death is stored without having been acknowledged.
    assert len(stored) - len(acknowledged) <= 2 * 5


@requirement("processes.together")
async def test_processes_that_write_together_lose_and_repeat_nothing(written: Database) -> None:
    writers = [start(written, str(n), "25") for n in range(4)]
    said = [line for writer in writers for line in said_by(writer)]

    everything = sorted(f"{n}-{number}" for n in range(4) for number in range(25))
    assert [writer.returncode for writer in writers] == [0] * 4
    assert sorted(said) == everything
    assert sorted(await written.read(names)) == everything


async def test_a_writer_that_waits_for_too_long_says_that_the_vault_is_busy(
    written: Database,
) -> None:
    await written.maintain(lambda driver: driver.execute("PRAGMA busy_timeout = 20"))
    other = open_engine(written.path, KEY, read_only=False)

    with other.begin(), pytest.raises(DatabaseBusyError) as busy:
        await written.write(names)

    assert busy.value.code == "database-busy"
    assert busy.value.why
    assert "mnemosyne status" in busy.value.hint
    assert await written.read(names) == []
    other.dispose()
    await written.write(lambda tx: tx.execute(ROW, row("later")))


def fill(tx: Connection) -> None:
    for number in range(100):
        tx.execute(ROW, row(f"big-{number}", 65_536))


async def _refuses_and_goes_on(database: Database) -> None:
    await database.write(lambda tx: tx.execute(ROW, row("before")))

    with pytest.raises(StorageFullError) as full:
        await database.write(fill)

    assert full.value.code == "storage-full"
    assert "nothing of this change" in str(full.value)
    assert full.value.why
    assert "Free some space" in full.value.hint
    assert await database.read(names) == ["before"]


@requirement("vault.disk-full")
async def test_without_room_a_write_is_refused_and_later_ones_succeed(written: Database) -> None:
    await written.maintain(lambda driver: driver.execute("PRAGMA max_page_count = 200"))

    await _refuses_and_goes_on(written)

    await written.maintain(lambda driver: driver.execute("PRAGMA max_page_count = 1000000"))
    await written.write(fill)
    assert len(await written.read(names)) == 101


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """Mount a file system of 2 MiB."""
    mount, umount = shutil.which("mount"), shutil.which("umount")
    if sys.platform != "linux" or os.geteuid() != 0 or mount is None or umount is None:
        pytest.skip("only root on Linux can mount a small file system")
    place = tmp_path / "small"
    place.mkdir()
    mounted = subprocess.run(
        [mount, "-t", "tmpfs", "-o", "size=2m", "tmpfs", place], capture_output=True, check=False
    )
    if mounted.returncode != 0:
        pytest.skip("this system lets nobody mount a file system")
    yield place
    subprocess.run([umount, "-l", place], check=True)  # also where a test left a file open


@requirement("vault.disk-full")
async def test_a_disk_that_is_really_full_refuses_and_resumes(
    database_template: Path, small_disk: Path
) -> None:
    database = Database(copy_file(database_template, small_disk / "vault.db"), KEY)
    ballast = small_disk / "ballast"
    ballast.write_bytes(bytes(200_000))
    await database.write(lambda tx: tx.execute(text(TABLE)))

    await _refuses_and_goes_on(database)

    ballast.unlink()
    await database.write(lambda tx: tx.execute(ROW, row("after", 100_000)))
    assert await database.read(names) == ["before", "after"]
    database.close()


async def _everything(path: Path) -> list[str]:
    """Read all there is, with what the engine itself finds wrong."""

    def read(tx: Connection) -> list[str]:
        wrong = [str(found[0]) for found in tx.exec_driver_sql("PRAGMA cipher_integrity_check")]
        if wrong:
            raise DatabaseDamagedError(wrong[0])
        return names(tx)

    database = Database(path, KEY)
    try:
        return await database.read(read)
    finally:
        database.close()


@requirement("vault.flipped-bit")
async def test_a_flipped_bit_is_damage_and_never_data(
    written: Database, tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    await written.write(lambda tx: tx.execute(ROW, row("kept", 50_000)))
    written.close()
    whole = written.path.read_bytes()
    assert await _everything(written.path) == ["kept"]
    pages = [page * 4096 for page in range(len(whole) // 4096)]
    chance = random.Random(5)

    for place in [*pages, *(page + 4095 for page in pages), *chance.sample(range(len(whole)), 60)]:
        changed = bytearray(whole)
        changed[place] ^= 1 << chance.randrange(8)
        damaged = tmp_path / "damaged.db"
        damaged.write_bytes(changed)
        with pytest.raises(DatabaseDamagedError) as found:
            await _everything(damaged)
        assert found.value.code == "database-damaged"
        assert found.value.detail in found.value.why
        assert "mnemosyne restore" in found.value.hint
        damaged.unlink()

    assert capfd.readouterr() == ("", "")


async def test_reading_a_damaged_page_is_reported_without_a_check(written: Database) -> None:
    await written.write(lambda tx: tx.execute(ROW, row("kept", 500_000)))
    written.close()
    with written.path.open("r+b") as file:
        file.seek(-4096 * 20, os.SEEK_END)
        byte = file.read(1)
        file.seek(-4096 * 20, os.SEEK_END)
        file.write(bytes([byte[0] ^ 1]))
    reopened = Database(written.path, KEY)
    digest = text("SELECT hex(filling) FROM written")

    with pytest.raises(DatabaseDamagedError):
        await reopened.read(lambda tx: tx.execute(digest).all())
    reopened.close()


async def test_a_wrong_key_is_one_clear_error_without_noise(
    database_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    database = Database(database_path, KEY[::-1])

    with pytest.raises(DatabaseDamagedError):
        await database.read(lambda tx: tx.exec_driver_sql("SELECT * FROM person"))
    with pytest.raises(DatabaseDamagedError):
        await database.write(lambda tx: tx.exec_driver_sql("SELECT * FROM person"))

    database.close()
    assert capfd.readouterr() == ("", "")


def run_writer(under: list[str], database: Database, *more: str) -> list[str] | None:
    """Run a writer inside another command; return what it said, or None where that fails."""
    done = subprocess.run(
        [*under, *WRITER, str(database.path), "a", *more],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    return done.stdout.splitlines() if done.returncode == 0 else None


async def _is_unknown_once(database: Database, said: list[str]) -> None:
    """Check that one commit was unknown, none was tried after it, and nothing earlier is lost."""
    assert said.count("commit-unknown") == 1
    failed = said.index("commit-unknown")
    assert all(line.startswith("a-") for line in said[:failed])
    assert set(said[failed + 1 :]) == {"writer-stopped"}

    stored = set(await database.read(names))
    assert set(said[:failed]) <= stored
    assert len(stored.difference(said[:failed])) <= 1


async def test_after_an_error_of_the_disk_the_process_writes_no_more(written: Database) -> None:
    # The kernel refuses to write beyond the limit, which reaches the program as an I/O error.
    limited = ["/bin/sh", "-c", 'ulimit -f 800 && exec "$@"', "sh"]

    said = run_writer(limited, written, "40", "40000")

    assert said is not None
    assert said[0] == "a-0"
    await _is_unknown_once(written, said)


@pytest.mark.skipif(shutil.which("strace") is None, reason="strace makes a sync fail")
async def test_after_a_failed_sync_the_process_writes_no_more(written: Database) -> None:
    fail = "inject=fsync,fdatasync:error=EIO:when=4"
    strace = [shutil.which("strace") or "", "-f", "-qq", "-o", os.devnull]

    said = run_writer([*strace, "-e", "trace=fsync,fdatasync", "-e", fail], written, "10")

    if said is None:
        pytest.skip("this system lets no process be traced")
    await _is_unknown_once(written, said)


def test_an_unknown_commit_tells_how_to_repeat_it_safely() -> None:
    unknown = CommitUnknownError()

    assert unknown.code == "commit-unknown"
    assert "may or may not be stored" in str(unknown)
    assert unknown.why
    assert "--idempotency-key" in unknown.hint
