"""Where the write-ahead log ends the protection, as the threat model says."""

import shutil
from pathlib import Path

from sqlalchemy import Connection, text

from mnemosyne.kit.database import Database
from tests.kit.database.writer_process import ROW, TABLE
from tests.vaults import KEY

STORED = ["first", "second", "third"]


def names(tx: Connection) -> list[str]:
    return list(tx.execute(text("SELECT name FROM written ORDER BY rowid")).scalars())


async def test_a_flipped_bit_in_the_log_ends_it_there_and_is_never_data(
    database: Database, tmp_path: Path
) -> None:
    await database.write(lambda tx: tx.execute(text(TABLE)))
    assert await database.checkpoint()
    for name in STORED:
        await database.write(
            lambda tx, name=name: tx.execute(ROW, {"name": name, "size": 100})  # type: ignore[misc]
        )

    found = {len(await _after_a_flip(database.path, tmp_path, share)) for share in range(8)}

    # What a crash leaves and what was changed look alike to SQLite: earlier commits stand, later
    # ones are gone, and nothing is told.
    assert max(found) < len(STORED)
    assert min(found) == 0


async def _after_a_flip(path: Path, folder: Path, share: int) -> list[str]:
    """Read a copy whose log has one bit changed, ``share`` eighths from its start."""
    reopened = Database(_flipped(path, folder / f"{share}.db", share), KEY)
    try:
        there = await reopened.read(names)
    finally:
        reopened.close()
    assert there == STORED[: len(there)]
    return there


def _flipped(path: Path, copy: Path, share: int) -> Path:
    shutil.copy(path, copy)
    log = bytearray(path.with_name(f"{path.name}-wal").read_bytes())
    log[len(log) * share // 8 + 40] ^= 1
    copy.with_name(f"{copy.name}-wal").write_bytes(log)
    return copy
